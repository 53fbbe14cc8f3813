// Does an app close its windows and quit while calls are under way, at once and without a word?
'use strict'

const assert = require('node:assert/strict')
const { after, test } = require('node:test')

const { eventually } = require('../support/measure.js')
const { closeScreen, makeHome, startApp, testPackedToo } = require('../support/electron/start.js')
const { openWindow, register, startWithOsaurus } = require('../support/electron/windows.js')

/** A probe takes this long where the server hangs; no quitting may come near it. */
const PROBE_MS = 60_000

after(closeScreen)

/** An app whose every verified call hangs. @param {import('node:test').TestContext} t @param {{ asar: boolean }} form */
async function startWithHungOsaurus(t, form) {
  const { app, fake } = await startWithOsaurus(t, form, { discover: { probeTimeoutMs: PROBE_MS } })
  fake.suspend()
  return { app, fake }
}

/** The server has been asked, and has not answered. @param {import('../../testing.js').FakeOsaurus} fake */
const asked = (fake) => eventually(() => fake.connections > 0, 'a probe under way')

/**
 * @param {import('node:test').TestContext} t
 * @param {() => Promise<{ code: number | null, signal: string | null }>} quit
 */
async function assertQuits(t, quit) {
  const begin = Date.now()
  assert.deepEqual(await quit(), { code: 0, signal: null })
  const took = Date.now() - begin
  t.diagnostic(`quitting took ${took} ms`)
  assert.ok(took < PROBE_MS / 6, `quitting took ${took} ms`)
}

testPackedToo('quit in the middle of a probe, it ends at once', async (t, form) => {
  const { app, fake } = await startWithHungOsaurus(t, form)
  await openWindow(app)
  await app.page(() => void window.osaurus.getInstance())
  await app.page(() => void window.osaurus.listInstances())
  await asked(fake)
  await assertQuits(t, () => app.quit())
})

testPackedToo('quit in the middle of a probe of the watcher, it ends at once', async (t, form) => {
  const { app, fake } = await startWithHungOsaurus(t, form)
  await openWindow(app)
  await app.page(() => void window.osaurus.onChange(() => {}))
  await asked(fake)
  await assertQuits(t, () => app.quit())
})

testPackedToo('quit while many windows listen, it ends at once', async (t, form) => {
  const { app } = await startWithOsaurus(t, form)
  for (let count = 0; count < 5; count++) {
    const id = await openWindow(app)
    const heard = app.page(
      () => new Promise((resolve) => window.osaurus.onChange(() => resolve(true))),
      null,
      id,
    )
    assert.equal(await heard, true)
  }
  await assertQuits(t, () => app.quit())
})

test('quit right after registering, it ends at once', async (t) => {
  const { home } = makeHome(t)
  const app = await startApp(t, { home })
  await register(app)
  await assertQuits(t, () => app.quit())
})

testPackedToo(
  'windows closed in the middle of their calls leave nothing, and the next one is answered',
  async (t, form) => {
    const { app, fake } = await startWithOsaurus(t, form)
    for (let round = 1; round <= 10; round++) {
      fake.suspend()
      const id = await openWindow(app)
      await app.page(
        () => {
          window.osaurus.getInstance()
          window.osaurus.listInstances()
          window.osaurus.onChange(() => {})
        },
        null,
        id,
      )
      await app.main(({ electron }, id) => electron.BrowserWindow.fromId(id)?.destroy(), id)
      fake.resume()
    }
    await eventually(async () => (await app.main(({ state }) => state.watchers)).open === 0, 'no watcher')
    await openWindow(app)
    await eventually(
      async () => (await app.page(() => window.osaurus.getInstance()))?.url === fake.url,
      'an answer',
    )
    await assertQuits(t, () => app.quit())
    assert.deepEqual(app.gone, [])
  },
)

testPackedToo(
  'the app stays alive for its windows only: when the last closes, it may quit',
  async (t, form) => {
    const { home } = makeHome(t)
    const main = `
    const { app, BrowserWindow } = require('electron')
    require('osaurus-discovery/electron').registerOsaurus({ preload: true })
    app.whenReady().then(() => new BrowserWindow({ webPreferences: { contextIsolation: true } }).loadFile('page.html'))
    app.on('window-all-closed', () => app.quit())`
    const app = await startApp(t, { home, main, ...form })
    await eventually(
      () => app.page(() => typeof window.osaurus === 'object').catch(() => false),
      'the bridge',
    )
    await app.page(() => new Promise((resolve) => window.osaurus.onChange(() => resolve(true))))
    await assertQuits(t, () => {
      app.main(({ electron }) => electron.BrowserWindow.getAllWindows()[0].close()).catch(() => {})
      return app.exited
    })
  },
)
