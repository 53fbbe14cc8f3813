// Tests what the routes of the fake answer.
'use strict'

const assert = require('node:assert/strict')
const { after, before, describe, test } = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { requestsTo } = require('../support/fake/request.js')

// Generous: only a call that never settles takes so long.
const HANGS = { timeout: 120_000 }

const MODEL = 'llama-3.2-3b-instruct'
const REPLY = 'Hello from the fake Osaurus. This answer is canned.'

/** @type {import('osaurus-discovery/testing').FakeOsaurus} */
let fake
before(async () => {
  fake = await startFakeOsaurus()
})
after(() => fake.stop())

const { get, post, read } = requestsTo(() => fake.url)

const AGENT = '00000000-0000-0000-0000-000000000001'
const JSON_TYPE = 'application/json; charset=utf-8'
const TEXT_TYPE = 'text/plain; charset=utf-8'
const CHAT = { model: MODEL, messages: [{ role: 'user', content: 'Hello' }] }

describe('routes', HANGS, () => {
  test('GET / answers the banner of Osaurus', async () => {
    const answer = await get('/')
    assert.equal(answer.status, 200)
    assert.equal(answer.headers.get('content-type'), TEXT_TYPE)
    assert.equal(await answer.text(), 'Osaurus Server is running! 🦕')
  })

  test('GET /health answers a JSON object with a time', async () => {
    const answer = await get('/health')
    assert.equal(answer.headers.get('content-type'), JSON_TYPE)
    const { status, timestamp } = await read(answer)
    assert.equal(status, 'healthy')
    assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000)
  })

  test('HEAD answers 204 for every path', async () => {
    for (const path of ['/', '/health', '/v1/models', '/nowhere']) {
      assert.equal((await get(path, { method: 'HEAD' })).status, 204)
    }
  })

  for (const prefix of ['', '/v1', '/api', '/v1/api']) {
    test(`every route answers below ${prefix || 'the root'}`, async () => {
      const reached = await Promise.all([
        get(`${prefix}/health`),
        get(`${prefix}/models`),
        get(`${prefix}/tags`),
        get(`${prefix}/mcp/tools?page=1`),
        post(`${prefix}/chat/completions`, CHAT),
        post(`${prefix}/chat`, CHAT),
        post(`${prefix}/messages`, { ...CHAT, max_tokens: 1 }),
        post(`${prefix}/responses`, { model: MODEL, input: 'Hello' }),
        post(`${prefix}/embeddings`, { model: MODEL, input: 'Hello' }),
        post(`${prefix}/embed`, { model: MODEL, input: 'Hello' }),
        post(`${prefix}/show`, { model: MODEL }),
        post(`${prefix}/completions`, { model: MODEL, prompt: 'Hello' }),
        post(`${prefix}/generate`, { model: MODEL, prompt: 'Hello' }),
        post(`${prefix}/images/generations`, { prompt: 'Hello' }),
        get(`${prefix}/images/models`),
        get(`${prefix}/agents/${AGENT}`),
      ])
      assert.deepEqual(
        reached.map(({ status }) => status),
        reached.map(() => 200),
      )
    })
  }

  test('a prefix alone is the root, and only one prefix is stripped', async () => {
    assert.match(await (await get('/v1')).text(), /^Osaurus Server/)
    assert.equal((await get('/v1/v1/models')).status, 404)
    assert.equal((await get('/v1models')).status, 404)
  })

  test('an unknown path and a wrong method answer 404 in plain text', async () => {
    for (const answer of [
      await get('/nowhere'),
      await get('/v1/chat/completions'),
      await post('/v1/models', {}),
    ]) {
      assert.equal(answer.status, 404)
      assert.equal(answer.headers.get('content-type'), TEXT_TYPE)
      assert.equal(await answer.text(), 'Not Found')
    }
    assert.equal((await get('/constructor')).status, 404)
    assert.equal((await post('/__proto__', {})).status, 404)
  })

  test('MCP reports its health, lists its tools and calls one', async () => {
    assert.deepEqual(await read(await get('/mcp/health')), { status: 'ok' })
    const { tools } = await read(await get('/mcp/tools'))
    assert.deepEqual(
      tools.map((/** @type {{ name: string }} */ { name }) => name),
      ['echo'],
    )
    const called = await post('/mcp/call', { name: 'echo', arguments: { text: 'Hi' } })
    assert.deepEqual(await read(called), { content: [{ type: 'text', text: 'Hi' }], isError: false })
    const unknown = await read(await post('/mcp/call', { name: 'fly' }))
    assert.equal(unknown.isError, true)
  })

  test('the agents are listed, and one is described', async () => {
    const { agents } = await read(await get('/agents'))
    assert.equal(agents[0].effective_model, MODEL)
    assert.deepEqual(await read(await get(`/agents/${agents[1].id}`)), agents[1])
    assert.equal((await get('/agents/unknown')).status, 404)
  })

  test('an agent runs as a chat does, with its own model and without a model from the client', async () => {
    const run = `/v1/agents/${AGENT}/run`
    const tools = [{ type: 'function', function: { name: 'echo' } }]
    const { model, choices } = await read(await post(run, { messages: CHAT.messages, tools }))
    assert.deepEqual([model, choices[0].message], [MODEL, { role: 'assistant', content: REPLY }])
    const streamed = await post(run, { messages: CHAT.messages, stream: true })
    assert.equal(streamed.headers.get('content-type'), 'text/event-stream')
    assert.match(await streamed.text(), /data: \[DONE\]\n\n$/)
    assert.equal((await post(run, {})).status, 400)
    assert.equal((await post('/agents/unknown/run', { messages: CHAT.messages })).status, 404)
  })

  test('a dispatched task is polled and cancelled', async () => {
    const answer = await post(`/agents/${AGENT}/dispatch`, { prompt: 'Tidy up', title: 'Tidy' })
    assert.equal(answer.status, 202)
    const { id, status, poll_url } = await read(answer)
    assert.deepEqual([status, poll_url], ['running', `/v1/tasks/${id}`])
    const task = await read(await get(poll_url))
    assert.deepEqual(task, { id, title: 'Tidy', status: 'completed', result: REPLY })
    assert.equal((await get(poll_url, { method: 'DELETE' })).status, 204)
    assert.equal((await get(poll_url)).status, 404)
    assert.equal((await get(poll_url, { method: 'DELETE' })).status, 404)
    assert.equal((await post(`/agents/${AGENT}/dispatch`, {})).status, 400)
  })

  test('a task runs for as long as the answer takes, and fails with it', async () => {
    let finish = (/** @type {string} */ _) => {}
    const answer = () => new Promise((/** @type {(text: string) => void} */ resolve) => (finish = resolve))
    const slow = await startFakeOsaurus({ answer })
    const failing = await startFakeOsaurus({ answer: () => Promise.reject(new Error('no words')) })
    try {
      const dispatch = async (/** @type {string} */ url) => {
        const sent = { method: 'POST', body: '{"prompt":"Tidy up"}' }
        const { poll_url } = await read(await fetch(`${url}/agents/${AGENT}/dispatch`, sent))
        return async () => read(await fetch(url + poll_url))
      }
      const poll = await dispatch(slow.url)
      assert.equal((await poll()).status, 'running')
      finish('Tidy.')
      assert.equal((await poll()).result, 'Tidy.')
      const { status, result } = await (await dispatch(failing.url))()
      assert.deepEqual([status, result], ['failed', 'Error: no words'])
    } finally {
      await slow.stop()
      await failing.stop()
    }
  })

  test('images are listed, generated and edited', async () => {
    assert.equal((await read(await get('/v1/images/models'))).data.length, 1)
    const { data } = await read(await post('/v1/images/generations', { prompt: 'A dinosaur', n: 2 }))
    assert.equal(data.length, 2)
    assert.equal(Buffer.from(data[0].b64_json, 'base64').subarray(1, 4).toString(), 'PNG')
    assert.equal((await post('/v1/images/generations', {})).status, 400)
    const form = new FormData()
    form.set('image', new Blob(['x']), 'x.png')
    form.set('prompt', 'greener')
    assert.equal((await read(await get('/v1/images/edits', { method: 'POST', body: form }))).data.length, 1)
    assert.equal((await post('/v1/images/edits', {})).status, 400)
  })

  test('memory counts the turns that it ingests', async () => {
    const body = { agent_id: AGENT, conversation_id: '1', turns: [{ user: 'Hi', assistant: 'Hello' }] }
    assert.deepEqual(await read(await post('/memory/ingest', body)), { status: 'ok', turns_ingested: 1 })
    for (const name of ['agent_id', 'conversation_id', 'turns']) {
      assert.equal((await post('/memory/ingest', { ...body, [name]: undefined })).status, 400)
    }
  })

  test('a transcription is text where the form says so', async () => {
    const form = new FormData()
    form.set('file', new Blob(['RIFF']), 'hello.wav')
    const send = () => get('/v1/audio/transcriptions', { method: 'POST', body: form })
    assert.deepEqual(await read(await send()), { text: REPLY })
    form.set('response_format', 'text')
    assert.equal(await (await send()).text(), REPLY)
  })
})

