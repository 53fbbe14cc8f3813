// Tests that pages talk to the one server that the app names, such as an Osaurus on another Mac.
'use strict'

const assert = require('node:assert/strict')
const { after, test } = require('node:test')

const { start } = require('../support/fake/start.js')
const { request } = require('../support/electron/page-fetch.js')
const { closeScreen, makeHome, startApp } = require('../support/electron/start.js')
const { openWindow, register } = require('../support/electron/windows.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')

after(closeScreen)

test('requests of a page go to the server of fetch.url with the key, whatever runs on this machine', async (t) => {
  const studio = await start(t, { exposeToNetwork: true, models: ['studio-model'] })
  const local = await start(t, { models: ['local-model'] })
  const app = await startApp(t, { home: makeHome(t).home })
  await register(app, {
    discover: { baseDir: local.baseDir, probeTimeoutMs: 10_000 },
    fetch: { url: studio.url, accessKey: 'osk-v1-test' },
  })
  await openWindow(app)
  const { status, body } = await app.page(request, { path: '/v1/models' })
  assert.equal(status, 200)
  assert.match(body, /studio-model/)
  assert.ok(studio.requests.length > 0)
  assert.ok(!local.requests.some((/** @type {any} */ { path }) => path === '/v1/models'))
})

test('a page gets the error of a server of fetch.url that has gone, and its answer once it is back', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const studio = await start(t)
  const port = Number(new URL(studio.url).port)
  const app = await startApp(t, { home: makeHome(t).home })
  await register(app, { discover: { baseDir }, fetch: { url: studio.url } })
  await openWindow(app)
  assert.equal((await app.page(request, { path: '/v1/models' })).status, 200)
  await studio.crash()
  const gone = await app.page(request, { path: '/v1/models' })
  assert.equal(gone.code, 'OSAURUS_NOT_RESPONDING')
  assert.match(gone.message, new RegExp(`127\\.0\\.0\\.1:${port}`))
  await studio.relaunch({ port })
  assert.equal((await app.page(request, { path: '/v1/models' })).status, 200)
})
