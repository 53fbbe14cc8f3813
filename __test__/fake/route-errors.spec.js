// Tests the errors of the fake's routes, and the key that they require while exposed.
'use strict'

const assert = require('node:assert/strict')
const { after, before, describe, test } = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { requestsTo } = require('../support/fake/request.js')

// Generous: only a call that never settles takes so long.
const HANGS = { timeout: 120_000 }

const MODEL = 'llama-3.2-3b-instruct'

/** @type {import('osaurus-discovery/testing').FakeOsaurus} */
let fake
before(async () => {
  fake = await startFakeOsaurus()
})
after(() => fake.stop())

const { get, post, read } = requestsTo(() => fake.url)

const AGENT = '00000000-0000-0000-0000-000000000001'
const JSON_TYPE = 'application/json; charset=utf-8'
const CHAT = { model: MODEL, messages: [{ role: 'user', content: 'Hello' }] }

describe('errors', HANGS, () => {
  const routes = /** @type {const} */ ([
    ['/v1/chat/completions', (/** @type {any} */ body) => body.error.message],
    ['/v1/embeddings', (/** @type {any} */ body) => body.error.message],
    ['/v1/responses', (/** @type {any} */ body) => body.error.type === 'error' && body.error.message],
    ['/v1/messages', (/** @type {any} */ body) => body.type === 'error' && body.error.message],
    ['/api/chat', (/** @type {any} */ body) => body.error],
    ['/api/embed', (/** @type {any} */ body) => body.error],
    ['/api/show', (/** @type {any} */ body) => body.error],
    ['/api/generate', (/** @type {any} */ body) => body.error],
    ['/v1/completions', (/** @type {any} */ body) => body.error.message],
  ])

  for (const [path, messageOf] of routes) {
    test(`${path} reports what is wrong in the format of its API`, async () => {
      for (const [body, status, pattern] of /** @type {const} */ ([
        ['{"model":', 400, /not a JSON object/],
        ['', 400, /not a JSON object/],
        ['[]', 400, /not a JSON object/],
        [{ messages: [] }, 400, /`model` is missing/],
        [{ model: 7 }, 400, /`model` is missing or not a string/],
        [{ model: 'gpt-9' }, 404, /Model not found: gpt-9/],
      ])) {
        const answer = await post(path, body)
        assert.equal(answer.status, status)
        assert.equal(answer.headers.get('content-type'), JSON_TYPE)
        assert.match(messageOf(await read(answer)), pattern)
      }
    })
  }

  for (const [path, missing] of /** @type {const} */ ([
    ['/v1/chat/completions', '`messages` is missing or empty'],
    ['/v1/messages', '`messages` is missing or empty'],
    ['/v1/responses', '`input` is missing or empty'],
    ['/v1/embeddings', '`input` is neither a string'],
    ['/api/chat', '`messages` is missing'],
    ['/v1/completions', '`prompt` is missing'],
    ['/api/embed', '`input` is neither a string'],
  ])) {
    test(`${path} without its main field answers 400`, async () => {
      const answer = await post(path, { model: MODEL })
      assert.equal(answer.status, 400)
      assert.ok((await answer.text()).includes(missing))
    })
  }

  test('messages without max_tokens answer 400', async () => {
    const answer = await post('/v1/messages', CHAT)
    assert.equal(answer.status, 400)
    assert.match((await read(answer)).error.message, /max_tokens/)
  })

  test('a transcription without a file answers 400', async () => {
    assert.equal((await post('/v1/audio/transcriptions', {})).status, 400)
  })

  test('a fake without models lists none', async () => {
    const empty = await startFakeOsaurus({ models: [] })
    try {
      assert.deepEqual((await read(await fetch(`${empty.url}/v1/models`))).data, [])
      assert.deepEqual((await read(await fetch(`${empty.url}/agents`))).agents[0].effective_model, null)
    } finally {
      await empty.stop()
    }
  })

  test('no JSON body makes a route fail', async () => {
    const seed = Date.now() % 2 ** 31
    let state = seed
    const random = (/** @type {number} */ below) => (state = (state * 48271) % 2147483647) % below
    const values = [
      null,
      true,
      0,
      -1,
      1e300,
      '',
      'x',
      [],
      {},
      [null],
      [[1]],
      [{}],
      { a: { b: [] } },
      '\ud800',
    ]
    const keys =
      'messages input prompt max_tokens stream stream_options name arguments encoding_format system tools tool_choice n'.split(
        ' ',
      )
    const paths = [
      ...routes.map(([path]) => path),
      '/mcp/call',
      `/agents/${AGENT}/run`,
      '/images/generations',
    ]
    for (let i = 0; i < 400; i++) {
      const body = Object.fromEntries(
        keys.filter(() => random(2)).map((key) => [key, values[random(values.length)]]),
      )
      const path = paths[random(paths.length)]
      const answer = await post(path, { model: MODEL, ...body })
      await answer.text()
      assert.ok([200, 400].includes(answer.status), `seed ${seed}: ${path} ${JSON.stringify(body)}`)
    }
  })
})

describe('while exposed', HANGS, () => {
  before(() => fake.setExposed(true))
  after(() => fake.setExposed(false))

  test('an exposed fake requires a key from loopback callers, except for the banner and health', async () => {
    for (const path of ['/v1/models', '/api/tags', '/mcp/health', '/agents', '/nowhere']) {
      const answer = await get(path)
      assert.equal(answer.status, 401)
      assert.equal(answer.headers.get('content-type'), JSON_TYPE)
      const { error } = await read(answer)
      assert.equal(error.type, 'authentication_error')
      assert.equal(typeof error.message, 'string')
    }
    assert.equal((await post('/v1/chat/completions', CHAT)).status, 401)
    assert.equal((await get('/v1/models', { method: 'HEAD' })).status, 401)
    assert.equal((await get('/')).status, 200)
    assert.equal((await get('/health')).status, 200)
    assert.equal((await get('/v1/health')).status, 200)
  })

  test('an exposed fake accepts only the whole key as a bearer token', async () => {
    const status = async (/** @type {Record<string, string>} */ headers) =>
      (await get('/v1/models', { headers })).status
    assert.equal(await status({ Authorization: 'Bearer osk-v1-test' }), 200)
    assert.equal(await status({ Authorization: 'Bearer osk-v1-tes' }), 401)
    assert.equal(await status({ Authorization: 'osk-v1-test' }), 401)
    assert.equal(await status({ 'x-api-key': 'osk-v1-test' }), 401)
  })

  test('the accessKey option sets the key', async () => {
    const other = await startFakeOsaurus({ exposeToNetwork: true, accessKey: 'osk-v1-other' })
    try {
      const headers = { Authorization: 'Bearer osk-v1-other' }
      assert.equal((await fetch(`${other.url}/v1/models`, { headers })).status, 200)
    } finally {
      await other.stop()
    }
  })
})
