// Tests the results that pages get in a real Electron.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { after, test } = require('node:test')

const { startFakeOsaurus } = require('../../testing.js')
const { eventually } = require('../support/measure.js')
const { closeScreen, makeHome, startApp } = require('../support/electron/start.js')
const { BRIDGE, listen, openWindow, register, startWithOsaurus } = require('../support/electron/windows.js')

after(closeScreen)

test('a page gets the running instances while Osaurus starts, runs, is suspended and crashes', async (t) => {
  const { home, baseDir } = makeHome(t)
  const app = await startApp(t, { home })
  await register(app)
  await openWindow(app)
  const seen = async () => [
    await app.page(() => window.osaurus.getInstance()),
    await app.page(() => window.osaurus.listInstances()),
  ]

  assert.deepEqual(await seen(), [null, []])
  const fake = await startFakeOsaurus({ baseDir, health: 'starting' })
  t.after(() => fake.stop())
  assert.deepEqual(await seen(), [null, []])
  await fake.setHealth('running')
  assert.deepEqual(await seen(), [fake.instance, [fake.instance]])
  fake.suspend()
  assert.deepEqual(await seen(), [null, []])
  fake.resume()
  assert.deepEqual(await seen(), [fake.instance, [fake.instance]])
  await fake.setExposed(true)
  assert.deepEqual(await seen(), [{ ...fake.instance, url: fake.url }, [{ ...fake.instance, url: fake.url }]])
  await fake.crash()
  assert.deepEqual(await seen(), [null, []])
})

test('a failure of discovery rejects with a message that begins with its code', async (t) => {
  const { home, baseDir } = makeHome(t)
  fs.mkdirSync(path.dirname(baseDir), { recursive: true })
  fs.writeFileSync(baseDir, 'a file in place of a directory')
  const app = await startApp(t, { home })
  await register(app)
  await openWindow(app)
  for (const call of /** @type {const} */ (['getInstance', 'listInstances'])) {
    const message = await app.page(
      (call) => window.osaurus[call]().then(String, (error) => error.message),
      call,
    )
    // Old versions of Electron add a prefix to every error.
    assert.match(message, /^(Uncaught Error: )?\[OSAURUS_IO\] Osaurus folder cannot be read/)
  }
})

test('a page gets a few functions and no access to Electron', async (t) => {
  const { home } = makeHome(t)
  const app = await startApp(t, { home })
  await register(app)
  await openWindow(app)
  const found = await app.page(() => ({
    names: Object.keys(window.osaurus),
    // @ts-expect-error: it is not there, which is the point
    globals: [typeof require, typeof process, typeof ipcRenderer, typeof module],
    functions: Object.entries(window.osaurus)
      .filter(([, value]) => typeof value === 'function')
      .map(([name]) => name),
    // @ts-expect-error: declared nowhere, since it is empty
    handover: osaurusBridge.take(),
  }))
  assert.deepEqual(found, {
    names: BRIDGE,
    globals: ['undefined', 'undefined', 'undefined', 'undefined'],
    functions: BRIDGE.filter((name) => name !== 'endpoints'),
    handover: null,
  })
})

test('arguments of a page are ignored', async (t) => {
  const { home, baseDir } = makeHome(t)
  const fake = await startFakeOsaurus({ baseDir })
  t.after(() => fake.stop())
  const app = await startApp(t, { home })
  await app.main(({ electron, state }) => {
    const { ipcMain } = electron
    const { handle } = ipcMain
    state.passed = []
    ipcMain.handle = (channel, listener) =>
      handle.call(ipcMain, channel, (event, ...args) => {
        state.passed.push([channel, ...args])
        return listener(event, ...args)
      })
  })
  await register(app)
  await openWindow(app)
  const answers = await app.page(() => {
    const { getInstance, listInstances } = /** @type {any} */ (window.osaurus)
    return Promise.all([getInstance({ baseDir: '/' }, 1), listInstances('x', () => {})])
  })
  assert.deepEqual(answers, [fake.instance, [fake.instance]])
  assert.deepEqual(await app.main(({ state }) => state.passed), [
    ['osaurus:preload:getInstance'],
    ['osaurus:preload:listInstances'],
  ])
})

test('a page without context isolation gets the same functions, frozen', async (t) => {
  const { app, fake } = await startWithOsaurus(t)
  await openWindow(app, { contextIsolation: false, sandbox: false })
  assert.deepEqual(await app.page(() => window.osaurus.getInstance()), fake.instance)
  assert.deepEqual(await app.page(() => [Object.isFrozen(window.osaurus), ...Object.keys(window.osaurus)]), [
    ...[true, ...BRIDGE],
  ])
  await app.page(listen)
  await eventually(async () => (await app.page(() => window.received)).length === 1, 'the state now')
})

test('concurrent calls of several pages share one discovery', async (t) => {
  const { home } = makeHome(t)
  const app = await startApp(t, { home })
  await app.main(({ require, state }) => {
    /** @type {any} */
    const discovery = require('osaurus-discovery')
    const calls = (state.calls = { latest: 0, list: 0, answer: () => {} })
    const answered = new Promise((resolve) => (calls.answer = () => resolve(undefined)))
    discovery.discoverLatestRunningInstance = () => {
      calls.latest += 1
      const call = `${calls.latest}`
      return answered.then(() => ({ instanceId: call }))
    }
    discovery.listInstances = () => {
      calls.list += 1
      return answered.then(() => [])
    }
  })
  await register(app)
  const windows = [await openWindow(app), await openWindow(app), await openWindow(app)]
  const asked = windows.flatMap((id) =>
    [1, 2, 3, 4].map(() =>
      app.page(() => Promise.all([window.osaurus.getInstance(), window.osaurus.listInstances()]), null, id),
    ),
  )
  const counts = () => app.main(({ state }) => state.calls)
  await eventually(async () => (await counts()).list === 1, 'the first call')
  // Once a later call of every page has come back, all twelve have been sent.
  await Promise.all(windows.map((id) => app.page(() => Promise.resolve(), null, id)))
  await app.main(({ state }) => state.calls.answer())
  const answers = await Promise.all(asked)
  assert.equal(answers.length, 12)
  assert.ok(answers.every(([latest]) => latest.instanceId === '1'))
  assert.deepEqual(await counts().then(({ latest, list }) => ({ latest, list })), { latest: 1, list: 1 })
})
