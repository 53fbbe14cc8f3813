// Tests what a test can make the fake's model say, how fast, and what the fake records of it.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { setTimeout: delay } = require('node:timers/promises')
const { eventually } = require('../support/measure.js')
const { dial } = require('../support/fake/raw.js')
const { start } = require('../support/fake/start.js')

// Generous: only a call that never settles takes so long.
const HANGS = { timeout: 120_000 }

const MODEL = 'llama-3.2-3b-instruct'
const REPLY = 'Hello from the fake Osaurus. This answer is canned.'
const HELLO = { role: 'user', content: 'Hello' }
const CHAT = { model: MODEL, messages: [HELLO] }

/**
 * @param {import('osaurus-discovery/testing').FakeOsaurus} fake
 * @param {string} path
 * @param {object} body
 */
async function post(fake, path, body) {
  const response = await fetch(fake.url + path, { method: 'POST', body: JSON.stringify(body) })
  const text = await response.text()
  return {
    status: response.status,
    text,
    json: text.startsWith('{') && !text.includes('\n') ? JSON.parse(text) : null,
  }
}

/** The data of server-sent events. @param {string} text */
const eventsOf = (text) => [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data]) => JSON.parse(data))

describe('answer', HANGS, () => {
  /** Every route on which the model speaks, and where its text is. @type {[string, object, (json: any) => string][]} */
  const routes = [
    ['/v1/chat/completions', CHAT, (json) => json.choices[0].message.content],
    ['/v1/completions', { model: MODEL, prompt: 'Hello' }, (json) => json.choices[0].text],
    ['/v1/responses', { model: MODEL, input: 'Hello' }, (json) => json.output[0].content[0].text],
    ['/v1/messages', { ...CHAT, max_tokens: 9 }, (json) => json.content[0].text],
    ['/api/chat', { ...CHAT, stream: false }, (json) => json.message.content],
    ['/api/generate', { model: MODEL, prompt: 'Hello', stream: false }, (json) => json.response],
    [
      '/agents/00000000-0000-0000-0000-000000000001/run',
      { messages: [HELLO] },
      (json) => json.choices[0].message.content,
    ],
  ]

  for (const [path, body, textOf] of routes) {
    test(`${path} says what the test's function returns for its body`, async (t) => {
      /** @type {any[]} */
      const bodies = []
      const fake = await start(t, {
        answer(given) {
          bodies.push(given)
          return ` Two\n\nlines `
        },
      })
      assert.equal(textOf((await post(fake, path, body)).json), ' Two\n\nlines ')
      assert.deepEqual(bodies, [body])
    })

    test(`${path} says the canned text without a function`, async (t) => {
      const fake = await start(t)
      assert.equal(textOf((await post(fake, path, body)).json), REPLY)
    })
  }

  test('a stream carries the text unchanged, word by word', async (t) => {
    const text = 'One  two\n\n  three.\n'
    const fake = await start(t, { answer: async () => text })
    const events = eventsOf((await post(fake, '/v1/chat/completions', { ...CHAT, stream: true })).text)
    const words = events.map(({ choices }) => choices[0].delta.content).filter(Boolean)
    assert.deepEqual(words, ['One', '  two', '\n\n  three.\n'])
    const lines = (await post(fake, '/api/generate', { model: MODEL, prompt: '' })).text.trim().split('\n')
    assert.equal(lines.map((line) => JSON.parse(line).response).join(''), text)
    const completion = await post(fake, '/v1/completions', { model: MODEL, prompt: '', stream: true })
    assert.equal(
      eventsOf(completion.text)
        .map(({ choices }) => choices[0].text)
        .join(''),
      text,
    )
  })

  test('a text of spaces and an empty text are streamed whole', async (t) => {
    for (const text of ['', ' ', '\n']) {
      const fake = await start(t, { answer: () => text })
      const events = eventsOf(
        (await post(fake, '/v1/messages', { ...CHAT, max_tokens: 9, stream: true })).text,
      )
      assert.equal(events.map(({ delta }) => delta?.text ?? '').join(''), text)
    }
  })

  test('undefined gives the default answer', async (t) => {
    const fake = await start(t, { answer: () => undefined })
    assert.equal((await post(fake, '/v1/chat/completions', CHAT)).json.choices[0].message.content, REPLY)
  })

  test('a function that fails, or returns another value, is answered with 500 and its message', async (t) => {
    for (const [answer, pattern] of /** @type {[any, RegExp][]} */ ([
      [
        () => {
          throw new Error('out of words')
        },
        /out of words/,
      ],
      [() => Promise.reject(new Error('out of words')), /out of words/],
      [() => 7, /`answer` must return a string.*returned 7/],
      [() => null, /`answer` must return.*null/],
      [() => ({ text: 7 }), /`answer` must return/],
      [() => ({ toolCalls: [{}] }), /`answer` must return/],
    ])) {
      const fake = await start(t, { answer })
      const { status, json } = await post(fake, '/v1/chat/completions', CHAT)
      assert.equal(status, 500)
      assert.match(json.error.message, pattern)
    }
  })
})

