// Tests that a page's request ends, at the server too, when the page aborts it or goes away.
'use strict'

const assert = require('node:assert/strict')
const { after, test } = require('node:test')

const { eventually } = require('../support/measure.js')
const { PAGE_ENDS } = require('../support/electron/page-ends.js')
const { request, startFetching } = require('../support/electron/page-fetch.js')
const { closeScreen } = require('../support/electron/start.js')
const { openWindow } = require('../support/electron/windows.js')

after(closeScreen)

/** Runs in the page: begins a request and reads the first chunk if there is one. @param {string} path */
async function begin(path) {
  const world = /** @type {any} */ (window)
  world.controller = new AbortController()
  world.outcome = window.osaurus
    .fetch(path, { signal: world.controller.signal })
    .then(async (response) => {
      world.reader = /** @type {ReadableStream} */ (response.body).getReader()
      world.first = (await world.reader.read()).value.length
      await world.reader.read()
    })
    .then(
      () => 'complete',
      (error) => ({ name: error.name, code: error.code, message: error.message, is: error === world.reason }),
    )
  if (path.startsWith('/pause')) while (!world.first) await new Promise((resolve) => setTimeout(resolve, 5))
}

for (const [stage, path] of [
  ['before the headers', '/hang'],
  ['in the middle of the body', '/pause'],
]) {
  test(`an abort ${stage} reaches the server, and rejects with its reason`, async (t) => {
    const { app, server } = await startFetching(t)
    await app.page(begin, path)
    await server.arrival(`GET ${path}`)
    const outcome = await app.page(() => {
      const world = /** @type {any} */ (window)
      world.reason = new Error('enough')
      world.controller.abort(world.reason)
      return world.outcome
    })
    await server.abortion(path)
    // Old versions of Chromium have no reasons.
    if (outcome.name === 'AbortError') assert.equal(outcome.message, 'The user aborted a request.')
    else assert.equal(outcome.is, true)
  })

  test(`a page that is closed, reloaded, navigated or crashes ${stage} aborts its request`, async (t) => {
    const { app, server, id: other } = await startFetching(t)
    await app.page(begin, '/hang?other', other)
    for (const [name, end] of Object.entries(PAGE_ENDS)) {
      const id = await openWindow(app)
      const url = `${path}?${name}`
      await app.page(begin, url, id)
      await server.arrival(`GET ${url}`)
      await end(app, id)
      await server.abortion(url)
    }
    // Requests of another page go on.
    assert.deepEqual(
      server.closed.filter(({ url }) => url === '/hang?other'),
      [],
    )
    assert.equal((await app.page(request, { path: '/echo' }, other)).status, 200)
  })
}

test('a page that is reloaded again and again fetches from its first script on', async (t) => {
  const files = {
    'page.html': '<script src="early.js"></script>',
    'early.js': "window.early = window.osaurus.fetch('/slow').then((response) => response.text())",
  }
  const { app, server, id } = await startFetching(t, { form: { files } })
  for (let round = 0; round < 10; round++) {
    assert.equal(await app.page(() => /** @type {any} */ (window).early, null, id), '0123456789')
    await app.page(begin, `/hang?${round}`, id)
    await server.arrival(`GET /hang?${round}`)
    await app.main(({ electron }, id) => {
      const { webContents } = /** @type {Electron.BrowserWindow} */ (electron.BrowserWindow.fromId(id))
      webContents.reload()
      return new Promise((resolve) => webContents.once('dom-ready', () => resolve(undefined)))
    }, id)
    await server.abortion(`/hang?${round}`)
  }
})

test('a frame that is removed aborts its request, and the page around it goes on', async (t) => {
  const { app, server } = await startFetching(t, { window: { nodeIntegrationInSubFrames: true } })
  await app.main(({ require, state }, baseDir) => {
    state.registration.dispose()
    const options = { discover: { baseDir }, fetch: { routes: ['* /**'] }, isTrustedSender: () => true }
    require('osaurus-discovery/electron').registerOsaurus(options)
  }, server.baseDir)
  const id = await openWindow(app, { nodeIntegrationInSubFrames: true })
  await app.page(begin, '/hang?outer', id)
  await app.page(
    () =>
      new Promise((resolve) => {
        const frame = document.createElement('iframe')
        frame.src = 'page.html'
        frame.onload = () => {
          const inner = /** @type {any} */ (frame.contentWindow)
          inner.osaurus.fetch('/hang?inner')
          resolve(undefined)
        }
        document.body.append(frame)
      }),
    null,
    id,
  )
  await server.arrival('GET /hang?inner')
  await app.page(() => document.querySelector('iframe')?.remove(), null, id)
  await server.abortion('/hang?inner')
  assert.ok(!server.closed.some(({ url }) => url === '/hang?outer'))
})

test('a body that is cancelled closes its connection', async (t) => {
  const { app, server } = await startFetching(t)
  await app.page(begin, '/pause')
  await app.page(() => /** @type {any} */ (window).reader.cancel())
  await server.abortion('/pause')
})

test('a signal that is aborted already sends nothing, and one that is aborted later leaves nothing', async (t) => {
  const { app, server } = await startFetching(t)
  const outcomes = await app.page(async () => {
    const controller = new AbortController()
    let listeners = 0
    const { signal } = controller
    const { addEventListener, removeEventListener } = signal
    signal.addEventListener = (/** @type {any[]} */ ...args) => {
      listeners++
      addEventListener.apply(signal, /** @type {any} */ (args))
    }
    signal.removeEventListener = (/** @type {any[]} */ ...args) => {
      listeners--
      removeEventListener.apply(signal, /** @type {any} */ (args))
    }
    await (await window.osaurus.fetch('/slow', { signal })).text()
    const after = listeners
    controller.abort()
    const name = await window.osaurus.fetch('/never', { signal }).then(String, (error) => error.name)
    return { after, name, listeners }
  })
  assert.deepEqual(outcomes, { after: 0, name: 'AbortError', listeners: 0 })
  assert.deepEqual(server.requests(), ['GET /slow'])
})

test('dispose() ends the requests of pages', async (t) => {
  const { app, server } = await startFetching(t)
  await app.page(begin, '/pause')
  await app.main(({ state }) => state.registration.dispose())
  await server.abortion('/pause')
  const outcome = await app.page(() => /** @type {any} */ (window).outcome)
  assert.equal(outcome.code, 'ERR_INVALID_STATE')
})

test('a server that is killed fails the request that it has, and not the next one', async (t) => {
  const { app, server } = await startFetching(t, { fetch: { routes: ['* /**'], waitMs: 20_000 } })
  await app.page(begin, '/pause')
  await server.kill()
  const outcome = await app.page(() => /** @type {any} */ (window).outcome)
  assert.equal(outcome.code, 'OSAURUS_CONNECTION_LOST')
  assert.match(outcome.message, /while it was sending the response \(GET \/pause\)/)
  const next = app.page(request, { path: '/echo' })
  await server.start()
  assert.equal((await next).status, 200)
  await eventually(() => server.requests().includes('GET /echo'))
})
