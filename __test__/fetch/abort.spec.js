// Tests that an abort ends a request at once at every stage, and closes its connection.
'use strict'

const assert = require('node:assert/strict')
const { getEventListeners } = require('node:events')
const { describe, test } = require('node:test')
const { createFetch, json } = require('../support/fetch/fetching.js')
const { startServer } = require('../support/fetch/server-process.js')
const { eventually } = require('../support/measure.js')
const { silent } = require('../support/stub-servers.js')

const REASON = new Error('enough')

describe('an abort', () => {
  test('an abort before the call rejects with its reason, and nothing is sent', async (t) => {
    const server = await startServer(t)
    const aborted = createFetch(t, server)('/one', { signal: AbortSignal.abort(REASON) })
    await assert.rejects(aborted, (error) => error === REASON)
    assert.deepEqual(server.requests(), [])
  })

  test('an abort before the body is read cancels its stream', async (t) => {
    const server = await startServer(t, { running: false })
    const osaurusFetch = createFetch(t, server, { waitMs: Infinity })
    for (const isEarly of [true, false]) {
      const controller = new AbortController()
      if (isEarly) controller.abort(REASON)
      /** @type {unknown} */
      let cancelled
      const body = new ReadableStream({ cancel: (reason) => void (cancelled = reason) })
      const { signal } = controller
      const sending = osaurusFetch('/one', { method: 'POST', body, duplex: 'half', signal })
      setImmediate(() => controller.abort(REASON))
      await assert.rejects(sending, (error) => error === REASON)
      assert.equal(cancelled, REASON)
    }
  })

  test('an abort while no server runs ends the waiting', async (t) => {
    const server = await startServer(t, { running: false })
    const controller = new AbortController()
    const waiting = createFetch(t, server, { waitMs: Infinity })('/one', { signal: controller.signal })
    setImmediate(() => controller.abort())
    await assert.rejects(waiting, { name: 'AbortError' })
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
  })

  test('an abort while servers are probed for the first time ends the request', async (t) => {
    const server = await startServer(t, { running: false })
    const hung = await silent()
    t.after(() => hung.stop())
    server.port = hung.port
    server.publish()
    const controller = new AbortController()
    const waiting = createFetch(t, server)('/one', { signal: controller.signal })
    await eventually(() => hung.connections > 0)
    controller.abort(REASON)
    await assert.rejects(waiting, (error) => error === REASON)
  })

  test('an abort while the access key is awaited sends nothing', async (t) => {
    const server = await startServer(t)
    const controller = new AbortController()
    const accessKey = () => {
      controller.abort(REASON)
      return new Promise(() => {})
    }
    const osaurusFetch = createFetch(t, server, { accessKey: /** @type {any} */ (accessKey) })
    await assert.rejects(osaurusFetch('/one', { signal: controller.signal }), (error) => error === REASON)
    assert.deepEqual(server.requests(), [])
  })

  test('an abort in the middle of the request body closes the connection and cancels the stream', async (t) => {
    const server = await startServer(t)
    const controller = new AbortController()
    /** @type {unknown} */
    let cancelled
    const body = new ReadableStream({
      pull: (stream) => stream.enqueue(new Uint8Array(65536)),
      cancel: () => void (cancelled = true),
    })
    const init = { method: 'POST', body, duplex: /** @type {const} */ ('half'), signal: controller.signal }
    const sending = createFetch(t, server)('/sink', init)
    await server.arrival('POST /sink')
    controller.abort(REASON)
    await assert.rejects(sending, (error) => error === REASON)
    await server.abortion('/sink')
    assert.equal(cancelled, true)
  })

  test('an abort before the headers closes the connection', async (t) => {
    const server = await startServer(t)
    const controller = new AbortController()
    const waiting = createFetch(t, server)('/hang', { signal: controller.signal })
    await server.arrival('GET /hang')
    controller.abort(REASON)
    await assert.rejects(waiting, (error) => error === REASON)
    await server.abortion('/hang')
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
  })

  test('an abort in the middle of a stream fails the read and closes the connection', async (t) => {
    const server = await startServer(t)
    const controller = new AbortController()
    const { body } = await createFetch(t, server)('/pause', { signal: controller.signal })
    const reader = /** @type {ReadableStream} */ (body).getReader()
    await reader.read()
    const next = assert.rejects(reader.read(), (error) => error === REASON)
    controller.abort(REASON)
    await next
    await server.abortion('/pause')
  })

  test('an abort of a response that is not being read fails its stream and text()', async (t) => {
    const server = await startServer(t)
    const osaurusFetch = createFetch(t, server)
    const controller = new AbortController()
    const unread = await osaurusFetch('/pause', { signal: controller.signal })
    const streamed = await osaurusFetch('/pause', { signal: controller.signal })
    const reader = /** @type {ReadableStream} */ (streamed.body).getReader()
    controller.abort(REASON)
    await assert.rejects(reader.closed, (error) => error === REASON)
    await assert.rejects(unread.text(), (error) => error === REASON)
    await eventually(() => server.closed.filter(({ url }) => url === '/pause').length === 2)
  })

  test('an abort after the end changes nothing, and leaves no listener', async (t) => {
    const server = await startServer(t)
    const controller = new AbortController()
    const osaurusFetch = createFetch(t, server)
    for (let i = 0; i < 20; i++) await json(osaurusFetch('/echo', { signal: controller.signal }))
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
    controller.abort()
    await json(osaurusFetch('/echo'))
  })

  test('an abort reaches a Request by its own signal', async (t) => {
    const server = await startServer(t)
    const controller = new AbortController()
    const waiting = createFetch(
      t,
      server,
    )(new Request('http://osaurus.invalid/hang', { signal: controller.signal }))
    await server.arrival('GET /hang')
    controller.abort(REASON)
    await assert.rejects(waiting, (error) => error === REASON)
    await server.abortion('/hang')
  })
})

describe('a dropped body', () => {
  test('a dropped body closes the connection when it is cancelled', async (t) => {
    const server = await startServer(t)
    const response = await createFetch(t, server)('/pause')
    await response.body?.cancel()
    await server.abortion('/pause')
  })

  test('a dropped body closes the connection when its reader leaves the loop', async (t) => {
    const server = await startServer(t)
    const response = await createFetch(t, server)('/pause')
    for await (const chunk of /** @type {any} */ (response.body)) {
      assert.ok(chunk.length > 0)
      break
    }
    await server.abortion('/pause')
  })
})

describe('close()', () => {
  test('close() aborts the calls in flight at every stage, and rejects later ones', async (t) => {
    const server = await startServer(t)
    const osaurusFetch = createFetch(t, server)
    const streaming = await osaurusFetch('/pause')
    const waiting = osaurusFetch('/hang')
    await server.arrival('GET /hang')
    const starting = osaurusFetch('/one')
    osaurusFetch.close()
    osaurusFetch.close()
    const closed = { name: 'AbortError', code: 'ABORT_ERR' }
    for (const each of [waiting, starting, streaming.text(), osaurusFetch('/two')])
      await assert.rejects(each, closed)
    await server.abortion('/hang')
    await server.abortion('/pause')
  })
})
