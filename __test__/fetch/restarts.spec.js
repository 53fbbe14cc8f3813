// Tests requests while a real server process is killed and comes back. Each server counts what has reached it.
'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { createOsaurusFetch } = require('../../fetch.js')
const { createFetch, json } = require('../support/fetch/fetching.js')
const { eventually } = require('../support/measure.js')
const { startServer } = require('../support/fetch/server-process.js')

/** @typedef {Awaited<ReturnType<typeof startServer>>} ServerProcess */

test('a request after a restart goes to the new port', async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server)
  const first = server.port
  assert.equal((await json(osaurusFetch('/one'))).headers.host, `127.0.0.1:${first}`)
  await server.kill()
  await server.start()
  assert.notEqual(server.port, first)
  assert.equal((await json(osaurusFetch('/two'))).headers.host, `127.0.0.1:${server.port}`)
  assert.deepEqual(server.requests(), ['GET /one', 'GET /two'])
})

test('a request after a restart on the same port goes there', async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server)
  await json(osaurusFetch('/one'))
  await server.kill()
  await server.start(server.port)
  await json(osaurusFetch('/two'))
  assert.deepEqual(server.requests(), ['GET /one', 'GET /two'])
})

test('a request that finds the server killed at that moment rejects as discovery does', async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server)
  await json(osaurusFetch('/one'))
  await server.kill()
  await assert.rejects(osaurusFetch('/two'), { code: 'OSAURUS_NOT_RESPONDING' })
  assert.deepEqual(server.requests(), ['GET /one'])
})

test('a request that is refused waits for the next launch, and is sent to it once', async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server, { waitMs: 60_000 })
  await json(osaurusFetch('/one'))
  await server.kill()
  const body = ReadableStream.from([Buffer.from('a stream that was not read yet')])
  const waiting = json(osaurusFetch('/two', { method: 'POST', body, duplex: 'half' }))
  await server.start()
  assert.equal((await waiting).body, 'a stream that was not read yet')
  assert.deepEqual(server.requests(), ['GET /one', 'POST /two'])
})

test('a request that the killed server had received is not sent again', async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server, { waitMs: 60_000 })
  const lost = assert.rejects(osaurusFetch('/hang', { method: 'POST', body: 'x' }), {
    code: 'OSAURUS_CONNECTION_LOST',
    message: /closed the connection before it sent a response \(POST \/hang\)/,
  })
  await server.arrival('POST /hang')
  await server.kill()
  await server.start(server.port)
  await lost
  assert.deepEqual(server.requests(), ['POST /hang'])
})

test('a request that the server had begun to read is not sent again', async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server, { waitMs: 60_000 })
  let cancelled = false
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(65536)),
    cancel: () => void (cancelled = true),
  })
  const lost = assert.rejects(osaurusFetch('/stuck', { method: 'POST', body, duplex: 'half' }), {
    code: 'OSAURUS_CONNECTION_LOST',
  })
  await server.arrival('POST /stuck')
  await server.kill()
  await lost
  assert.ok(cancelled, 'the stream is released')
})

test('a connection that is reset after the request arrived is lost', async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server)
  await assert.rejects(osaurusFetch('/reset'), { code: 'OSAURUS_CONNECTION_LOST' })
  assert.deepEqual(server.requests(), ['GET /reset'])
})

test('a body that is cut off gives what arrived, then fails', async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server)
  const response = await osaurusFetch('/cut')
  assert.equal(response.status, 200)
  let text = ''
  const reading = (async () => {
    for await (const chunk of /** @type {any} */ (response.body)) text += Buffer.from(chunk)
  })()
  await assert.rejects(reading, {
    code: 'OSAURUS_CONNECTION_LOST',
    message: /while it was sending the response \(GET \/cut\)/,
  })
  assert.equal(text, '0123456789')
  await assert.rejects((await osaurusFetch('/cut')).text(), { code: 'OSAURUS_CONNECTION_LOST' })
})

test('a stream whose server is killed fails, and the next request goes to the next launch', async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server)
  const { body } = await osaurusFetch('/pause')
  const reader = /** @type {ReadableStream<Uint8Array>} */ (body).getReader()
  assert.equal(Buffer.from((await reader.read()).value ?? []).toString(), 'first')
  const next = assert.rejects(reader.read(), { code: 'OSAURUS_CONNECTION_LOST' })
  await server.kill()
  await next
  await server.start()
  assert.equal((await osaurusFetch('/after')).status, 200)
})

test('a suspended server delays a request, and receives it once', async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server)
  await json(osaurusFetch('/one'))
  await server.kill('SIGSTOP')
  const waiting = json(osaurusFetch('/two'))
  await server.kill('SIGCONT')
  await waiting
  assert.deepEqual(server.requests(), ['GET /one', 'GET /two'])
})

/**
 * @param {import('node:test').TestContext} t
 * @param {ServerProcess} server
 * @param {import('osaurus-discovery/fetch').OsaurusFetch} osaurusFetch
 * @param {(restart: number) => number} portOf the port of a restart
 */
async function restartUnderLoad(t, server, osaurusFetch, portOf) {
  let restarting = true
  t.after(() => (restarting = false))
  let sent = 0
  const outcomes = { answered: 0, lost: 0 }
  const work = async () => {
    while (restarting) {
      const id = ++sent
      try {
        const response = await osaurusFetch(`/load?${id}`, { method: 'POST', body: String(id) })
        assert.equal((await json(response)).body, String(id))
        outcomes.answered++
      } catch (error) {
        assert.equal(/** @type {any} */ (error).code, 'OSAURUS_CONNECTION_LOST', String(error))
        outcomes.lost++
      }
    }
  }
  const workers = Array.from({ length: 16 }, work)
  const failed = Promise.all(workers)
  for (let i = 0; i < 50; i++) {
    const before = outcomes.answered
    await server.kill()
    await server.start(portOf(i))
    const busy = eventually(() => outcomes.answered >= before + 16, 'answers of this launch')
    await Promise.race([busy, failed])
  }
  restarting = false
  await failed
  const requests = server.requests()
  t.diagnostic(JSON.stringify({ sent, ...outcomes, arrived: requests.length }))
  assert.equal(new Set(requests).size, requests.length, 'no request arrived twice')
  assert.equal(outcomes.answered + outcomes.lost, sent)
  assert.ok(requests.length >= outcomes.answered && requests.length <= sent)
}

test('fifty restarts under load never send a request twice', { timeout: 200_000 }, async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server, { waitMs: 60_000 })
  // Half of the launches take the port of the last one.
  await restartUnderLoad(t, server, osaurusFetch, (restart) => (restart % 2 ? server.port : 0))
})

test('fifty restarts of the server of a URL never send a request twice', { timeout: 200_000 }, async (t) => {
  const server = await startServer(t)
  const url = `http://127.0.0.1:${server.port}`
  const osaurusFetch = createOsaurusFetch({ url, probeTimeoutMs: 10_000, waitMs: 60_000 })
  t.after(() => osaurusFetch.close())
  await restartUnderLoad(t, server, osaurusFetch, () => server.port)
})
