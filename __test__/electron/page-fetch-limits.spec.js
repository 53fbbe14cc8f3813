// Tests that a page's requests are bounded in size, number and memory.
'use strict'

const assert = require('node:assert/strict')
const { after, test } = require('node:test')

const { eventually } = require('../support/measure.js')
const { request, startFetching } = require('../support/electron/page-fetch.js')
const { closeScreen } = require('../support/electron/start.js')
const { major } = require('../support/electron/version.js')
const { openWindow } = require('../support/electron/windows.js')

after(closeScreen)

const MIB = 2 ** 20

test('a body that is not read holds the server back, and is complete when it is read', async (t) => {
  const { app, server } = await startFetching(t)
  const count = 64 * MIB
  await app.page(async (count) => {
    Object.assign(window, { response: await window.osaurus.fetch(`/bytes?count=${count}`) })
  }, count)
  // Other responses pass meanwhile, and the server has not sent the end.
  for (let i = 0; i < 50; i++) assert.equal((await app.page(request, { path: '/echo' })).status, 200)
  assert.ok(!server.closed.some(({ url }) => url.startsWith('/bytes')))
  const read = await app.page(
    async () => (await /** @type {any} */ (window).response.arrayBuffer()).byteLength,
  )
  assert.equal(read, count)
  await eventually(() => server.closed.some(({ url, complete }) => url.startsWith('/bytes') && complete))
})

test('a request body has at most 32 MiB', async (t) => {
  const { app, server } = await startFetching(t)
  const outcomes = await app.page(
    async ({ limit }) => {
      const streamOf = (/** @type {number} */ size) =>
        new ReadableStream({
          pull(controller) {
            const length = Math.min(size, 2 ** 20)
            size -= length
            if (length === 0) controller.close()
            else controller.enqueue(new Uint8Array(length))
          },
        })
      const bodies = [
        'x'.repeat(limit + 1),
        new Blob([new Uint8Array(limit + 1)]),
        new Uint8Array(limit + 1),
        streamOf(limit + 1),
        streamOf(limit),
      ]
      const outcomes = []
      for (const body of bodies) {
        const init = /** @type {any} */ ({ method: 'POST', body, duplex: 'half' })
        outcomes.push(
          await window.osaurus.fetch('/sink', init).then(
            async (response) => (await response.json()).bytes,
            ({ code, message }) => `${code}: ${message}`,
          ),
        )
      }
      return outcomes
    },
    { limit: 32 * MIB },
  )
  const refused =
    'OSAURUS_REQUEST_TOO_LARGE: The body of the request is larger than 32 MiB, which is all that Osaurus accepts. Send a smaller one.'
  assert.deepEqual(outcomes, [refused, refused, refused, refused, 32 * MIB])
  assert.deepEqual(server.requests(), ['POST /sink'])
})

test('the main process holds a page that bypasses its fetch to the same limits', async (t) => {
  const window = { contextIsolation: false, sandbox: false, nodeIntegration: true }
  const { app, server } = await startFetching(t, { window })
  const outcomes = await app.page(
    async ({ limit }) => {
      const { ipcRenderer } = /** @type {any} */ (window).require('electron')
      const send = async (/** @type {unknown} */ id, /** @type {any} */ request) => {
        const { error } = await ipcRenderer.invoke('osaurus:preload:fetch', id, request)
        return error && error.code
      }
      const request = { method: 'POST', path: '/sink', headers: [], redirect: 'follow', body: null }
      const outcomes = [
        await send(1, { ...request, body: new ArrayBuffer(limit + 1) }),
        await send('1', request),
        await send(1, { ...request, headers: [['a', 1]] }),
        await send(1, { ...request, headers: [['a', 'b\r\nc: d']] }),
        await send(1, { ...request, body: 'text' }),
        await send(1, { ...request, path: '/v1/../sink' }),
        await send(1, null),
      ]
      for (let id = 1; id <= 128; id++) send(id, { ...request, path: `/hang?${id}` })
      outcomes.push(await send(1, request), await send(129, request))
      const { error } = await ipcRenderer.invoke('osaurus:preload:fetch:read', 130)
      return [...outcomes, error.code]
    },
    { limit: 32 * MIB },
  )
  assert.deepEqual(outcomes, [
    'OSAURUS_REQUEST_TOO_LARGE',
    'ERR_INVALID_ARG_TYPE',
    'ERR_INVALID_ARG_TYPE',
    'ERR_INVALID_CHAR',
    'ERR_INVALID_ARG_TYPE',
    'OSAURUS_ROUTE_NOT_ALLOWED',
    'ERR_INVALID_ARG_TYPE',
    ...['ERR_INVALID_STATE', 'ERR_INVALID_STATE', 'ERR_INVALID_STATE'],
  ])
  assert.ok(server.requests().every((line) => line.startsWith('POST /hang?')))
})

