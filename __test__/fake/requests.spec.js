// Tests delays, chosen failures, and what the fake records of requests.
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
    const request = assert.rejects(fetch(fake.url))
    await eventually(() => fake.requests.length === 1)
    await fake.stop()
    await request
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
  test('failNext() answers the next request with its status, and not the probe of discovery', async (t) => {
    const fake = await start(t)
    fake.failNext(503)
    fake.failNext(429)
    const statusOf = async (/** @type {string} */ path) => (await fetch(fake.url + path)).status
    assert.equal(await statusOf('/'), 200)
    assert.equal(await statusOf('/v1/models'), 503)
    assert.equal(await statusOf('/v1/models'), 429)
    assert.equal(await statusOf('/v1/models'), 200)
  })

  test('failNext() with a path waits for that path', async (t) => {
    const fake = await start(t)
    fake.failNext(500, { path: '/v1/models' })
    fake.failNext(502, { path: '/' })
    const statusOf = async (/** @type {string} */ path) => (await fetch(fake.url + path)).status
    assert.deepEqual(
      [await statusOf('/health'), await statusOf('/v1/models?a=1'), await statusOf('/'), await statusOf('/')],
      [200, 500, 502, 200],
    )
  })

  test('failNext() throws for a wrong status or path', async (t) => {
    const fake = await start(t)
    assert.throws(() => fake.failNext(99), { code: 'ERR_OUT_OF_RANGE' })
    assert.throws(() => fake.failNext(/** @type {any} */ ('500')), { code: 'ERR_INVALID_ARG_TYPE' })
    assert.throws(() => fake.failNext(500, { path: 'v1' }), { code: 'ERR_INVALID_ARG_VALUE' })
  })
})

describe('requests', HANGS, () => {
  test('requests carry their bodies as JSON, text or bytes', async (t) => {
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

  test('a request is aborted when its client closes a stream, and not otherwise', async (t) => {
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

  test('a request that waits for a slow answer is aborted when its client gives up', async (t) => {
    const fake = await start(t, { slow: 60_000 })
    await assert.rejects(fetch(fake.url, { signal: AbortSignal.timeout(50) }))
    await eventually(() => fake.requests[0].aborted)
  })

  test('a request that a crash cuts is not aborted', async (t) => {
    const fake = await start(t, { slow: 60_000 })
    const cut = assert.rejects(fetch(fake.url))
    await eventually(() => fake.requests.length === 1)
    await fake.crash()
    await cut
    assert.equal(fake.requests[0].aborted, false)
  })

  test('the oldest bodies are dropped once all exceed 64 MiB', async (t) => {
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
