// Tests registering once, twice and again after dispose(), and what dispose() leaves behind.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { after, test } = require('node:test')

const { startFakeOsaurus } = require('../../testing.js')
const { eventually } = require('../support/measure.js')
const { BARE_APP, closeScreen, makeHome, readFixture, startApp } = require('../support/electron/start.js')
const { BRIDGE, openWindow, register } = require('../support/electron/windows.js')

after(closeScreen)

/** In the main process. @param {{ require: NodeJS.Require }} main @param {object} [options] */
function registerAgain({ require }, options) {
  try {
    require('osaurus-discovery/electron').registerOsaurus(options)
    return 'registered'
  } catch (error) {
    return /** @type {any} */ (error).code
  }
}

test('a second registration throws until the first is disposed of, and dispose() may be repeated', async (t) => {
  const { home } = makeHome(t)
  const app = await startApp(t, { home })
  await register(app)
  assert.equal(await app.main(registerAgain), 'OSAURUS_ALREADY_REGISTERED')
  await app.main(({ state: { registration } }) => {
    registration.dispose()
    registration.dispose()
  })
  assert.equal(await app.main(registerAgain), 'registered')
  // The first registration is disposed of: calling its dispose() again does not affect the second.
  await app.main(({ state }) => state.registration.dispose())
  assert.equal(await app.main(registerAgain), 'OSAURUS_ALREADY_REGISTERED')
})

test('a channel that the app already handles makes the registration throw, and nothing stays registered', async (t) => {
  const { home } = makeHome(t)
  const app = await startApp(t, { home })
  await app.main(({ electron }) => electron.ipcMain.handle('osaurus:listInstances', () => []))
  assert.equal(await app.main(registerAgain), 'OSAURUS_ALREADY_REGISTERED')
  await app.main(({ electron }) => electron.ipcMain.removeHandler('osaurus:listInstances'))
  assert.equal(await app.main(registerAgain), 'registered')
})

test('an invalid option throws, and nothing is registered', async (t) => {
  const { home } = makeHome(t)
  const app = await startApp(t, { home })
  assert.equal(await app.main(registerAgain, { discover: { baseDir: 'relative' } }), 'ERR_INVALID_ARG_VALUE')
  assert.equal(await app.main(registerAgain, { session: {} }), 'ERR_INVALID_ARG_TYPE')
  assert.equal(await app.main(registerAgain), 'registered')
})

test('dispose() ends subscriptions, rejects later calls and leaves no listener behind', async (t) => {
  const { home, baseDir } = makeHome(t)
  const fake = await startFakeOsaurus({ baseDir })
  t.after(() => fake.stop())
  const app = await startApp(t, { home })
  const listeners = () =>
    app.main(({ electron }) => {
      const { app, ipcMain } = electron
      return [
        app.listenerCount('web-contents-created'),
        app.listenerCount('ready'),
        ipcMain.listenerCount('osaurus:preload:unsubscribe'),
        ...electron.BrowserWindow.getAllWindows().map(({ webContents }) =>
          webContents.listenerCount('did-frame-navigate'),
        ),
      ]
    })
  const id = await openWindow(app, { preload: '' })
  const before = await listeners()
  await register(app)
  await app.main(({ electron }, id) => electron.BrowserWindow.fromId(id)?.destroy(), id)
  await openWindow(app)
  await app.page(() => {
    window.count = 0
    window.osaurus.onChange(() => window.count++)
  })
  await eventually(async () => (await app.page(() => window.count)) > 0, 'the state now')
  await app.main(({ state }) => state.registration.dispose())
  assert.equal((await app.main(({ state }) => state.watchers)).open, 0)
  assert.match(
    await app.page(() => window.osaurus.getInstance().then(String, (error) => error.message)),
    /does not handle 'osaurus:preload:getInstance'/,
  )
  assert.deepEqual(await listeners(), before)
})

test('the error of a page before registerOsaurus() and after dispose() names the missing call', async (t) => {
  const { home } = makeHome(t)
  const app = await startApp(t, { home })
  const id = await openWindow(app)
  const errors = () =>
    app.page(
      () => {
        window.osaurus.onChange(() => {})
        const message = (/** @type {Error} */ error) => error.message
        return Promise.all([
          window.osaurus.getInstance().then(String, message),
          window.osaurus.listInstances().then(String, message),
        ])
      },
      null,
      id,
    )
  /** @param {string} channel */
  const advice = (channel) =>
    new RegExp(
      String.raw`^(Uncaught Error: )?\[ERR_INVALID_STATE\] The main process does not handle '${channel}': call registerOsaurus\(\)`,
    )
  /** @param {number} times */
  async function assertAdvised(times) {
    const [latest, list] = await errors()
    assert.match(latest, advice('osaurus:preload:getInstance'))
    assert.match(list, advice('osaurus:preload:listInstances'))
    const inConsole =
      /gets no changes: \[ERR_INVALID_STATE\] The main process does not handle 'osaurus:preload:subscribe': call/
    await eventually(
      () => app.pageErrors.filter((each) => inConsole.test(each)).length === times,
      'the reason in the console',
    )
  }
  await assertAdvised(1)
  await register(app)
  await app.main(({ state }) => state.registration.dispose())
  await app.main(({ electron }, id) => electron.BrowserWindow.fromId(id)?.loadFile('page.html'), id)
  await assertAdvised(2)
})

