// Tests window.osaurus.fetch in every kind of page, and against every state of the server.
'use strict'

const assert = require('node:assert/strict')
const { after, test } = require('node:test')

const { start } = require('../support/fake/start.js')
const { request, startFetching } = require('../support/electron/page-fetch.js')
const { closeScreen, makeHome, startApp } = require('../support/electron/start.js')
const { openWindow, register, startWithOsaurus } = require('../support/electron/windows.js')

after(closeScreen)

const STRICT = "default-src 'none'; script-src 'self'; connect-src 'none'; require-trusted-types-for 'script'"

test('a page fetches whatever its scheme and its Content Security Policy are', async (t) => {
  const page = `<meta http-equiv="Content-Security-Policy" content="${STRICT}"><script src="first.js"></script>`
  const script = "window.first = window.osaurus.fetch('/slow').then((response) => response.text())"
  const { app } = await startFetching(t, { form: { files: { 'page.html': page, 'first.js': script } } })
  const first = (/** @type {number} */ id) => app.page(() => /** @type {any} */ (window).first, null, id)
  assert.equal(await first(await openWindow(app)), '0123456789')
  // Its own requests are refused.
  const own = await app.page(() => fetch('http://127.0.0.1:1/').then(String, (error) => error.name))
  assert.equal(own, 'TypeError')

  await app.main(
    ({ electron }, { page, script }) => {
      const { protocol } = electron
      const textOf = (/** @type {string} */ url) => (url.endsWith('.js') ? script : page)
      const typeOf = (/** @type {string} */ url) => (url.endsWith('.js') ? 'text/javascript' : 'text/html')
      if (protocol.handle)
        protocol.handle(
          'app',
          ({ url }) => new Response(textOf(url), { headers: { 'Content-Type': typeOf(url) } }),
        )
      else
        protocol.registerStringProtocol('app', ({ url }, respond) =>
          respond({ data: textOf(url), mimeType: typeOf(url) }),
        )
    },
    { page: page.replace('first.js', 'app://host/first.js').replace("'self'", 'app:'), script },
  )
  assert.equal(await first(await openWindow(app, { url: 'app://host/page.html' })), '0123456789')
})

for (const contextIsolation of [true, false])
  for (const sandbox of [true, false])
    for (const nodeIntegration of [true, false])
      test(`a page fetches with contextIsolation: ${contextIsolation}, sandbox: ${sandbox}, nodeIntegration: ${nodeIntegration}`, async (t) => {
        const preferences = { contextIsolation, sandbox, nodeIntegration }
        const { app } = await startFetching(t, { window: preferences })
        const outcome = await app.page(async () => {
          const response = await window.osaurus.fetch('/mirror', {
            method: 'POST',
            body: new Blob(['a body'], { type: 'text/x' }),
          })
          return [response instanceof Response, await response.text(), Object.isFrozen(window.osaurus)]
        })
        assert.deepEqual(outcome, [true, 'a body', true])
        assert.deepEqual(app.pageErrors, [])
      })

test('a page that has replaced built-in objects and polluted prototypes fetches all the same', async (t) => {
  const { app } = await startFetching(t)
  const outcome = await app.page(async () => {
    const world = /** @type {any} */ (window)
    for (const name of [
      'Response',
      'Request',
      'ReadableStream',
      'URL',
      'Uint8Array',
      'TextEncoder',
      'DOMException',
    ])
      world[name] = undefined
    const polluted = [
      'body',
      'error',
      'value',
      'code',
      'signal',
      'headers',
      'redirect',
      'chunk',
      'done',
      'path',
      'get',
    ]
    const descriptor = { __proto__: null, value: 'polluted', configurable: true, writable: true }
    for (const name of polluted) Object.defineProperty(Object.prototype, name, descriptor)
    const init = { method: 'POST', body: 'sent', headers: {}, signal: null, redirect: 'follow' }
    const response = await window.osaurus.fetch('/mirror', /** @type {any} */ (init))
    const text = await response.text()
    const refused = await window.osaurus
      .fetch('http://example.com', /** @type {any} */ (init))
      .catch((error) => error)
    const outcome = [text, response.url, refused.code]
    for (const name of polluted) delete (/** @type {any} */ (Object.prototype)[name])
    return outcome
  })
  assert.deepEqual(outcome, ['sent', 'http://osaurus.invalid/mirror', 'ERR_INVALID_ARG_VALUE'])
})

test('the key stays in the main process, and replaces what a client library in the page sends', async (t) => {
  const { app, fake } = await startWithOsaurus(t, {}, { fetch: { accessKey: 'osk-v1-test' } })
  await fake.setExposed(true)
  await openWindow(app)
  const headers = { Authorization: 'Bearer unused', 'x-api-key': 'unused' }
  const { status, body } = await app.page(request, { path: '/v1/models', init: { headers } })
  assert.deepEqual([status, JSON.parse(body).object], [200, 'list'])
  const sent = fake.requests.filter(({ url }) => url === '/v1/models')
  assert.deepEqual(
    sent.map(({ headers }) => [headers.authorization, headers['x-api-key']]),
    [['Bearer osk-v1-test', undefined]],
  )
})

