// Tests in a real Electron when a page gets changes and when it stops getting them.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { after, test } = require('node:test')

const { startFakeOsaurus } = require('../../testing.js')
const { eventually } = require('../support/measure.js')
const { BARE_APP, closeScreen, makeHome, startApp, testPackedToo } = require('../support/electron/start.js')
const { listen, openWindow, register, startWithOsaurus, watchers } = require('../support/electron/windows.js')

after(closeScreen)

/** The state while nothing is published. */
const NONE = { instances: [], added: [], updated: [], removed: [], reason: 'OSAURUS_NOT_FOUND' }

test('a page receives the current state, then every change, until it stops listening', async (t) => {
  const { home, baseDir } = makeHome(t)
  const app = await startApp(t, { home })
  await register(app)
  await openWindow(app)
  await app.page(listen)
  const received = (/** @type {number} */ count) =>
    eventually(async () => {
      const all = await app.page(() => window.received)
      return all.length >= count && all
    }, `${count} changes`)

  assert.deepEqual(await received(1), [NONE])
  const fake = await startFakeOsaurus({ baseDir })
  t.after(() => fake.stop())
  const { instance } = fake
  assert.deepEqual((await received(2))[1], {
    instances: [instance],
    added: [instance],
    updated: [],
    removed: [],
    reason: null,
  })
  await fake.crash()
  assert.deepEqual((await received(3))[2], {
    ...NONE,
    removed: [instance],
    reason: 'OSAURUS_NOT_RESPONDING',
  })
  await fake.relaunch()
  assert.deepEqual((await received(4))[3], {
    ...{ instances: [fake.instance], added: [fake.instance] },
    ...{ updated: [], removed: [], reason: null },
  })

  await app.page(() => {
    window.stopListening()
    window.stopListening()
  })
  await eventually(async () => (await watchers(app)).open === 0, 'the watcher closed')
  await fake.stop()
  assert.equal((await received(4)).length, 4)
})

test('a page receives every change of the reason why none is running', async (t) => {
  const { home, baseDir } = makeHome(t)
  const app = await startApp(t, { home })
  await register(app)
  await openWindow(app)
  await app.page(listen)
  const reasons = () => app.page(() => window.received.map(({ reason }) => reason))
  const expected = /** @type {(string | null)[]} */ (['OSAURUS_NOT_FOUND'])
  /** @param {string | null} reason */
  const changesTo = async (reason) => {
    expected.push(reason)
    await eventually(async () => (await reasons()).length >= expected.length, String(reason))
  }

  await eventually(async () => (await reasons()).length === 1, 'the current state')
  const fake = await startFakeOsaurus({ baseDir, health: 'starting' })
  t.after(() => fake.stop())
  await changesTo('OSAURUS_STARTING')
  await fake.setHealth('running')
  await changesTo(null)
  await fake.crash()
  await changesTo('OSAURUS_NOT_RESPONDING')
  assert.deepEqual(await reasons(), expected)

  // A late listener in another window gets the reason as part of the current state.
  const late = await openWindow(app)
  await app.page(listen, null, late)
  await eventually(async () => (await app.page(() => window.received, null, late)).length === 1, 'the state')
  const [state] = await app.page(() => window.received, null, late)
  assert.deepEqual(state, { ...NONE, reason: 'OSAURUS_NOT_RESPONDING' })
})

test('listeners of one page are independent: a late one receives the current state, and none is affected by another', async (t) => {
  const { app, fake } = await startWithOsaurus(t)
  await openWindow(app)
  await app.page(() => {
    window.first = []
    window.late = []
    window.osaurus.onChange((change) => {
      change.instances.length = 0 // Its own copy.
      throw new Error('the first listener fails')
    })
    window.osaurus.onChange((change) => window.first.push(change))
  })
  const log = () => app.page(() => ({ first: window.first, late: window.late }))
  await eventually(async () => (await log()).first.length === 1, 'the current state')
  await app.page(() => {
    window.stopLate = window.osaurus.onChange((change) => window.late.push(change))
    window.inTheSameTurn = window.late.length
  })
  await eventually(async () => (await log()).late.length === 1, 'the state for the late one')
  const { instance } = fake
  const state = { instances: [instance], added: [instance], updated: [], removed: [], reason: null }
  assert.deepEqual(await log(), { first: [state], late: [state] })
  assert.equal(await app.page(() => window.inTheSameTurn), 0, 'never before onChange returns')

  await app.page(() => window.stopLate())
  await fake.crash()
  await eventually(async () => (await log()).first.length === 2, 'the crash')
  assert.equal((await log()).late.length, 1)
  assert.equal((await watchers(app)).open, 1)
  const failures = () => app.pageErrors.filter((each) => /the first listener fails/.test(each)).length
  await eventually(() => failures() >= 2, 'a failure for each call')
  assert.equal(failures(), 2)
})

test('onChange() throws if the listener is not a function', async (t) => {
  const { home } = makeHome(t)
  const app = await startApp(t, { home })
  await register(app)
  await openWindow(app)
  const message = await app.page(() => {
    try {
      window.osaurus.onChange(/** @type {any} */ ('no function'))
    } catch (error) {
      return /** @type {Error} */ (error).message
    }
  })
  assert.match(message, /onChange: the listener must be a function/)
})

