// Tests in a real Electron that a page which goes away leaves nothing in the main process, at whatever stage its request is.
'use strict'

const assert = require('node:assert/strict')
const { after, test } = require('node:test')

const { PAGE_ENDS } = require('../support/electron/page-ends.js')
const { held, instrument, nothingHeld } = require('../support/electron/hostile.js')
const { eventually } = require('../support/measure.js')
const { startServer } = require('../support/fetch/server-process.js')
const { closeScreen, makeHome, startApp } = require('../support/electron/start.js')
const { openWindow } = require('../support/electron/windows.js')

/** @typedef {import('../support/electron/windows.js').App} App */

after(closeScreen)

/** Starts an app whose answers about trust and key a test can hold back. @param {import('node:test').TestContext} t */
async function startGated(t) {
  const { home } = makeHome(t)
  const server = await startServer(t)
  const app = await startApp(t, { home })
  await instrument(app)
  await app.main(({ require, state }, baseDir) => {
    state.asked = 0
    const gate = async (/** @type {string} */ stage, /** @type {unknown} */ answer) => {
      if (state.stage !== stage) return answer
      state.asked += 1
      return new Promise(() => {})
    }
    state.registration = require('osaurus-discovery/electron').registerOsaurus({
      discover: { baseDir, probeTimeoutMs: 10_000 },
      isTrustedSender: () => gate('trust', true),
      fetch: { accessKey: () => gate('key', 'osk-v1-test'), waitMs: Infinity, routes: ['* /**'] },
    })
  }, server.baseDir)
  return { app, server }
}

/** @type {Record<string, (app: App, id: number) => Promise<unknown>>} */
const ENDS = {
  ...PAGE_ENDS,
  'ended by abort()': (app, id) => app.page(() => /** @type {any} */ (window).controller.abort(), null, id),
}

/** Sends requests from a page. @param {App} app @param {number} id @param {string} path @param {number} count */
const send = (app, id, path, count) =>
  app.page(
    ({ path, count }) => {
      const world = /** @type {any} */ (window)
      world.controller = new AbortController()
      const { signal } = world.controller
      for (let i = 0; i < count; i++)
        window.osaurus.fetch(path, { method: 'POST', body: 'x', signal }).then(
          (response) => (world.kept = [...(world.kept || []), response]),
          () => {},
        )
    },
    { path, count },
    id,
  )

const COUNT = 5

/** How each stage is reached, and recognized. */
const STAGES = /** @type {const} */ ({
  'while its trust is decided': { gate: 'trust', path: '/echo' },
  'while the app looks for the key': { gate: 'key', path: '/echo' },
  'before the server answers': { path: '/hang' },
  'while its body is sent': { path: '/stuck' },
  'while it does not read its response': { path: `/bytes?count=${2 ** 40}` },
})

for (const [stage, { path, gate = '' }] of /** @type {[string, { path: string, gate?: string }][]} */ (
  Object.entries(STAGES)
))
  test(`a page that is closed, reloaded, navigated, crashed or aborted ${stage} leaves nothing`, async (t) => {
    const { app, server } = await startGated(t)
    // An own page, so that the frame registry has something to keep.
    await openWindow(app)
    const before = await held(app)
    for (const [name, end] of Object.entries(ENDS)) {
      const id = await openWindow(app)
      await app.main(({ state }, gate) => void Object.assign(state, { stage: gate, asked: 0 }), gate)
      await send(app, id, path, COUNT)
      if (gate) await eventually(async () => (await app.main(({ state }) => state.asked)) === COUNT, stage)
      else {
        const arrived = () => server.requests().filter((line) => line === `POST ${path}`).length
        const earlier = Object.keys(ENDS).indexOf(name) * COUNT
        await eventually(() => arrived() === earlier + COUNT, stage)
      }
      await app.main(({ state }) => void (state.stage = ''))
      await end(app, id)
      await app.main(({ electron }, id) => electron.BrowserWindow.fromId(id)?.destroy(), id)
      await nothingHeld(app, before).catch((error) => assert.fail(`${name}: ${error.message}`))
    }
    if (gate) assert.deepEqual(server.requests(), [], 'nothing was sent')
    else
      await eventually(
        () => server.closed.filter(({ url }) => url === path).length === COUNT * 5,
        'the aborts',
      )
    assert.ok(server.closed.every(({ url, complete }) => url === '/' || !complete))
  })

test('a page that is closed while no server runs leaves nothing, and nothing is sent later', async (t) => {
  const { app, server } = await startGated(t)
  await server.kill()
  await openWindow(app)
  const before = await held(app)
  for (const [name, end] of Object.entries(ENDS)) {
    const id = await openWindow(app)
    await send(app, id, '/echo', COUNT)
    await eventually(async () => (await held(app)).calls === COUNT, 'the waiting')
    await end(app, id)
    await app.main(({ electron }, id) => electron.BrowserWindow.fromId(id)?.destroy(), id)
    await nothingHeld(app, before).catch((error) => assert.fail(`${name}: ${error.message}`))
  }
  await server.start()
  const id = await openWindow(app)
  await app.page(() => window.osaurus.fetch('/status?code=200').then(() => {}), null, id)
  assert.deepEqual(server.requests(), ['GET /status?code=200'])
})
