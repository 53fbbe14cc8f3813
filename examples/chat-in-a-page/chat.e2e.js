// Tests the app in a real Electron against a fake Osaurus. Run by `electron chat.e2e.js`.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { setTimeout: delay } = require('node:timers/promises')
const { BrowserWindow, Menu, app, clipboard, safeStorage } = require('electron')
const { createFakeAccessKey, startFakeOsaurus } = require('osaurus-discovery/testing')

const KEY = createFakeAccessKey()

// The app looks for Osaurus below HOME, and keeps its files in userData.
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'chat-e2e-'))
process.env.HOME = home
app.setPath('userData', path.join(home, 'data'))

async function test() {
  const baseDir = path.join(home, '.osaurus', 'runtime')
  const fake = await startFakeOsaurus({ baseDir, accessKey: KEY, answer, wordDelayMs: 10 })
  require('./main.js')
  // Some Linux machines have no keychain.
  app.whenReady().then(() => safeStorage.setUsePlainTextEncryption?.(true))
  await until('#state', 'Osaurus is running')

  // An answer streams: its beginning is shown before its end exists.
  await ask('Tell me a story')
  await until('.answer:last-child', 'once upon')
  assert.equal(await text('button:last-child'), 'Stop')

  // Stop ends it in the page and at the server.
  await click('form button')
  await until('.answer:last-child', '(stopped)')
  await eventually(() => fake.requests.at(-1).aborted)

  // A crash in the middle of an answer is reported, and the next question reaches the next server.
  await ask('Tell me a story')
  await until('.answer:last-child', 'once upon')
  await fake.crash()
  await until('.alert', 'closed the connection')
  await until('#state', 'Osaurus is not running')
  await fake.relaunch({ port: 0 })
  await ask('Hello')
  await until('.answer:last-child', 'Hello to you')
  assert.deepEqual(fake.requests.at(-1).body.messages, [{ role: 'user', content: 'Hello' }])

  // An exposed server requires the key, which the user pastes once.
  await fake.setExposed(true)
  await ask('Hello')
  await until('.alert:last-child', 'requires an access key')
  await clipboard.writeText(KEY)
  Menu.getApplicationMenu().getMenuItemById('paste-access-key').click()
  await eventually(async () => (await clipboard.readText()) === '')
  await ask('Hello')
  await until('.answer:last-child', 'Hello to you')
  assert.equal(fake.requests.at(-1).headers.authorization, `Bearer ${KEY}`)
  await fake.stop()
}

/** What the model of the fake says. */
const answer = ({ messages }) =>
  messages.at(-1).content === 'Hello' ? 'Hello to you' : 'once upon a time '.repeat(2000)

/** Runs code in the page. */
const page = async (code) => BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(code)

const text = (selector) => page(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`)
const click = (selector) => page(`document.querySelector(${JSON.stringify(selector)}).click()`)
const until = (selector, part) => eventually(async () => (await text(selector))?.includes(part), part)

/** Asks as a user does: types, and presses the button. */
async function ask(question) {
  await eventually(async () => (await text('form button')) === 'Send', 'the end of the last answer')
  await page(`document.querySelector('input').value = ${JSON.stringify(question)}`)
  await click('form button')
}

async function eventually(check, what = String(check)) {
  for (const end = Date.now() + 20_000; !(await check()); await delay(20))
    if (Date.now() > end) throw new Error(`Timed out waiting for: ${what}`)
}

test().then(
  () => finish(0),
  (error) => finish(1, error),
)

function finish(code, error) {
  console.log(error ?? 'passed')
  fs.rmSync(home, { recursive: true, force: true })
  app.exit(code)
}
