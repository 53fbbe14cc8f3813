// Tests the fake's HTTP server: suspension, connections, recorded requests and large bodies.
'use strict'

const assert = require('node:assert/strict')
const http = require('node:http')
const { after, afterEach, before, describe, test } = require('node:test')
const { setTimeout: delay } = require('node:timers/promises')
const { startFakeOsaurus } = require('../../testing.js')
const { requestsTo } = require('../support/fake/request.js')
const { dial } = require('../support/fake/raw.js')

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

const CHAT = { model: MODEL, messages: [{ role: 'user', content: 'Hello' }] }

describe('suspended', HANGS, () => {
  afterEach(() => fake.resume())

  test('a suspended fake accepts connections, sends nothing, and answers waiting requests after resume()', async () => {
    fake.suspend()
    fake.suspend()
    const lines = Array.from({ length: 3 }, () => dial(fake.url))
    const before = fake.requests.length
    for (const line of lines) await line.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    while (fake.requests.length < before + 3) await delay(1)
    await delay(50)
    assert.deepEqual(
      lines.map(({ received }) => received),
      ['', '', ''],
    )
    fake.resume()
    for (const line of lines) {
      assert.match(await line.until(/🦕/), /^HTTP\/1.1 200 OK/)
      line.socket.destroy()
    }
  })

  test('a suspended fake does not answer a request that was half sent before', async () => {
    const line = dial(fake.url)
    await line.send('GET / HTTP/1.1\r\nHo')
    fake.suspend()
    await line.send('st: x\r\n\r\n')
    await delay(50)
    assert.equal(line.received, '')
    fake.resume()
    await line.until(/🦕/)
    line.socket.destroy()
  })

  test('a suspended fake pauses a stream, and continues it after resume()', async () => {
    const answer = await post('/v1/chat/completions', { ...CHAT, stream: true })
    const reader = /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader()
    fake.suspend()
    let text = ''
    let ended = false
    const reading = (async () => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        text += Buffer.from(part.value).toString()
      }
      ended = true
    })()
    await delay(50)
    const before = text
    assert.equal(ended, false)
    assert.ok(!before.includes('[DONE]'))
    fake.resume()
    await reading
    assert.ok(text.startsWith(before) && text.endsWith('data: [DONE]\n\n'))
  })

  test('a suspended fake answers neither bytes that are not HTTP nor Expect: 100-continue', async () => {
    fake.suspend()
    const garbage = dial(fake.url)
    await garbage.send('\x16\x03\x01 hello\r\n\r\n')
    const polite = dial(fake.url)
    await polite.send(
      'POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n',
    )
    await delay(50)
    assert.deepEqual([garbage.received, polite.received], ['', ''])
    fake.resume()
    assert.match(await garbage.until(/\r\n\r\n/), /^HTTP\/1.1 400/)
    assert.match(await polite.until(/\r\n\r\n/), /^HTTP\/1.1 100/)
    await polite.send('{}')
    assert.match(await polite.until(/\}$/), /HTTP\/1.1 400[^]*`model` is missing/)
    polite.socket.destroy()
  })

  test('a suspended fake survives a client that gives up', async () => {
    fake.suspend()
    await assert.rejects(get('/', { signal: AbortSignal.timeout(30) }), { name: 'TimeoutError' })
    fake.resume()
    assert.equal((await get('/')).status, 200)
  })

  test('a relaunched fake is not suspended', async () => {
    fake.suspend()
    await fake.crash()
    await fake.relaunch()
    assert.equal((await get('/')).status, 200)
  })
})

describe('connections', HANGS, () => {
  test('a streamed answer keeps its connection, and serves pipelined requests in order', async () => {
    const before = fake.connections
    const line = dial(fake.url)
    const body = JSON.stringify({ ...CHAT, stream: true })
    const request = `POST /api/chat HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    await line.send(`${request}${request}GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n`)
    await line.until(/"done":true[^]*"done":true[^]*Not Found$/)
    assert.equal(fake.connections, before + 1)
    await line.closed
  })

  test('an answer that is not streamed closes its connection', async () => {
    const line = dial(fake.url)
    await line.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n')
    await line.closed
    assert.match(line.received, /^Connection: close\r$/m)
    assert.match(line.received, /🦕$/)
  })

  test('the 513th connection is closed without an answer', async () => {
    const own = await startFakeOsaurus()
    const lines = Array.from({ length: 512 }, () => dial(own.url))
    try {
      while (own.connections < 512) await delay(5)
      const refused = dial(own.url)
      refused.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      await refused.closed
      assert.equal(refused.received, '')
      assert.equal(own.connections, 512)
    } finally {
      for (const { socket } of lines) socket.destroy()
      await own.stop()
    }
  })

  test('Connection: close of the client closes the connection after an answer of known length', async () => {
    const line = dial(fake.url)
    await line.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    await line.closed
    assert.match(line.received, /🦕$/)
    assert.match(line.received, /^Content-Length: 31\r$/m)
    assert.doesNotMatch(line.received, /chunked/i)
  })

  test('requests are recorded as they were sent', async () => {
    const own = await startFakeOsaurus()
    try {
      await fetch(`${own.url}/v1/models?a=1`, { headers: { 'X-Test': 'yes' } })
      assert.deepEqual(
        own.requests.map(({ method, url }) => [method, url]),
        [['GET', '/v1/models?a=1']],
      )
      assert.equal(own.requests[0].headers['x-test'], 'yes')
      Object.assign(own.requests, { length: 0 })
      assert.equal(own.requests.length, 1, 'the array is a copy')
      assert.equal(own.connections, 1)
    } finally {
      await own.stop()
    }
  })

  test('the latest 1000 requests are kept', async () => {
    const own = await startFakeOsaurus()
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    try {
      for (let i = 0; i < 1010; i++) {
        await new Promise((resolve, reject) => {
          const request = http.get(`${own.url}/?${i}`, { agent }, (answer) =>
            answer.resume().on('end', resolve),
          )
          request.on('error', reject)
        })
      }
      assert.equal(own.requests.length, 1000)
      assert.equal(own.requests[0].url, '/?10')
    } finally {
      agent.destroy()
      await own.stop()
    }
  })
})

describe('large bodies', HANGS, () => {
  const MiB = 2 ** 20

  test('a body of 7 MiB is read', async () => {
    const messages = [{ role: 'user', content: 'x'.repeat(7 * MiB) }]
    assert.equal((await post('/v1/chat/completions', { model: MODEL, messages })).status, 200)
  })

  test('a body of 32 MiB is read and recorded', async () => {
    const before = fake.requests.length
    const messages = [{ role: 'user', content: 'x'.repeat(32 * MiB - 100) }]
    assert.equal((await post('/v1/chat/completions', { model: MODEL, messages })).status, 200)
    assert.equal(fake.requests[before].body.messages[0].content.length, 32 * MiB - 100)
  })

  test('a body of more than 32 MiB is answered 413 once it was sent', async () => {
    const answer = await post('/v1/chat/completions', 'x'.repeat(32 * MiB + 1))
    assert.equal(answer.status, 413)
    assert.equal((await read(answer)).error.type, 'payload_too_large')
  })

  test('an endless body is cut off', async () => {
    const line = dial(fake.url)
    await line.send('POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 1099511627776\r\n\r\n')
    const chunk = 'x'.repeat(MiB)
    let sent = 0
    while (!line.socket.destroyed && sent < 200) {
      await Promise.race([line.send(chunk), line.closed])
      sent++
    }
    assert.ok(sent >= 64 && sent < 200, `cut off after ${sent} MiB`)
  })
})