describe('tool calls', HANGS, () => {
  const schema = {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer' }, unit: { enum: ['C', 'F'] } },
  }
  const expected = { city: 'text', days: 1, unit: 'C' }
  const openaiTools = [{ type: 'function', function: { name: 'weather', parameters: schema } }]
  const anthropicTools = [{ name: 'weather', input_schema: schema }]

  test('OpenAI chats call the offered tool', async (t) => {
    const fake = await start(t)
    const { json } = await post(fake, '/v1/chat/completions', { ...CHAT, tools: openaiTools })
    const [{ message, finish_reason }] = json.choices
    assert.equal(finish_reason, 'tool_calls')
    assert.equal(message.content, null)
    assert.equal(message.tool_calls[0].type, 'function')
    assert.equal(message.tool_calls[0].function.name, 'weather')
    assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), expected)
  })

  test('OpenAI streams call the offered tool', async (t) => {
    const fake = await start(t)
    const { text } = await post(fake, '/v1/chat/completions', { ...CHAT, tools: openaiTools, stream: true })
    const choices = eventsOf(text).map((event) => event.choices[0])
    const parts = choices.flatMap(({ delta }) => delta.tool_calls ?? [])
    assert.equal(parts[0].function.name, 'weather')
    assert.ok(parts[0].id)
    assert.deepEqual(JSON.parse(parts.map((part) => part.function.arguments).join('')), expected)
    assert.equal(choices.at(-1).finish_reason, 'tool_calls')
  })

  test('Anthropic messages call the offered tool', async (t) => {
    const fake = await start(t)
    const { json } = await post(fake, '/v1/messages', { ...CHAT, max_tokens: 9, tools: anthropicTools })
    assert.equal(json.stop_reason, 'tool_use')
    const [{ id, ...use }, ...others] = json.content
    assert.deepEqual([use, others], [{ type: 'tool_use', name: 'weather', input: expected }, []])
    assert.ok(id)
  })

  test('Anthropic streams call the offered tool', async (t) => {
    const fake = await start(t)
    const body = { ...CHAT, max_tokens: 9, tools: anthropicTools, stream: true }
    const events = eventsOf((await post(fake, '/v1/messages', body)).text)
    const begun = events.find(({ type }) => type === 'content_block_start').content_block
    assert.deepEqual([begun.type, begun.name, begun.input], ['tool_use', 'weather', {}])
    const input = events.map(({ delta }) => delta?.partial_json ?? '').join('')
    assert.deepEqual(JSON.parse(input), expected)
    assert.equal(events.find(({ type }) => type === 'message_delta').delta.stop_reason, 'tool_use')
  })

  test('Ollama chats and streams call the offered tool', async (t) => {
    const fake = await start(t)
    const body = { ...CHAT, tools: openaiTools }
    const whole = (await post(fake, '/api/chat', { ...body, stream: false })).json
    assert.deepEqual(whole.message.tool_calls, [{ function: { name: 'weather', arguments: expected } }])
    const lines = (await post(fake, '/api/chat', body)).text.trim().split('\n')
    const calls = lines.flatMap((line) => JSON.parse(line).message.tool_calls ?? [])
    assert.deepEqual(calls, whole.message.tool_calls)
  })

  test('Open Responses call the offered tool', async (t) => {
    const fake = await start(t)
    const body = {
      model: MODEL,
      input: 'Hello',
      tools: [{ type: 'function', name: 'weather', parameters: schema }],
    }
    const { output } = (await post(fake, '/v1/responses', body)).json
    assert.deepEqual([output[0].type, output[0].name], ['function_call', 'weather'])
    assert.deepEqual(JSON.parse(output[0].arguments), expected)
    const events = eventsOf((await post(fake, '/v1/responses', { ...body, stream: true })).text)
    const done = events.find(({ type }) => type === 'response.function_call_arguments.done')
    assert.deepEqual(JSON.parse(done.arguments), expected)
  })

  test('a request with the result of the tool is answered with text', async (t) => {
    const fake = await start(t)
    const chat = {
      ...CHAT,
      messages: [HELLO, { role: 'tool', tool_call_id: 'x', content: 'sun' }],
      tools: openaiTools,
    }
    assert.equal((await post(fake, '/v1/chat/completions', chat)).json.choices[0].message.content, REPLY)
    const result = [{ type: 'tool_result', tool_use_id: 'x', content: 'sun' }]
    const message = { ...CHAT, messages: [HELLO, { role: 'user', content: result }], max_tokens: 9 }
    assert.equal(
      (await post(fake, '/v1/messages', { ...message, tools: anthropicTools })).json.content[0].text,
      REPLY,
    )
    const input = [HELLO, { type: 'function_call_output', call_id: 'x', output: 'sun' }]
    const response = { model: MODEL, input, tools: [{ type: 'function', name: 'weather' }] }
    assert.equal((await post(fake, '/v1/responses', response)).json.output[0].content[0].text, REPLY)
  })

  test('tool_choice chooses another tool, or none', async (t) => {
    const fake = await start(t)
    const tools = [...openaiTools, { type: 'function', function: { name: 'news' } }]
    const choose = async (/** @type {unknown} */ tool_choice) => {
      const { json } = await post(fake, '/v1/chat/completions', { ...CHAT, tools, tool_choice })
      return json.choices[0].message.tool_calls?.[0].function.name
    }
    assert.equal(await choose('auto'), 'weather')
    assert.equal(await choose({ type: 'function', function: { name: 'news' } }), 'news')
    assert.equal(await choose('none'), undefined)
  })

  test("the test's own function may answer with text and tool calls", async (t) => {
    const fake = await start(t, {
      answer: () => ({
        text: 'One moment.',
        toolCalls: [{ name: 'weather', arguments: { city: 'Rome' } }, { name: 'news' }],
      }),
    })
    const { message } = (await post(fake, '/v1/chat/completions', CHAT)).json.choices[0]
    assert.equal(message.content, 'One moment.')
    assert.deepEqual(
      message.tool_calls.map((/** @type {any} */ call) => call.function),
      [
        { name: 'weather', arguments: '{"city":"Rome"}' },
        { name: 'news', arguments: '{}' },
      ],
    )
    const { content } = (await post(fake, '/v1/messages', { ...CHAT, max_tokens: 9 })).json
    assert.deepEqual(
      content.map((/** @type {any} */ block) => block.type),
      ['text', 'tool_use', 'tool_use'],
    )
  })
})

