// Tests which states of Osaurus the example app shows, from its directory and packaged in an asar.
//
// Leaves pictures of every state, light and dark, in target/electron-pictures.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { after, test } = require('node:test')

const { startFakeOsaurus } = require('../../testing.js')
const { eventually } = require('../support/measure.js')
const { EXAMPLE, click, shows, startExample } = require('../support/electron/example.js')
const { packageApp } = require('../support/electron/package.js')
const { closeScreen, stage } = require('../support/electron/start.js')

/** @typedef {import('../support/electron/windows.js').App} App */

const MODELS = ['llama-3.2-3b-instruct', 'qwen3-8b-mlx-4bit', 'gemma-3-4b-it', 'foundation']
const START = 'Start Osaurus'

after(closeScreen)

/** @param {App} app @param {string} name */
async function pictures(app, name) {
  for (const theme of /** @type {const} */ (['light', 'dark'])) {
    await app.main(({ electron }, theme) => void (electron.nativeTheme.themeSource = theme), theme)
    await app.picture(`${name}-${theme}`)
  }
}

/**
 * Walks through every state of Osaurus in one window.
 * @param {App} app
 * @param {string} baseDir
 * @param {import('node:test').TestContext} t
 * @param {(name: string) => Promise<void>} picture
 */
async function walkThroughStates(app, baseDir, t, picture) {
  const ready = { headline: 'Osaurus is running', action: null, models: MODELS, send: 'Send' }
  await shows(app, { headline: 'Osaurus is not running', action: START, models: null, send: '(Send)' })
  await picture('none')

  const fake = await startFakeOsaurus({ baseDir, health: 'starting', models: MODELS })
  t.after(() => fake.stop())
  await shows(app, { headline: 'Osaurus is starting', action: null, models: null, send: '(Send)' })
  await picture('starting')
  await fake.setHealth('running')
  await shows(app, ready)
  await picture('running')
  await fake.setExposed(true)
  await shows(app, { headline: 'Osaurus asks for a key', action: 'Enter key…', models: null, send: '(Send)' })
  await picture('locked')
  await fake.setExposed(false)
  await shows(app, ready)
  await fake.crash()
  await shows(app, { headline: 'Osaurus is not answering', action: START, models: null, send: '(Send)' })
  await picture('crashed')
  fake.failNext(503, { path: '/v1/models' })
  await fake.relaunch()
  await shows(app, {
    headline: 'Something is wrong',
    advice: 'Osaurus answered with 503',
    action: 'Try again',
  })
  await click(app, 'Try again')
  await shows(app, ready)

  await eventually(async () => {
    const before = fake.requests.length
    await new Promise((resolve) => setTimeout(resolve, 1500))
    return fake.requests.length === before
  }, 'no request to a running Osaurus')
  await fake.stop()
  await shows(app, { headline: 'Osaurus is not running', action: START, models: null })
  assert.deepEqual(app.pageErrors, [])
}

test('the example shows every state of Osaurus', async (t) => {
  // The pixel density of most screens today.
  const { app, baseDir } = await startExample(t, { flags: ['--force-device-scale-factor=2'] })
  await walkThroughStates(app, baseDir, t, (name) => pictures(app, name))
  assert.deepEqual(await app.quit(), { code: 0, signal: null })
})

// The layout of a packaged app is different on other systems, and macOS requires a signature.
if (process.platform === 'linux')
  test('the example shows the same when it is packaged, with its files in an asar and the addon beside it', async (t) => {
    const program = await packageApp(t, stage(EXAMPLE))
    const { app, baseDir } = await startExample(t, { program })
    const facts = await app.main(({ electron }) => [electron.app.isPackaged, electron.app.getAppPath()])
    assert.deepEqual(facts, [true, path.join(path.dirname(program), 'resources', 'app.asar')])
    await walkThroughStates(app, baseDir, t, async () => {})

    // A packaged app does not trust pages of loopback, which Osaurus' plugins may serve.
    const fake = await startFakeOsaurus({ baseDir })
    t.after(() => fake.stop())
    const denied = await app.main(async ({ electron }, url) => {
      const window = new electron.BrowserWindow({ webPreferences: { contextIsolation: true, sandbox: true } })
      await window.loadURL(url)
      return window.webContents.executeJavaScript(
        'osaurus.getInstance().then(JSON.stringify, (error) => error.message)',
      )
    }, fake.url)
    assert.match(denied, /\[OSAURUS_UNTRUSTED_SENDER\]/)
    assert.deepEqual(await app.quit(), { code: 0, signal: null })
    assert.doesNotMatch(
      app.output,
      /OSAURUS_UNTRUSTED_SENDER/,
      'denied pages cause warnings in development only',
    )
  })

test('the example starts Osaurus, or says why it cannot', async (t) => {
  const { app, baseDir } = await startExample(t)
  await shows(app, { headline: 'Osaurus is not running' })
  /** @param {string} platform */
  const runOn = (platform) =>
    app.main(({ require, state }, platform) => {
      const path = require('path')
      const directory = path.dirname(require.resolve('osaurus-discovery'))
      const opener = require(path.join(directory, 'lib', 'client', 'opener.js'))
      state.opened = 0
      opener.platform = platform
      opener.open = async () => {
        state.opened += 1
        return { exitCode: 0, stderr: '' }
      }
    }, platform)
  await runOn('linux')
  await click(app, START)
  const reason = 'Osaurus cannot be started on linux: it is an app for macOS 15 or later on Apple silicon.'
  await shows(app, { headline: 'Osaurus is not running', advice: reason, action: START })
  await runOn('darwin')
  await click(app, START)
  await eventually(async () => (await app.main(({ state }) => state.opened)) === 1, 'the start')
  const fake = await startFakeOsaurus({ baseDir })
  t.after(() => fake.stop())
  await shows(app, { headline: 'Osaurus is running', action: null })
})

test("the example's page cannot load remote content, and its window cannot navigate", async (t) => {
  const { app } = await startExample(t)
  await shows(app, { headline: 'Osaurus is not running' })
  const blocked = await app.page(async () => {
    const fetched = await fetch('http://127.0.0.1:9/').then(
      () => 'fetched',
      () => 'blocked',
    )
    let evaluated = 'blocked'
    const script = document.createElement('script')
    script.textContent = 'document.body.dataset.inline = "ran"'
    document.body.append(script)
    if (document.body.dataset.inline) evaluated = 'ran'
    location.href = 'https://example.com/'
    return [fetched, evaluated]
  })
  assert.deepEqual(blocked, ['blocked', 'blocked'])
  await eventually(
    () => app.pageErrors.some((each) => /Content Security Policy/.test(each)),
    'the error of the policy',
  )
  assert.match(await app.page(() => location.href), /^file:.*index\.html$/)
})

test('the example has fewer than 400 lines and one dependency', () => {
  const lines = fs
    .readdirSync(EXAMPLE)
    .filter((name) => name !== 'node_modules')
    .map((name) => fs.readFileSync(path.join(EXAMPLE, name), 'utf8').split('\n').length - 1)
    .reduce((sum, count) => sum + count, 0)
  assert.ok(lines < 400, `${lines} lines`)
  const { dependencies } = JSON.parse(fs.readFileSync(path.join(EXAMPLE, 'package.json'), 'utf8'))
  assert.deepEqual(Object.keys(dependencies), ['osaurus-discovery'])
})
