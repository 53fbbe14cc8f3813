// Tests that pages have the current state after windows and Osaurus came and went at random.
'use strict'

const assert = require('node:assert/strict')
const { after, test } = require('node:test')
const { isDeepStrictEqual } = require('node:util')

const { Random } = require('../support/random.js')
const { eventually } = require('../support/measure.js')
const { closeScreen } = require('../support/electron/start.js')
const { listen, openWindow, startWithOsaurus, watchers } = require('../support/electron/windows.js')

const SEED = Number(process.env.SEED) || Date.now() % 1e9
const STEPS = 200
const MOST_WINDOWS = 4

after(closeScreen)

test(`every listening page has the current state after ${STEPS} random steps`, async (t) => {
  t.diagnostic(`SEED=${SEED}`)
  const random = new Random(SEED)
  const { app, fake } = await startWithOsaurus(t)
  /** @type {number[]} */
  const windows = []

  /** @param {(window: import('electron').BrowserWindow) => void} change @param {number} id */
  const toWindow = (change, id) =>
    app.main(({ electron }, { change, id }) => (0, eval)(`(${change})`)(electron.BrowserWindow.fromId(id)), {
      change: String(change),
      id,
    })
  // A page that is navigating does not answer.
  const inPage = (/** @type {() => void} */ task, /** @type {number} */ id) =>
    void app.page(task, null, id).catch(() => {})

  /** @type {Array<(id: number) => unknown>} */
  const steps = [
    (id) => inPage(listen, id),
    (id) => inPage(() => window.stopListening && window.stopListening(), id),
    (id) => inPage(() => void window.osaurus.getInstance(), id),
    (id) => inPage(() => void window.osaurus.listInstances(), id),
    (id) => toWindow((window) => window.reload(), id),
    (id) => toWindow((window) => void window.loadFile('page.html').catch(() => {}), id),
    (id) => toWindow((window) => window.webContents.stop(), id),
    (id) => {
      windows.splice(windows.indexOf(id), 1)
      return toWindow(random.chance(0.5) ? (window) => window.close() : (window) => window.destroy(), id)
    },
    () => fake.setHealth(random.pick(['starting', 'restarting', 'running'])),
    () => fake.setExposed(random.chance(0.5)),
    () => fake.crash().then(() => fake.relaunch()),
    () => fake.relaunch(),
  ]

  for (let step = 0; step < STEPS; step++) {
    if (windows.length === 0 || (windows.length < MOST_WINDOWS && random.chance(0.2)))
      windows.push(await openWindow(app))
    await random.pick(steps)(random.pick(windows))
  }
  await fake.setHealth('running')

  for (const id of windows) {
    await toWindow((window) => void window.loadFile('page.html').catch(() => {}), id)
    await eventually(
      () => app.page(() => document.readyState === 'complete', null, id).catch(() => false),
      'the page',
    )
    await app.page(listen, null, id)
  }
  const { instanceId } = fake.instance
  for (const id of windows) {
    await eventually(async () => {
      const received = await app.page(() => window.received, null, id)
      const now = await app.page(() => window.osaurus.listInstances(), null, id)
      return (
        now[0]?.instanceId === instanceId && isDeepStrictEqual(received[received.length - 1]?.instances, now)
      )
    }, 'the current state')
  }
  assert.equal((await watchers(app)).open, 1)
  assert.deepEqual(app.gone, [])
  assert.deepEqual(await app.quit(), { code: 0, signal: null })
})
