// Tests in a real Electron the warnings that name denied pages for the app's developer.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { after, test } = require('node:test')
const { pathToFileURL } = require('node:url')

const { eventually } = require('../support/measure.js')
const { closeScreen, makeHome, startApp } = require('../support/electron/start.js')
const { openWindow, register } = require('../support/electron/windows.js')

/** @typedef {import('../support/electron/windows.js').App} App */
/** @typedef {{ name: string, code: string, message: string }} Warning */

after(closeScreen)

/** The layout of a TypeScript app: the main file in dist, the page above it. */
const TYPESCRIPT = {
  'dist/main.js': fs.readFileSync(path.join(__dirname, '..', 'fixtures', 'electron-app', 'main.js'), 'utf8'),
  'package.json': JSON.stringify({ name: 'compiled-app', version: '1.0.0', main: 'dist/main.js' }),
}

/**
 * Starts such an app and records its warnings.
 * @param {import('node:test').TestContext} t
 * @param {string} [entry]
 */
async function startCompiled(t, entry) {
  const { home } = makeHome(t)
  const app = await startApp(t, { home, files: TYPESCRIPT, entry })
  await app.main(({ state }) => {
    /** @type {Warning[]} */
    const warnings = (state.warnings = [])
    process.on('warning', (warning) => {
      const { name, code, message } = /** @type {any} */ (warning)
      if (name === 'OsaurusWarning') warnings.push({ name, code, message })
    })
  })
  await register(app)
  const directory = path.join(home, 'app')
  return { app, directory, url: pathToFileURL(path.join(directory, 'page.html')).href }
}

/** @param {App} app @returns {Promise<Warning[]>} */
const warnings = (app) => app.main(({ state }) => state.warnings)

/** The results of repeated calls of the page. @param {App} app @param {number} id */
function ask(app, id, times = 1) {
  return app.page(
    async (times) => {
      const got = []
      for (let round = 0; round < times; round++)
        got.push(await window.osaurus.getInstance().then(String, (error) => error.message))
      return got
    },
    times,
    id,
  )
}

test('an app that is started by its main file gets a warning with the reason and the remedy for its denied page', async (t) => {
  const { app, directory, url } = await startCompiled(t, 'dist/main.js')
  const got = await ask(app, await openWindow(app, { url }))
  assert.match(got[0], /\[OSAURUS_UNTRUSTED_SENDER\]/)
  assert.ok(!got[0].includes(directory), 'the page does not get the app directory')

  await eventually(async () => (await warnings(app)).length > 0, 'a warning')
  const [{ code, message }] = await warnings(app)
  assert.equal(code, 'OSAURUS_UNTRUSTED_SENDER')
  assert.ok(message.includes(`${url} (main frame)`), message)
  assert.ok(message.includes(path.join(directory, 'dist')), message)
  assert.match(message, /`electron \.`.*isTrustedSender/)
})

test('an app that is started by its directory answers its page without a warning', async (t) => {
  const { app, url } = await startCompiled(t)
  assert.deepEqual(await ask(app, await openWindow(app, { url })), ['null'])
  assert.deepEqual(await warnings(app), [])
})

test('each page is named once, however often it calls', async (t) => {
  const { app, url } = await startCompiled(t, 'dist/main.js')
  const first = await openWindow(app, { url })
  const second = await openWindow(app, { url: `${url}?second` })
  for (const id of [first, second, first]) await ask(app, id, 5)
  // Warnings are emitted in order, so this one comes last.
  const last = await openWindow(app, { url: `${url}?last` })
  await ask(app, last)
  await eventually(
    async () => (await warnings(app)).some(({ message }) => message.includes('?last')),
    'the last',
  )
  assert.equal((await warnings(app)).length, 3)
})

test('the warning says that a denied frame is embedded', async (t) => {
  const { app, directory } = await startCompiled(t)
  await openWindow(app, { nodeIntegrationInSubFrames: true })
  await app.page(() => {
    const frame = document.createElement('iframe')
    frame.src = 'probe.html' // It calls by itself.
    document.body.append(frame)
  })
  await eventually(async () => (await warnings(app)).length > 0, 'a warning')
  const [{ message }] = await warnings(app)
  const { href } = pathToFileURL(path.join(directory, 'probe.html'))
  assert.ok(message.includes(`${href} (embedded frame)`), message)
})

test('the warning truncates a URL that contains a whole page', async (t) => {
  const { app } = await startCompiled(t)
  await ask(app, await openWindow(app, { url: `data:text/html,${'x'.repeat(5000)}` }))
  await eventually(async () => (await warnings(app)).length > 0, 'a warning')
  const [{ message }] = await warnings(app)
  assert.match(message, /data:text\/html,x+…/)
  assert.ok(message.length < 1000, `${message.length} characters`)
})