describe('pace', HANGS, () => {
  test('slow delays the first byte of every answer, until setSlow() changes it', async (t) => {
    const fake = await start(t, { slow: 150 })
    for (const path of ['/', '/v1/models', '/nowhere']) {
      const began = performance.now()
      await (await fetch(fake.url + path)).text()
      assert.ok(performance.now() - began >= 145)
    }
    fake.setSlow(0)
    const began = performance.now()
    await (await fetch(fake.url)).text()
    assert.ok(performance.now() - began < 140)
    assert.throws(() => fake.setSlow(-1), { code: 'ERR_OUT_OF_RANGE' })
  })

  test('wordDelayMs delays each word of a stream, and no other answer', async (t) => {
    const fake = await start(t, { wordDelayMs: 60, answer: () => 'one two three' })
    for (const [path, body] of /** @type {[string, object][]} */ ([
      ['/v1/chat/completions', { ...CHAT, stream: true }],
      ['/v1/messages', { ...CHAT, max_tokens: 9, stream: true }],
      ['/v1/responses', { model: MODEL, input: 'Hello', stream: true }],
      ['/api/chat', CHAT],
    ])) {
      const began = performance.now()
      await post(fake, path, body)
      const took = performance.now() - began
      assert.ok(took >= 175, `${path} took ${took} ms`)
    }
    const began = performance.now()
    await post(fake, '/v1/chat/completions', CHAT)
    assert.ok(performance.now() - began < 170)
  })

  test('a slow answer leaves no timer behind after stop()', async (t) => {
    const fake = await start(t, { slow: 3_600_000 })
    const asked = assert.rejects(fetch(fake.url))
    await eventually(() => fake.requests.length === 1)
    await fake.stop()
    await asked
    assert.ok(!process.getActiveResourcesInfo().includes('TCPServerWrap'))
  })

  test('a client that does not read holds the stream back', async (t) => {
    const word = `${'x'.repeat(64 * 1024)} `
    const fake = await start(t, { answer: () => word.repeat(1000) })
    const body = JSON.stringify({ ...CHAT, stream: true })
    const line = dial(fake.url)
    line.socket.pause()
    await line.send(
      `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    await eventually(() => fake.requests.length === 1)
    await delay(300)
    assert.equal(fake.requests[0].aborted, false)
    line.socket.destroy()
    await eventually(() => fake.requests[0].aborted)
  })
})

describe('failNext()', HANGS, () => {
  test('answers the next request with the chosen status, and not the probe of discovery', async (t) => {
    const fake = await start(t)
    fake.failNext(503)
    fake.failNext(429)
    const statusOf = async (/** @type {string} */ path) => (await fetch(fake.url + path)).status
    assert.equal(await statusOf('/'), 200)
    assert.equal(await statusOf('/v1/models'), 503)
    assert.equal(await statusOf('/v1/models'), 429)
    assert.equal(await statusOf('/v1/models'), 200)
  })

  test('with a path waits for that path', async (t) => {
    const fake = await start(t)
    fake.failNext(500, { path: '/v1/models' })
    fake.failNext(502, { path: '/' })
    const statusOf = async (/** @type {string} */ path) => (await fetch(fake.url + path)).status
    assert.deepEqual(
      [await statusOf('/health'), await statusOf('/v1/models?a=1'), await statusOf('/'), await statusOf('/')],
      [200, 500, 502, 200],
    )
  })

  test('throws for a wrong status or path', async (t) => {
    const fake = await start(t)
    assert.throws(() => fake.failNext(99), { code: 'ERR_OUT_OF_RANGE' })
    assert.throws(() => fake.failNext(/** @type {any} */ ('500')), { code: 'ERR_INVALID_ARG_TYPE' })
    assert.throws(() => fake.failNext(500, { path: 'v1' }), { code: 'ERR_INVALID_ARG_VALUE' })
  })
})

describe('requests', HANGS, () => {
  test('carry their bodies as JSON, text or bytes', async (t) => {
    const fake = await start(t)
    const send = (/** @type {string | Buffer} */ body) => fetch(fake.url, { method: 'POST', body })
    await send(JSON.stringify(CHAT))
    await send('{"model":')
    await send(Buffer.from([0xff, 0x00]))
    await fetch(fake.url)
    assert.deepEqual(
      fake.requests.map(({ body }) => body),
      [CHAT, '{"model":', Buffer.from([0xff, 0x00]), undefined],
    )
  })

  test('say whether the client went away before it had the answer', async (t) => {
    const fake = await start(t, { wordDelayMs: 50 })
    await post(fake, '/v1/chat/completions', { ...CHAT, stream: true })
    const client = new AbortController()
    const response = await fetch(`${fake.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ ...CHAT, stream: true }),
      signal: client.signal,
    })
    assert.deepEqual(
      fake.requests.map(({ aborted }) => aborted),
      [false, false],
    )
    const reading = assert.rejects(response.text(), { name: 'AbortError' })
    client.abort()
    await reading
    await eventually(() => fake.requests[1].aborted)
    assert.equal(fake.requests[0].aborted, false)
  })

  test('that wait for a slow answer are aborted when the client gives up', async (t) => {
    const fake = await start(t, { slow: 60_000 })
    await assert.rejects(fetch(fake.url, { signal: AbortSignal.timeout(50) }))
    await eventually(() => fake.requests[0].aborted)
  })

  test('that a crash cuts are not aborted by their client', async (t) => {
    const fake = await start(t, { slow: 60_000 })
    const cut = assert.rejects(fetch(fake.url))
    await eventually(() => fake.requests.length === 1)
    await fake.crash()
    await cut
    assert.equal(fake.requests[0].aborted, false)
  })

  test('drop the oldest bodies once all exceed 64 MiB', async (t) => {
    const fake = await start(t)
    const body = JSON.stringify('x'.repeat(30 * 2 ** 20))
    for (let i = 0; i < 3; i++)
      await (await fetch(`${fake.url}/v1/messages`, { method: 'POST', body })).text()
    assert.deepEqual(
      fake.requests.map((request) => request.body?.length),
      [undefined, 30 * 2 ** 20, 30 * 2 ** 20],
    )
  })
})
