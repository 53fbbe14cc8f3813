// Tests in a real Electron what newer versions have and Electron 9 has not.
'use strict'

const assert = require('node:assert/strict')
const { after, test } = require('node:test')

const { startFakeOsaurus } = require('../../testing.js')
const { eventually } = require('../support/measure.js')
const { closeScreen, makeHome, readFixture, startApp } = require('../support/electron/start.js')
const { listen, openWindow, register, startWithOsaurus } = require('../support/electron/windows.js')
const { major } = require('../support/electron/version.js')

after(closeScreen)

/** @param {number} version @param {string} feature */
const since = (version, feature) => ({
  skip: major < version && `${feature} exists since Electron ${version}`,
})

test(
  'a page of a scheme that protocol.handle() serves is answered',
  since(25, 'protocol.handle'),
  async (t) => {
    const { home, baseDir } = makeHome(t)
    const fake = await startFakeOsaurus({ baseDir })
    t.after(() => fake.stop())
    const main = readFixture('scheme-main.js')
    const app = await startApp(t, { home, main })
    await register(app)
    await openWindow(app, { url: 'app://bundle/page.html' })
    assert.equal(await app.page(() => location.protocol), 'app:')
    assert.deepEqual(await app.page(() => window.osaurus.getInstance()), fake.instance)
    await app.page(listen)
    await eventually(async () => (await app.page(() => window.received)).length === 1, 'the current state')

    await app.main(({ electron }) => electron.protocol.unhandle('app'))
    const message = await app.page(() => window.osaurus.getInstance().then(String, (error) => error.message))
    assert.match(message, /^\[OSAURUS_UNTRUSTED_SENDER\]/)
  },
)

test(
  'an ES module as main file imports the package by name',
  since(28, 'an ES module as main file'),
  async (t) => {
    const { home, baseDir } = makeHome(t)
    const fake = await startFakeOsaurus({ baseDir })
    t.after(() => fake.stop())
    const files = {
      'main.mjs': readFixture('module-main.mjs'),
      'package.json': JSON.stringify({ name: 'module-app', version: '1.0.0', main: 'main.mjs' }),
    }
    const app = await startApp(t, { home, files })
    await eventually(
      async () => (await app.page(() => document.title).catch(() => '')) === fake.url,
      'the title that the main file sets',
    )
    assert.deepEqual(await app.page(() => window.osaurus.getInstance()), fake.instance)
  },
)

test('a utility process discovers and watches, and ends', since(22, 'utilityProcess'), async (t) => {
  const { app, fake } = await startWithOsaurus(t)
  const outcome = await app.main(({ electron, require }) => {
    const child = electron.utilityProcess.fork(require.resolve('./utility.js'))
    return new Promise((resolve) => {
      /** @type {unknown} */
      let message
      child.on('message', (received) => (message = received))
      child.on('exit', (code) => resolve({ message, code }))
    })
  })
  assert.deepEqual(outcome, { message: [fake.url, fake.url], code: 0 })
})

test('net.fetch() reaches the URL of an instance', since(25, 'net.fetch'), async (t) => {
  const { app, fake } = await startWithOsaurus(t)
  const text = await app.main(
    ({ electron }, url) => electron.net.fetch(url).then((response) => response.text()),
    fake.url,
  )
  assert.match(text, /^Osaurus Server is running!/)
})

test('a sandboxed page fetches from an Osaurus that is not exposed', async (t) => {
  const { app, fake } = await startWithOsaurus(t)
  await openWindow(app)
  const names = await app.page(
    (url) =>
      fetch(`${url}/v1/models`)
        .then((response) => response.json())
        .then(({ data }) => data.map((/** @type {{ id: string }} */ { id }) => id)),
    fake.url,
  )
  assert.ok(names.length > 0)
})
