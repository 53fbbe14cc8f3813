// Tests that an app closes windows and quits at once while calls are running.
'use strict'

const assert = require('node:assert/strict')
const { after, test } = require('node:test')

const { eventually } = require('../support/measure.js')
const {
  closeScreen,
  makeHome,
  readFixture,
  startApp,
  testPackedToo,
} = require('../support/electron/start.js')
const { openWindow, register, startWithOsaurus } = require('../support/electron/windows.js')

/** How long a probe of an unresponsive server takes. Quitting must not wait for it. */
const PROBE_MS = 60_000

after(closeScreen)

/** Starts an app beside a suspended Osaurus, so that every verified call hangs. @param {import('node:test').TestContext} t @param {{ asar: boolean }} form */
async function startWithHungOsaurus(t, form) {
  const { app, fake } = await startWithOsaurus(t, form, { discover: { probeTimeoutMs: PROBE_MS } })
  fake.suspend()
  return { app, fake }
}

/** Waits until the server was probed. It does not answer. @param {import('../../testing.js').FakeOsaurus} fake */
const asked = (fake) => eventually(() => fake.connections > 0, 'a running probe')

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

testPackedToo('an app that quits during a probe ends at once', async (t, form) => {
  const { app, fake } = await startWithHungOsaurus(t, form)
  await openWindow(app)
  await app.page(() => void window.osaurus.getInstance())
  await app.page(() => void window.osaurus.listInstances())
  await asked(fake)
  await assertQuits(t, () => app.quit())
})

testPackedToo('an app that quits during a probe of the watcher ends at once', async (t, form) => {
  const { app, fake } = await startWithHungOsaurus(t, form)
  await openWindow(app)
  await app.page(() => void window.osaurus.onChange(() => {}))
  await asked(fake)
  await assertQuits(t, () => app.quit())
})

testPackedToo('an app that quits while many windows listen ends at once', async (t, form) => {
  const { app } = await startWithOsaurus(t, form)
  for (let count = 0; count < 5; count++) {
    const id = await openWindow(app)
    const received = app.page(
      () => new Promise((resolve) => window.osaurus.onChange(() => resolve(true))),
      null,
      id,
    )
    assert.equal(await received, true)
  }
  await assertQuits(t, () => app.quit())
})

test('an app that quits right after registering ends at once', async (t) => {
  const { home } = makeHome(t)
  const app = await startApp(t, { home })
  await register(app)
  await assertQuits(t, () => app.quit())
})

testPackedToo(
  'windows that are closed during their calls leave nothing behind, and the next one is answered',
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

testPackedToo('an app with a registration can quit when its last window closes', async (t, form) => {
  const { home } = makeHome(t)
  const main = readFixture('quitting-main.js')
  const app = await startApp(t, { home, main, ...form })
  await eventually(
    async () => (await app.page(() => typeof window.osaurus).catch(() => '')) === 'object',
    'the bridge',
  )
  await app.page(() => new Promise((resolve) => window.osaurus.onChange(() => resolve(true))))
  await assertQuits(t, () => {
    app.main(({ electron }) => electron.BrowserWindow.getAllWindows()[0].close()).catch(() => {})
    return app.exited
  })
})
