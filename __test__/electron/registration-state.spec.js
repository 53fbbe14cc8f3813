// Tests in a real Electron what the registration gives the app's own main process.
'use strict'

const assert = require('node:assert/strict')
const path = require('node:path')
const { after, test } = require('node:test')

const { startFakeOsaurus } = require('../../testing.js')
const { eventually } = require('../support/measure.js')
const { BARE_APP, closeScreen, makeHome, startApp } = require('../support/electron/start.js')
const { listen, openWindow, register, startWithOsaurus, watchers } = require('../support/electron/windows.js')

/** @typedef {Awaited<ReturnType<typeof startApp>>} App */

after(closeScreen)

/** @param {App} app */
const state = (app) =>
  app.main(({ state: { registration } }) => ({
    latest: registration.latest,
    instances: registration.instances,
    reason: registration.reason,
  }))

/** Adds a listener that records its changes under a name. @param {App} app @param {string} name */
const record = (app, name) =>
  app.main(({ state }, name) => {
    /** @type {any[]} */
    const changes = (state[name] = [])
    state.registration.on('change', (/** @type {any} */ change) => changes.push(change))
    return changes.length
  }, name)

/** @param {App} app @param {string} name */
const recorded = (app, name) => app.main(({ state }, name) => state[name], name)

test('the registration opens no watcher until its state is used', async (t) => {
  const { app } = await startWithOsaurus(t)
  await openWindow(app)
  await app.page(() => window.osaurus.getInstance())
  assert.deepEqual(await watchers(app), { opened: 0, open: 0 })
})

test('latest and instances follow what is running, from the watcher that pages share', async (t) => {
  const { app, fake } = await startWithOsaurus(t)
  await state(app)
  await eventually(async () => (await state(app)).latest?.url === fake.url, 'the instance')
  assert.deepEqual(await state(app), { latest: fake.instance, instances: [fake.instance], reason: null })
  await openWindow(app)
  await app.page(listen)
  await eventually(async () => (await app.page(() => window.received)).length === 1, 'the current state')
  assert.deepEqual(await watchers(app), { opened: 1, open: 1 })
  await fake.crash()
  await eventually(async () => (await state(app)).latest === null, 'the crash')
  assert.deepEqual(await state(app), { latest: null, instances: [], reason: 'OSAURUS_NOT_RESPONDING' })
})

test('the watcher of the app outlives the pages that share it', async (t) => {
  const { app, fake } = await startWithOsaurus(t)
  await openWindow(app)
  await app.page(listen)
  await eventually(async () => (await app.page(() => window.received)).length === 1, 'the current state')
  assert.equal((await state(app)).latest?.url, fake.url, 'known at once from the shared watcher')
  await app.main(({ electron }) => electron.BrowserWindow.getAllWindows()[0].destroy())
  await app.main(() => new Promise((resolve) => setTimeout(resolve, 100)))
  assert.deepEqual(await watchers(app), { opened: 1, open: 1 })
})

test('a change listener receives the current state, then every change, until it is removed', async (t) => {
  const { home, baseDir } = makeHome(t)
  const app = await startApp(t, { home })
  await register(app)
  assert.equal(await record(app, 'first'), 0, 'never before on() returns')
  await eventually(async () => (await recorded(app, 'first')).length === 1, 'the empty state')
  const fake = await startFakeOsaurus({ baseDir })
  t.after(() => fake.stop())
  await eventually(async () => (await recorded(app, 'first')).length === 2, 'the start')

  assert.equal(await record(app, 'late'), 0, 'never before on() returns')
  await eventually(async () => (await recorded(app, 'late')).length === 1, 'the state for the late listener')
  const [change] = await recorded(app, 'late')
  assert.deepEqual(change.instances, [fake.instance])
  assert.deepEqual(change.added, [fake.instance])
  assert.equal((await recorded(app, 'first')).length, 2)

  await app.main(({ state }) => {
    const listener = () => state.late.push('again')
    state.registration.on('change', listener).off('change', listener)
  })
  await fake.crash()
  await eventually(async () => (await recorded(app, 'first')).length === 3, 'the crash')
  assert.deepEqual((await recorded(app, 'first'))[2].removed, [fake.instance])
  assert.equal((await recorded(app, 'late')).filter((/** @type {any} */ each) => each === 'again').length, 0)
})