test('an error of the app that names a key reaches the page without the key', async (t) => {
  const { home, baseDir } = makeHome(t)
  await start(t, { baseDir })
  const app = await startApp(t, { home })
  await app.main(({ require }) => {
    const accessKey = () => Promise.reject(new Error('cannot decrypt osk-v1.secret.value'))
    require('osaurus-discovery/electron').registerOsaurus({ fetch: { accessKey } })
  })
  await openWindow(app)
  const { code, message } = await app.page(request, { path: '/v1/models' })
  assert.deepEqual([code, message], ['OSAURUS_INTERNAL', 'cannot decrypt osk-…'])
})

test('without a server a request says what the user can do, and with waitMs it waits for one', async (t) => {
  const { home, baseDir } = makeHome(t)
  const app = await startApp(t, { home })
  await register(app, { fetch: true })
  await openWindow(app)
  const outcome = async () => {
    const { code, message } = await app.page(request, { path: '/v1/models' })
    return `${code}: ${message}`
  }
  assert.equal(
    await outcome(),
    'OSAURUS_NOT_FOUND: Osaurus not found: no server is running. Start Osaurus and try again',
  )
  const fake = await start(t, { baseDir, health: 'starting' })
  assert.equal(await outcome(), 'OSAURUS_STARTING: Osaurus is starting. Try again in a moment')
  await fake.setHealth('running')
  assert.equal((await app.page(request, { path: '/v1/models' })).status, 200)
  await fake.crash()
  assert.match(
    await outcome(),
    /^OSAURUS_NOT_RESPONDING: Osaurus is not responding: .*refused the connection.* Start Osaurus and try again\.?$/,
  )

  await app.main(({ require, state }) => {
    state.registration.dispose()
    require('osaurus-discovery/electron').registerOsaurus({ fetch: { waitMs: Infinity } })
  })
  // Old versions of Electron know only pages that were opened after the registration.
  const waiting = app.page(request, { path: '/v1/models' }, await openWindow(app))
  await fake.relaunch({ port: 0 })
  const { status, message } = await waiting
  assert.equal(status, 200, message)
})

test('fetch.url names the only server, which need not be published', async (t) => {
  const { app, server } = await startFetching(t)
  server.withdraw()
  await app.main(({ require, state }, url) => {
    state.registration.dispose()
    require('osaurus-discovery/electron').registerOsaurus({ fetch: { url, routes: ['GET /echo'] } })
  }, `http://127.0.0.1:${server.port}`)
  const id = await openWindow(app)
  const { status, url } = await app.page(request, { path: '/echo' }, id)
  assert.deepEqual([status, url], [200, 'http://osaurus.invalid/echo'])
  await server.kill()
  const { code, message } = await app.page(request, { path: '/echo' }, id)
  assert.equal(code, 'OSAURUS_NOT_RESPONDING')
  assert.match(message, new RegExp(`http://127.0.0.1:${server.port}`))
})

test('a redirect within the server is followed if the route is allowed, and none to another origin', async (t) => {
  const { app, server } = await startFetching(t, {
    fetch: { routes: ['* /redirect', 'GET /slow', '* /echo'] },
  })
  const outcome = async (/** @type {string} */ to, code = 302, init = {}) => {
    const {
      status,
      url,
      redirected,
      body,
      code: error,
      name,
      message,
    } = await app.page(request, {
      path: `/redirect?code=${code}&to=${encodeURIComponent(to)}`,
      init,
    })
    return status ? { status, url, redirected, body } : { error, name, message }
  }
  const followed = { status: 200, url: 'http://osaurus.invalid/slow', redirected: true, body: '0123456789' }
  assert.deepEqual(await outcome('/slow'), followed)
  assert.deepEqual(
    await outcome(`http://127.0.0.1:${server.port}/slow`, 303, { method: 'POST', body: 'x' }),
    followed,
  )
  const kept = await outcome('/echo', 307, { method: 'POST', body: 'again' })
  assert.deepEqual([JSON.parse(kept.body).method, JSON.parse(kept.body).body], ['POST', 'again'])
  assert.equal((await outcome('/sink')).error, 'OSAURUS_ROUTE_NOT_ALLOWED')
  assert.deepEqual(await outcome('http://example.com/slow'), {
    error: undefined,
    name: 'TypeError',
    message: 'fetch failed: redirect to another origin: http://example.com',
  })
  assert.match((await outcome('/slow', 302, { redirect: 'error' })).message, /unexpected redirect \(302\)/)
  assert.equal((await outcome('/slow', 302, { redirect: 'manual' })).status, 302)
})
