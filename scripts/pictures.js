// Takes the pictures of the example app in the documentation, in a real Electron beside a fake Osaurus.
//
//   npm run pictures [-- DIRECTORY]     by default docs/images
'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { setTimeout: delay } = require('node:timers/promises')

const { closeScreen, makeHome, startApp } = require('../__test__/support/electron/start.js')
const { eventually } = require('../__test__/support/measure.js')
const { startFakeOsaurus } = require('../testing.js')
const { encodePng } = require('./png.js')

const root = path.join(__dirname, '..')
const directory = path.resolve(process.argv[2] ?? path.join(root, 'docs', 'images'))

const MODELS = ['llama-3.2-3b-instruct', 'qwen3-8b-mlx-4bit', 'gemma-3-4b-it', 'foundation']

const CHAT = new Map([
  [
    'What is a context window?',
    'It is the number of tokens that a model can see at once. What does not fit is forgotten.',
  ],
  [
    'Write a haiku about a local model.',
    'Fans hum in the dusk,\nno cloud carries off my words —\nthe answer lives here.',
  ],
  [
    'What if Osaurus restarts?',
    'This conversation stays. The next question goes to the new server, on whatever port it is.',
  ],
])

/** What ends after the pictures, the last first. @type {(() => unknown)[]} */
const ends = []
const t = /** @type {import('node:test').TestContext} */ (
  /** @type {unknown} */ ({ after: (/** @type {() => unknown} */ end) => ends.push(end) })
)

/** @typedef {Awaited<ReturnType<typeof startApp>>} App */

/** @param {App} app @returns {Promise<{ pixels: string, width: number, height: number }>} */
function capture(app) {
  return app.main(async ({ electron }) => {
    const [window] = electron.BrowserWindow.getAllWindows().sort((a, b) => b.id - a.id)
    // A blinking cursor would make each picture different.
    await window.webContents.executeJavaScript('document.activeElement.blur()')
    const picture = await window.webContents.capturePage()
    return { ...picture.getSize(), pixels: picture.toBitmap().toString('base64') }
  })
}

/** Saves pictures of the newest window, as soon as it no longer changes. @param {App} app @param {string} name */
async function take(app, name) {
  for (const theme of /** @type {const} */ (['light', 'dark'])) {
    await app.main(({ electron }, theme) => void (electron.nativeTheme.themeSource = theme), theme)
    await delay(600) // The length of a transition, and a bit more.
    const { pixels, width, height } = await eventually(async () => {
      const picture = await capture(app)
      await delay(300)
      return (await capture(app)).pixels === picture.pixels && picture
    })
    const png = encodePng(Buffer.from(pixels, 'base64'), width, height)
    fs.writeFileSync(path.join(directory, `example-app-${name}-${theme}.png`), png)
  }
}

/** @param {App} app @param {string} question */
async function ask(app, question) {
  await app.page((question) => {
    const field = /** @type {HTMLTextAreaElement} */ (document.getElementById('question'))
    field.value = question
    document.querySelector('form')?.requestSubmit()
  }, question)
  await eventually(() => app.page(() => document.getElementById('send')?.textContent === 'Send'), question)
}

/** @param {App} app @param {string} state */
const waitForState = (app, state) =>
  eventually(() => app.page((state) => document.body.dataset.state === state, state), state)

async function main() {
  fs.mkdirSync(directory, { recursive: true })
  const { home, baseDir } = makeHome(t)
  const app = await startApp(t, {
    home,
    source: path.join(root, 'examples', 'electron-app'),
    flags: ['--force-device-scale-factor=2', '--password-store=basic'],
  })
  await waitForState(app, 'OSAURUS_NOT_FOUND')
  await take(app, 'not-running')
  const fake = await startFakeOsaurus({
    baseDir,
    models: MODELS,
    answer: ({ messages }) => CHAT.get(messages.at(-1).content),
  })
  t.after(() => fake.stop())
  await waitForState(app, 'ready')
  for (const question of CHAT.keys()) await ask(app, question)
  await take(app, 'chat')
  await fake.setExposed(true)
  await waitForState(app, 'locked')
  app.page(() => document.getElementById('action')?.click())
  await eventually(
    () => app.main(({ electron }) => electron.BrowserWindow.getAllWindows().length === 2),
    'the window for the key',
  )
  await take(app, 'key')
}

main()
  .catch((error) => {
    console.error(error)
    process.exitCode = 1
  })
  .finally(async () => {
    for (const end of ends.reverse()) await end()
    await closeScreen()
  })
