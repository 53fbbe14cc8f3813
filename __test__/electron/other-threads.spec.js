// Tests discovery in worker threads and child processes of an Electron app.
'use strict'

const assert = require('node:assert/strict')
const { after, test } = require('node:test')

const { startFakeOsaurus } = require('../../testing.js')
const { closeScreen, makeHome, startApp } = require('../support/electron/start.js')

after(closeScreen)

for (const [name, inThread] of /** @type {Array<[string, boolean]>} */ ([
  ['a worker thread', true],
  ['a forked process', false],
]))
  test(`${name} discovers and watches, and ends by itself`, async (t) => {
    const { home, baseDir } = makeHome(t)
    const fake = await startFakeOsaurus({ baseDir })
    t.after(() => fake.stop())
    const app = await startApp(t, { home })
    const outcome = await app.main(({ electron, require }, inThread) => {
      const file = require('path').join(electron.app.getAppPath(), 'elsewhere.js')
      const { Worker } = require('worker_threads')
      const child = inThread ? new Worker(file) : require('child_process').fork(file)
      return new Promise((resolve, reject) => {
        /** @type {unknown} */
        let reported
        child.on('message', (/** @type {unknown} */ message) => (reported = message))
        child.on('error', reject)
        child.on('exit', (/** @type {number} */ code) => resolve({ reported, code }))
      })
    }, inThread)
    assert.deepEqual(outcome, { reported: [fake.url, fake.url], code: 0 })
  })