test("a preload script after Osaurus' guide works unchanged", async (t) => {
  const { home, baseDir } = makeHome(t)
  const preload = path.join(BARE_APP, 'guide-preload.js')
  const app = await startApp(t, { home })
  await register(app)
  await openWindow(app, { preload })
  const ask = () => app.page(() => window.mine.ask())
  assert.equal(await ask(), null)
  const fake = await startFakeOsaurus({ baseDir })
  t.after(() => fake.stop())
  assert.deepEqual(await ask(), fake.instance)
})

const bridgeOf = () => Object.keys(window.osaurus || {})

test('preload: true gives every new page the bridge until dispose()', async (t) => {
  const { home } = makeHome(t)
  const app = await startApp(t, { home })
  await register(app, { preload: true })
  assert.deepEqual(await app.page(bridgeOf, null, await openWindow(app, { preload: '' })), BRIDGE)
  await app.main(({ state }) => state.registration.dispose())
  assert.deepEqual(await app.page(bridgeOf, null, await openWindow(app, { preload: '' })), [])
})

test('preload: true keeps the other preload scripts of the session', async (t) => {
  const { home } = makeHome(t)
  const other = path.join(home, 'other.js')
  fs.writeFileSync(other, `require('electron').contextBridge.exposeInMainWorld('other', { here: true })`)
  const app = await startApp(t, { home })
  await app.main(({ electron }, filePath) => {
    const session = electron.session.defaultSession
    if (session.registerPreloadScript) session.registerPreloadScript({ type: 'frame', filePath })
    else session.setPreloads([filePath])
  }, other)
  await register(app, { preload: true })
  const both = () => [typeof window.other, typeof window.osaurus]
  assert.deepEqual(await app.page(both, null, await openWindow(app, { preload: '' })), ['object', 'object'])
  await app.main(({ state }) => state.registration.dispose())
  assert.deepEqual(await app.page(both, null, await openWindow(app, { preload: '' })), [
    'object',
    'undefined',
  ])
})

test('preload: true affects the given session only', async (t) => {
  const { home } = makeHome(t)
  const app = await startApp(t, { home })
  await app.main(({ electron, require }) => {
    const session = electron.session.fromPartition('another')
    require('osaurus-discovery/electron').registerOsaurus({ preload: true, session })
  })
  assert.deepEqual(
    await app.page(bridgeOf, null, await openWindow(app, { preload: '', partition: 'another' })),
    BRIDGE,
  )
  assert.deepEqual(await app.page(bridgeOf, null, await openWindow(app, { preload: '' })), [])
})

test('preload: true affects every session of a list', async (t) => {
  const { home } = makeHome(t)
  const app = await startApp(t, { home })
  await app.main(({ electron, require, state }) => {
    const session = ['one', 'two', 'two'].map((name) => electron.session.fromPartition(name))
    state.registration = require('osaurus-discovery/electron').registerOsaurus({ preload: true, session })
  })
  const bridges = async () => [
    await app.page(bridgeOf, null, await openWindow(app, { preload: '', partition: 'one' })),
    await app.page(bridgeOf, null, await openWindow(app, { preload: '', partition: 'two' })),
    await app.page(bridgeOf, null, await openWindow(app, { preload: '' })),
  ]
  assert.deepEqual(await bridges(), [BRIDGE, BRIDGE, []])
  await app.main(({ state }) => state.registration.dispose())
  assert.deepEqual(await bridges(), [[], [], []])
})

test("preload: true with session: 'all' affects existing and later sessions", async (t) => {
  const { home } = makeHome(t)
  const app = await startApp(t, { home })
  await app.main(({ electron, state }) => {
    state.listeners = () =>
      ['session-created', 'web-contents-created'].map((name) => electron.app.listenerCount(name))
    state.before = state.listeners()
    state.early = electron.session.fromPartition('early')
  })
  await register(app, { preload: true, session: 'all' })
  const bridges = async () => [
    await app.page(bridgeOf, null, await openWindow(app, { preload: '' })),
    await app.page(bridgeOf, null, await openWindow(app, { preload: '', partition: 'early' })),
    await app.page(bridgeOf, null, await openWindow(app, { preload: '', partition: 'late' })),
  ]
  assert.deepEqual(await bridges(), [BRIDGE, BRIDGE, BRIDGE])
  await app.main(({ state }) => state.registration.dispose())
  assert.deepEqual(await bridges(), [[], [], []])
  const [before, after] = await app.main(({ state }) => [state.before, state.listeners()])
  assert.deepEqual(after, before, 'no listener stays on the app')
})

test('a preload script that session and window both load exposes the bridge once, without an error', async (t) => {
  const { home } = makeHome(t)
  const app = await startApp(t, { home })
  await register(app, { preload: true })
  await openWindow(app)
  assert.deepEqual(await app.page(bridgeOf), BRIDGE)
  assert.deepEqual(app.pageErrors, [])
})

for (const [event, flags] of /** @type {Array<[string, string[]]>} */ ([
  ['the promise whenReady()', []],
  ['the event ready', ['--open-on-event']],
]))
  test(`preload: true, registered before the app is ready, reaches a window opened on ${event}`, async (t) => {
    const { home } = makeHome(t)
    const app = await startApp(t, { home, main: readFixture('early-main.js'), flags })
    await eventually(
      () =>
        app.main(
          ({ electron }) =>
            electron.BrowserWindow.getAllWindows()[0]?.webContents.getURL().includes('page.html') ?? false,
        ),
      'the window',
    )
    await eventually(async () => (await app.page(() => document.readyState)) === 'complete', 'the page')
    assert.deepEqual(await app.page(bridgeOf), BRIDGE)
  })
