// Tests that every HTTP interface of Osaurus is reached through the fetch, exposed and not.
'use strict'

const assert = require('node:assert/strict')
const { after, before, describe, test } = require('node:test')
const { createOsaurusFetch } = require('../../fetch.js')
const { startFakeOsaurus } = require('../../testing.js')

const MODEL = 'llama-3.2-3b-instruct'
const KEY = 'osk-v1-test'
const messages = [{ role: 'user', content: 'Hello' }]

/** @type {import('osaurus-discovery/testing').FakeOsaurus} */
let fake
/** @type {import('osaurus-discovery/fetch').OsaurusFetch} */
let osaurusFetch
/** @type {string} */
let agent
before(async () => {
  fake = await startFakeOsaurus()
  osaurusFetch = createOsaurusFetch({ baseDir: fake.baseDir, probeTimeoutMs: 10_000, accessKey: KEY })
  agent = (await read(await osaurusFetch('/agents'))).agents[0].id
})
after(async () => {
  osaurusFetch.close()
  await fake.stop()
})

/** @param {Response} response @returns {Promise<any>} */
const read = (response) => response.json()

/** @param {string} path @param {unknown} body @param {Record<string, string>} [headers] */
const post = (path, body, headers) =>
  osaurusFetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

function form() {
  const data = new FormData()
  data.set('model', MODEL)
  data.set('file', new File(['RIFF'], 'hello.wav', { type: 'audio/wav' }))
  return data
}

/** @type {Record<string, () => Promise<Response>>} */
const SURFACES = {
  health: () => osaurusFetch('/health'),
  'OpenAI models': () => osaurusFetch('/v1/models'),
  'OpenAI chat': () => post('/v1/chat/completions', { model: MODEL, messages }),
  'OpenAI chat as a stream': () => post('/v1/chat/completions', { model: MODEL, messages, stream: true }),
  'OpenAI completions': () => post('/v1/completions', { model: MODEL, prompt: 'Hello' }),
  'OpenAI responses': () => post('/v1/responses', { model: MODEL, input: 'Hello' }),
  'OpenAI embeddings': () => post('/v1/embeddings', { model: MODEL, input: 'Hello' }),
  'OpenAI images': () => post('/v1/images/generations', { prompt: 'A dinosaur' }),
  'OpenAI transcriptions': () => osaurusFetch('/v1/audio/transcriptions', { method: 'POST', body: form() }),
  'Anthropic messages': () => post('/v1/messages', { model: MODEL, max_tokens: 9, messages }),
  'Ollama models': () => osaurusFetch('/api/tags'),
  'Ollama chat': () => post('/api/chat', { model: MODEL, messages }),
  'Ollama embed': () => post('/api/embed', { model: MODEL, input: 'Hello' }),
  'MCP health': () => osaurusFetch('/mcp/health'),
  'MCP tools': () => osaurusFetch('/mcp/tools'),
  agents: () => osaurusFetch('/agents'),
  'one agent': () => osaurusFetch(`/agents/${agent}`),
  'plugin routes': () => osaurusFetch('/plugins/notes/list', { headers: { 'X-Osaurus-Agent-Id': agent } }),
}

for (const [server, exposed] of /** @type {const} */ ([
  ['a server that is not exposed', false],
  ['an exposed server', true],
]))
  describe(server, () => {
    before(() => fake.setExposed(exposed))

    for (const [name, request] of Object.entries(SURFACES))
      test(`${server} answers ${name}`, async () => {
        const response = await request()
        assert.equal(response.status, 200, await response.clone().text())
        assert.ok((await response.text()).length > 0)
        // The watcher probes again after each change of the published file.
        const last = fake.requests.findLast(({ url }) => url !== '/')
        assert.equal(last?.headers.authorization, `Bearer ${KEY}`)
      })

    test(`${server} calls a tool by MCP`, async () => {
      const { tools } = await read(await osaurusFetch('/mcp/tools'))
      const response = await post('/mcp/call', { name: tools[0].name, arguments: {} })
      assert.ok(response.status < 500, await response.text())
    })

    test(`${server} accepts memories`, async () => {
      const turn = { user: 'Hello', assistant: 'Hello' }
      const response = await post('/memory/ingest', {
        agent_id: agent,
        conversation_id: 'one',
        turns: [turn],
      })
      assert.equal(response.status, 200, await response.text())
    })

    test(`${server} ${exposed ? 'refuses to run an agent with 426' : 'runs an agent'}`, async () => {
      const response = await post(`/agents/${agent}/run`, { model: MODEL, messages })
      assert.equal(response.status, exposed ? 426 : 200, await response.text())
    })

    if (!exposed)
      test(`${server} dispatches a task, reports its state and cancels it`, async () => {
        const dispatched = await read(await post(`/agents/${agent}/dispatch`, { prompt: 'Hello' }))
        const id = dispatched.id ?? dispatched.task_id
        assert.equal((await osaurusFetch(`/tasks/${id}`)).status, 200)
        assert.ok((await osaurusFetch(`/tasks/${id}`, { method: 'DELETE' })).ok)
      })
  })