describe('streams', HANGS, () => {
  test('a stream of chat completions ends with [DONE]', async () => {
    const answer = await post('/v1/chat/completions', { ...CHAT, stream: true })
    assert.equal(answer.headers.get('content-type'), 'text/event-stream')
    const events = (await answer.text()).split('\n\n')
    assert.deepEqual(events.slice(-2), ['data: [DONE]', ''])
    assert.ok(events.slice(0, -2).every((event) => JSON.parse(event.replace('data: ', ''))))
  })

  test('a stream of messages has the events of Anthropic in order, each named by its type', async () => {
    const answer = await post('/v1/messages', { ...CHAT, max_tokens: 9, stream: true })
    const events = (await answer.text()).trim().split('\n\n')
    const names = events.map((event) => {
      const [, name, data] = /^event: (\w+)\ndata: (.+)$/.exec(event) ?? []
      assert.equal(JSON.parse(data).type, name)
      return name
    })
    const unique = names.filter((name, index) => name !== names[index - 1])
    assert.deepEqual(unique, [
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
  })

  test('Ollama chats are streamed as lines of JSON, unless stream is false', async () => {
    const answer = await post('/api/chat', CHAT)
    assert.equal(answer.headers.get('content-type'), 'application/x-ndjson')
    const parts = (await answer.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.equal(parts.map(({ message }) => message.content).join(''), REPLY)
    const whole = await post('/api/chat', { ...CHAT, stream: false })
    assert.equal(whole.headers.get('content-type'), JSON_TYPE)
    assert.equal((await read(whole)).message.content, REPLY)
  })

  test('a stream arrives in parts', async () => {
    const answer = await post('/v1/chat/completions', { ...CHAT, stream: true })
    let parts = 0
    for await (const _ of answer.body ?? []) parts++
    assert.ok(parts > 3, `${parts} parts`)
  })
})