test('an error of a change listener reaches the app, and the other listeners still get the change', async (t) => {
  const { app } = await startWithOsaurus(t)
  await app.main(({ state }) => {
    state.errors = []
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => state.errors.push(error.message))
    state.registration.on('change', () => {
      throw new Error('the first listener fails')
    })
  })
  await record(app, 'second')
  await eventually(async () => (await recorded(app, 'second')).length === 1, 'the change')
  await eventually(async () => (await recorded(app, 'errors')).length === 1, 'the error')
  assert.deepEqual(await recorded(app, 'errors'), ['the first listener fails'])
})

test('on() and off() reject other events and listeners that are not functions', async (t) => {
  const { home } = makeHome(t)
  const app = await startApp(t, { home })
  await register(app)
  const codes = await app.main(({ state: { registration } }) =>
    [
      () => registration.on('close', () => {}),
      () => registration.on('change', 'listener'),
      () => registration.off('change'),
    ].map((call) => {
      try {
        call()
      } catch (error) {
        return /** @type {any} */ (error).code
      }
    }),
  )
  assert.deepEqual(codes, ['ERR_INVALID_ARG_VALUE', 'ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_TYPE'])
})

test('isTrusted() applies the rule of the pages to the messages of the app', async (t) => {
  const { home } = makeHome(t)
  const app = await startApp(t, { home })
  await register(app)
  await app.main(({ electron, state }) => {
    electron.ipcMain.handle('app:ask', (event) => state.registration.isTrusted(event))
    electron.ipcMain.on('app:tell', (event) => {
      state.trusted = state.registration.isTrusted(event)
    })
  })
  const preload = path.join(BARE_APP, 'own-preload.js')
  const own = await openWindow(app, { preload })
  assert.equal(await app.page(() => window.mine.ask(), null, own), true)
  assert.equal(await app.main(({ state }) => state.trusted), true)
  const foreign = await openWindow(app, { preload, url: 'data:text/html,<title>Foreign</title>' })
  assert.equal(await app.page(() => window.mine.ask(), null, foreign), false)
  assert.equal(await app.main(({ state }) => state.trusted), false)
})

test('isTrusted() uses isTrustedSender', async (t) => {
  const { home } = makeHome(t)
  const app = await startApp(t, { home })
  const answers = await app.main(async ({ electron, require }) => {
    const asked = /** @type {string[]} */ ([])
    const registration = require('osaurus-discovery/electron').registerOsaurus({
      isTrustedSender: (/** @type {{ url: string }} */ { url }) =>
        asked.push(url) > 0 && url.includes('page.html'),
    })
    const preload = require.resolve('osaurus-discovery/preload')
    const webPreferences = { preload, contextIsolation: true, sandbox: true }
    const window = new electron.BrowserWindow({ show: false, webPreferences })
    const trusted = new Promise((resolve) =>
      electron.ipcMain.once('osaurus:preload:unsubscribe', (event) => resolve(registration.isTrusted(event))),
    )
    await window.loadFile('page.html')
    await window.webContents.executeJavaScript('osaurus.onChange(() => {})()')
    return [await trusted, asked.every((url) => url.startsWith('file:'))]
  })
  assert.deepEqual(answers, [true, true])
})

test('dispose() empties the state, removes the listeners and closes the watcher', async (t) => {
  const { app, fake } = await startWithOsaurus(t)
  await record(app, 'changes')
  await eventually(async () => (await recorded(app, 'changes')).length === 1, 'the current state')
  await app.main(({ state }) => state.registration.dispose())
  assert.deepEqual(await watchers(app), { opened: 1, open: 0 })
  assert.deepEqual(await state(app), { latest: null, instances: [], reason: null })
  await record(app, 'late')
  await fake.crash()
  await app.main(() => new Promise((resolve) => setTimeout(resolve, 300)))
  assert.equal((await recorded(app, 'changes')).length, 1)
  assert.deepEqual(await recorded(app, 'late'), [])
  assert.deepEqual(await watchers(app), { opened: 1, open: 0 })
})

test('an app whose registration has a listener quits at once', async (t) => {
  const { app } = await startWithOsaurus(t)
  await record(app, 'changes')
  await eventually(async () => (await recorded(app, 'changes')).length === 1, 'the current state')
  assert.deepEqual(await app.quit(), { code: 0, signal: null })
})
