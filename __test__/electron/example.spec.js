// Tests what the example app shows, from its directory and packaged in an asar.
//
// Leaves pictures of every state, light and dark, in target/electron-pictures.
'use strict'

const assert = require('node:assert/strict')
const path = require('node:path')
const { after, test } = require('node:test')

const { startFakeOsaurus } = require('../../testing.js')
const { eventually } = require('../support/measure.js')
const { packageApp } = require('../support/electron/package.js')
const { closeScreen, makeHome, stage, startApp } = require('../support/electron/start.js')

/** @typedef {Awaited<ReturnType<typeof startApp>>} App */
/** @typedef {import('../../testing.js').FakeOsaurus} FakeOsaurus */

const EXAMPLE = path.join(__dirname, '..', '..', 'examples', 'electron-app')
const MODELS = ['llama-3.2-3b-instruct', 'qwen3-8b-mlx-4bit', 'gemma-3-4b-it', 'foundation']

after(closeScreen)

/** The visible lines of the window. @param {App} app @returns {Promise<string[]>} */
function visible(app) {
  return app.page(() => document.body.innerText.split('\n').filter((line) => line.trim() !== ''))
}

/**
 * Waits until the window shows all of the wanted lines and none of the unwanted ones.
 * @param {App} app
 * @param {string[]} wanted
 * @param {string[]} [unwanted]
 */
async function waitForLines(app, wanted, unwanted = []) {
  /** @type {string[]} */
  let lines = []
  const wrong = () => [
    ...wanted.filter((text) => !lines.includes(text)).map((text) => `“${text}” is missing`),
    ...unwanted.filter((text) => lines.includes(text)).map((text) => `“${text}” is shown`),
  ]
  await eventually(async () => {
    lines = await visible(app).catch(() => [])
    return wrong().length === 0
  }, wanted[0]).catch(() => assert.fail(`${wrong().join(', ')} in ${JSON.stringify(lines)}`))
}

/** @param {App} app @param {string} name */
async function pictures(app, name) {
  for (const theme of /** @type {const} */ (['light', 'dark'])) {
    await app.main(({ electron }, theme) => void (electron.nativeTheme.themeSource = theme), theme)
    await app.picture(`${name}-${theme}`)
  }
}

/** @param {App} app @param {string} key */
function enterKey(app, key) {
  return app.page((key) => {
    const input = /** @type {HTMLInputElement} */ (document.getElementById('key'))
    input.value = key
    document.querySelector('form')?.requestSubmit()
  }, key)
}

/** The number of requests so far, probes included. @param {FakeOsaurus} fake */
const requests = (fake) => fake.requests.length

/**
 * Walks through every state of Osaurus in one window.
 * @param {App} app
 * @param {string} baseDir
 * @param {import('node:test').TestContext} t
 * @param {(name: string) => Promise<void>} picture
 */
async function walkThroughStates(app, baseDir, t, picture) {
  await waitForLines(app, ['Osaurus is not running'], ['Copy', 'Use it'])
  await picture('none')

  const fake = await startFakeOsaurus({ baseDir, health: 'starting', models: MODELS })
  t.after(() => fake.stop())
  await waitForLines(app, ['Osaurus is starting'], ['Copy', fake.url])
  await picture('starting')

  const models = ['4 models', ...MODELS]
  await fake.setHealth('running')
  await waitForLines(
    app,
    ['Osaurus is running', fake.url, 'Copy', 'This computer only', ...models],
    ['Use it', 'Access key'],
  )
  await picture('running')

  await fake.setExposed(true)
  await waitForLines(
    app,
    ['Osaurus asks for a key', 'Open to the network', fake.url, 'Access key', 'Use it'],
    [...models, 'http://192.0.2.1'],
  )
  await picture('locked')
  await enterKey(app, 'osk-v1-wrong')
  await waitForLines(app, ['Osaurus asks for a key', 'Osaurus did not accept this key.'])
  await enterKey(app, 'osk-v1-test')
  await waitForLines(app, ['Osaurus is running', fake.url, 'Open to the network', ...models], ['Access key'])
  await picture('exposed')

  await fake.setExposed(false)
  await waitForLines(app, ['Osaurus is running', 'This computer only'])
  await fake.crash()
  await waitForLines(app, ['Osaurus is not answering'], [fake.url, 'Copy', ...models])
  await picture('crashed')

  await fake.relaunch()
  await waitForLines(app, ['Osaurus is running', fake.url, ...models], ['1 more running'])

  await eventually(async () => {
    const before = requests(fake)
    await new Promise((resolve) => setTimeout(resolve, 1500)) // Longer than the example's polling interval.
    return requests(fake) === before
  }, 'no request to a running Osaurus')

  await fake.stop()
  await waitForLines(app, ['Osaurus is not running'], [fake.url, 'Copy', ...models])
  assert.deepEqual(app.pageErrors, [])
}

test('the example shows every state of Osaurus', async (t) => {
  const { home, baseDir } = makeHome(t)
  // The pixel density of most screens today.
  const app = await startApp(t, { home, source: EXAMPLE, flags: ['--force-device-scale-factor=2'] })
  await walkThroughStates(app, baseDir, t, (name) => pictures(app, name))
  assert.deepEqual(await app.quit(), { code: 0, signal: null })
})

// The layout of a packaged app is different on other systems, and macOS requires a signature.
if (process.platform === 'linux')
  test('the example shows the same when it is packaged, with its files in an asar and the addon beside it', async (t) => {
    const { home, baseDir } = makeHome(t)
    const program = await packageApp(t, stage(EXAMPLE))
    const app = await startApp(t, { home, program })
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
    assert.doesNotMatch(app.output, /OsaurusWarning/, 'denied pages cause warnings in development only')
  })

test("the example's page cannot load remote content, and its window cannot navigate", async (t) => {
  const { home } = makeHome(t)
  const app = await startApp(t, { home, source: EXAMPLE })
  await waitForLines(app, ['Osaurus is not running'])
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