test('of one frame 128 requests are in progress, and further ones wait for their turn', async (t) => {
  const { app, server } = await startFetching(t)
  await app.page(() => {
    const controller = new AbortController()
    const { signal } = controller
    const settle = (/** @type {Promise<unknown>} */ promise) => promise.then(String, (error) => error.name)
    const all = Array.from({ length: 200 }, (_, i) => settle(window.osaurus.fetch(`/hang?${i}`, { signal })))
    Object.assign(window, { all, controller, last: window.osaurus.fetch('/echo') })
  })
  await server.arrival('GET /hang?127')
  assert.equal(server.requests().length, 128)
  const outcome = await app.page(async () => {
    const { all, controller, last } = /** @type {any} */ (window)
    controller.abort()
    return [...new Set(await Promise.all(all)), (await last).status]
  })
  assert.deepEqual(outcome, ['AbortError', 200])
  assert.equal(server.requests().length, 129)
})

/** Only a test can see garbage collection. */
const flags = ['--js-flags=--expose-gc', '--enable-precise-memory-info']

test(
  'a response that the page drops closes its connection',
  { skip: major < 12 && 'needs FinalizationRegistry' },
  async (t) => {
    const { app, server } = await startFetching(t, { form: { flags } })
    await app.page(async () => {
      await window.osaurus.fetch('/pause?unread')
      const response = await window.osaurus.fetch('/pause?begun')
      await /** @type {ReadableStream} */ (response.body).getReader().read()
    })
    await eventually(async () => {
      await app.page(() => /** @type {any} */ (window).gc())
      return ['unread', 'begun'].every((name) => server.closed.some(({ url }) => url === `/pause?${name}`))
    }, 'the end of both')
  },
)

test('10,000 requests leave nothing behind in the main process or the page', async (t) => {
  const { app } = await startFetching(t, { form: { flags } })
  const run = (/** @type {number} */ count) =>
    app.page(async (count) => {
      const one = async (/** @type {number} */ i) => {
        const controller = new AbortController()
        const paths = ['/echo', '/slow', '/status?code=404', '/hang']
        const path = paths[i % 100 < 97 ? 0 : (i % 100) - 96]
        if (path === '/hang') setTimeout(() => controller.abort(), 20)
        const response = await window.osaurus.fetch(path, { signal: controller.signal }).catch(() => null)
        if (response) await response.text()
      }
      for (let i = 0; i < count; i += 50) await Promise.all(Array.from({ length: 50 }, (_, k) => one(i + k)))
    }, count)
  const sizes = async () => {
    const page = await app.page(async () => {
      const world = /** @type {any} */ (window)
      for (let i = 0; i < 5; i++) {
        world.gc()
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      return world.performance.memory.usedJSHeapSize
    })
    const main = await app.main(({ require }) => {
      require('v8').setFlagsFromString('--expose-gc')
      const gc = require('vm').runInNewContext('gc')
      for (let i = 0; i < 5; i++) gc()
      return process.memoryUsage().heapUsed
    })
    return { page, main }
  }
  await run(1000)
  const before = await sizes()
  await run(10_000)
  const after = await sizes()
  const grown = { page: (after.page - before.page) / 10_000, main: (after.main - before.main) / 10_000 }
  t.diagnostic(`bytes a request: page ${Math.round(grown.page)}, main ${Math.round(grown.main)}`)
  // What is kept of a request in progress takes several hundred.
  assert.ok(grown.page < 100 && grown.main < 100, JSON.stringify({ before, after }))
})

test('of one frame 128 MiB of bodies are held, and further requests wait for their turn', async (t) => {
  const { app, server, id } = await startFetching(t)
  await app.page(
    (size) => {
      const controllers = Array.from({ length: 5 }, () => new AbortController())
      Object.assign(window, { controllers })
      for (const [i, { signal }] of controllers.entries())
        window.osaurus
          .fetch(`/hang?${i}`, { method: 'POST', body: new ArrayBuffer(size), signal })
          .catch(() => {})
    },
    32 * MIB,
    id,
  )
  const sent = () => server.requests().length
  await eventually(() => sent() === 4, 'four requests')
  await app.page(() => new Promise((resolve) => setTimeout(resolve, 300)), null, id)
  assert.equal(sent(), 4)
  await app.page(() => /** @type {any} */ (window).controllers[0].abort(), null, id)
  await eventually(() => sent() === 5, 'the fifth')

  const raw = await openWindow(app, { contextIsolation: false, sandbox: false, nodeIntegration: true })
  const codes = await app.page(
    async (size) => {
      const { ipcRenderer } = /** @type {any} */ (window).require('electron')
      const request = { method: 'POST', headers: [], redirect: 'follow' }
      const send = (/** @type {number} */ id, /** @type {string} */ path, /** @type {number} */ size) =>
        ipcRenderer
          .invoke('osaurus:preload:fetch', id, { ...request, path, body: new ArrayBuffer(size) })
          .then((/** @type {any} */ { error }) => error && error.code)
      for (let id = 1; id <= 4; id++) send(id, `/hang?raw${id}`, size)
      const refused = await send(5, '/sink', 1)
      ipcRenderer.send('osaurus:preload:fetch:abort', 1)
      return [refused, await send(6, '/sink', size), await send(7, '/sink', size)]
    },
    32 * MIB,
    raw,
  )
  assert.deepEqual(codes, ['OSAURUS_REQUEST_TOO_LARGE', null, null])
})