test('changes reach only the windows that listen, from one watcher', async (t) => {
  const { home, baseDir } = makeHome(t)
  const app = await startApp(t, { home })
  await register(app)
  const asking = [await openWindow(app), await openWindow(app)]
  const preload = path.join(BARE_APP, 'eavesdropper.js')
  const silent = await openWindow(app, { preload })
  for (const id of asking) {
    await app.page(listen, null, id)
    await eventually(
      async () => (await app.page(() => window.received, null, id)).length === 1,
      'none so far',
    )
  }
  const fake = await startFakeOsaurus({ baseDir })
  t.after(() => fake.stop())
  for (const id of asking)
    await eventually(async () => (await app.page(() => window.received, null, id)).length === 2, 'the start')
  // It may call, as every page of the app may. Nothing is pushed to it.
  assert.deepEqual(await app.page(() => window.eavesdropper.ask(), null, silent), fake.instance)
  assert.equal(await app.page(() => window.eavesdropper.received(), null, silent), 0)
  assert.deepEqual(await watchers(app), { opened: 1, open: 1 })
})

testPackedToo(
  'a page that is reloaded fifty times listens again each time, with one watcher running',
  async (t, form) => {
    const { app } = await startWithOsaurus(t, form)
    await openWindow(app)
    const before = await app.main(listenersOfThePage)
    for (let round = 1; round <= 50; round++) {
      await app.page(listen)
      await eventually(
        async () => (await app.page(() => window.received)).length === 1,
        `the state, round ${round}`,
      )
      await app.page(() => void window.osaurus.getInstance()) // Its result is still pending when the page goes away.
      await app.main(({ electron }) => {
        const [window] = electron.BrowserWindow.getAllWindows()
        const loaded = new Promise((resolve) =>
          window.webContents.once('did-finish-load', () => resolve(undefined)),
        )
        window.reload()
        return loaded.then(() => {})
      })
    }
    await eventually(async () => (await watchers(app)).open === 0, 'no watcher without a listener')
    assert.ok((await watchers(app)).opened <= 50)
    assert.deepEqual(await app.main(listenersOfThePage), before, 'no listener stays on its contents')
    assert.deepEqual(app.gone, [])
    assert.deepEqual(app.pageErrors, [])
  },
)

for (const [
  event,
  trigger,
] of /** @type {Array<[string, (main: { electron: typeof import('electron') }) => any]>} */ ([
  ['the window is closed', ({ electron }) => electron.BrowserWindow.getAllWindows()[0].destroy()],
  [
    'the page navigates away',
    ({ electron }) =>
      electron.BrowserWindow.getAllWindows()[0].loadFile('page.html', { query: { next: '1' } }),
  ],
  [
    'the render process is killed',
    ({ electron }) =>
      process.kill(electron.BrowserWindow.getAllWindows()[0].webContents.getOSProcessId(), 'SIGKILL'),
  ],
]))
  testPackedToo(`a page stops listening when ${event}`, async (t, form) => {
    const { home } = makeHome(t)
    const app = await startApp(t, { home, ...form })
    await register(app)
    await openWindow(app)
    await app.page(listen)
    await eventually(async () => (await app.page(() => window.received)).length === 1, 'the current state')
    assert.deepEqual(await watchers(app), { opened: 1, open: 1 })
    await app.main(trigger)
    await eventually(async () => (await watchers(app)).open === 0, 'the watcher closed')
  })

test('a listening page gets an empty state for an unreadable directory, and the reason in its console', async (t) => {
  const { home, baseDir } = makeHome(t)
  fs.mkdirSync(path.dirname(baseDir), { recursive: true })
  fs.writeFileSync(baseDir, 'a file in place of a directory')
  const app = await startApp(t, { home })
  await app.main(({ state }) => {
    state.codes = []
    process.on('warning', (/** @type {any} */ { name, code }) => {
      if (name === 'OsaurusWarning') state.codes.push(code)
    })
  })
  await register(app)
  const reports = () =>
    app.pageWarnings.filter((each) => /window\.osaurus\.onChange.*\[OSAURUS_IO\] .*cannot be read/.test(each))
      .length

  // The first window listens before the failure, the second one after it.
  for (const windows of [1, 2]) {
    const id = await openWindow(app)
    await app.page(listen, null, id)
    await eventually(async () => (await app.page(() => window.received, null, id)).length > 0, 'a state')
    await eventually(() => reports() === windows, 'the reason in its console')
    assert.deepEqual(await app.page(() => window.received, null, id), [{ ...NONE, reason: 'OSAURUS_IO' }])
    assert.match(
      await app.page(() => window.osaurus.getInstance().then(String, (error) => error.message), null, id),
      /\[OSAURUS_IO\]/,
    )
  }
  assert.deepEqual(await app.main(({ state }) => state.codes), ['OSAURUS_IO'], 'one warning of the process')

  fs.rmSync(baseDir)
  const fake = await startFakeOsaurus({ baseDir })
  t.after(() => fake.stop())
  const id = await openWindow(app)
  await app.page(listen, null, id)
  await eventually(
    async () => (await app.page(() => window.received, null, id)).pop()?.instances[0]?.url === fake.url,
    'what runs now',
  )
})

test('a page keeps listening after navigation inside the page (a fragment, history)', async (t) => {
  const { home, baseDir } = makeHome(t)
  const app = await startApp(t, { home })
  await register(app)
  await openWindow(app)
  await app.page(listen)
  await app.page(() => {
    location.hash = 'chapter'
    history.pushState({}, '', '?page=2')
  })
  const fake = await startFakeOsaurus({ baseDir })
  t.after(() => fake.stop())
  await eventually(
    () =>
      app.page(
        (url) => window.received.some((/** @type {any} */ { instances }) => instances[0]?.url === url),
        fake.url,
      ),
    'the change',
  )
})

/** In the main process. @param {{ electron: typeof import('electron') }} main */
function listenersOfThePage({ electron }) {
  const [{ webContents }] = electron.BrowserWindow.getAllWindows()
  return ['destroyed', 'render-process-gone', 'did-frame-navigate'].map((name) =>
    webContents.listenerCount(name),
  )
}
