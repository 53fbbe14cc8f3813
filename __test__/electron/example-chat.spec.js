// Tests the chat of the example app: streaming, Stop, a restart in the middle of an answer, the keyboard, the access key.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { after, test } = require('node:test')

const { createFakeAccessKey, startFakeOsaurus } = require('../../testing.js')
const { eventually } = require('../support/measure.js')
const { click, press, shows, startExample, type, view } = require('../support/electron/example.js')
const { closeScreen } = require('../support/electron/start.js')
const { hasSafeStorage } = require('../support/electron/version.js')

/** @typedef {import('../support/electron/windows.js').App} App */
/** @typedef {import('osaurus-discovery/testing').FakeOsaurusOptions} FakeOsaurusOptions */

const ANSWER = 'One word after the other comes out of the model.'
const FAST = { wordDelayMs: 0, models: ['small', 'large'], answer: () => ANSWER }
const SLOW = { ...FAST, wordDelayMs: 150 }

after(closeScreen)

/**
 * Starts the example beside a fake Osaurus.
 * @param {import('node:test').TestContext} t
 * @param {FakeOsaurusOptions} options
 */
async function startChat(t, options) {
  const { app, home, baseDir } = await startExample(t)
  const fake = await startFakeOsaurus({ baseDir, ...options })
  t.after(() => fake.stop())
  await shows(app, { headline: 'Osaurus is running' })
  return { app, home, fake }
}

/** Types a question and sends it. @param {App} app @param {string} question */
async function ask(app, question) {
  await type(app, question)
  await press(app, 'Enter')
}

/** Waits for the answer to the only question. @param {App} app @param {string} question */
const answered = (app, question) =>
  shows(app, {
    lines: [
      ['user', question],
      ['assistant', ANSWER],
    ],
    send: 'Send',
  })

/** The bodies of the chat requests. @param {Awaited<ReturnType<typeof startFakeOsaurus>>} fake */
const chats = (fake) => fake.requests.filter(({ method }) => method === 'POST')

/** Waits until an answer has begun and is not complete. @param {App} app */
const middleOfAnswer = (app) =>
  eventually(async () => {
    const { lines, send } = await view(app)
    return send === 'Stop' && lines[lines.length - 1][1].split(' ').length > 2
  }, 'the middle of an answer')

test("the example streams an answer word by word, and sends the conversation's turns along", async (t) => {
  const { app, fake } = await startChat(t, SLOW)
  await app.page(() => {
    window.count = 0
    const log = /** @type {HTMLElement} */ (document.getElementById('log'))
    new MutationObserver(() => window.count++).observe(log, { childList: true, subtree: true })
  })
  await ask(app, 'First?')
  await middleOfAnswer(app)
  assert.equal(await app.page(() => document.querySelector('.assistant')?.getAttribute('aria-busy')), 'true')
  const first = [
    ['user', 'First?'],
    ['assistant', ANSWER],
  ]
  await shows(app, { lines: first, send: 'Send' })
  assert.equal(await app.page(() => document.querySelector('.assistant')?.getAttribute('aria-busy')), null)
  const steps = await app.page(() => window.count)
  assert.ok(steps >= ANSWER.split(' ').length, `${steps} steps`)

  await app.page(() => {
    const model = /** @type {HTMLSelectElement} */ (document.getElementById('model'))
    model.value = 'large'
  })
  await ask(app, 'Second?')
  await shows(app, { lines: [...first, ['user', 'Second?'], ['assistant', ANSWER]], send: 'Send' })
  const { model, messages } = chats(fake)[1].body
  assert.equal(model, 'large')
  assert.deepEqual(
    messages.map((/** @type {any} */ { role, content }) => `${role}: ${content}`),
    ['user: First?', `assistant: ${ANSWER}`, 'user: Second?'],
  )
})

for (const [name, stop] of /** @type {[string, (app: App) => Promise<unknown>][]} */ ([
  ['Stop', (app) => click(app, 'Stop')],
  ['Escape', (app) => press(app, 'Escape')],
]))
  test(`${name} ends the answer of the example, in Osaurus too, and keeps what has come`, async (t) => {
    const { app, fake } = await startChat(t, SLOW)
    await ask(app, 'Question?')
    await middleOfAnswer(app)
    await stop(app)
    await shows(app, { send: 'Send' })
    const [, [, kept]] = (await view(app)).lines
    assert.ok(kept.length > 0 && kept.length < ANSWER.length && ANSWER.startsWith(kept), kept)
    await eventually(() => chats(fake)[0].aborted, 'the end of the request')
    await ask(app, 'Next?')
    await eventually(() => chats(fake).length === 2)
    assert.equal(chats(fake)[1].body.messages[1].content.trim(), kept.trim())
  })

test('the example keeps its conversation across a restart in the middle of an answer, and asks again', async (t) => {
  const { app, fake } = await startChat(t, SLOW)
  await ask(app, 'Question?')
  await middleOfAnswer(app)
  const port = Number(new URL(fake.url).port)
  await fake.crash()
  await eventually(async () => (await view(app)).lines[1][1].includes('Ask again'), 'the offer to ask again')
  const [question, [, cut]] = (await view(app)).lines
  assert.deepEqual(question, ['user', 'Question?'])
  assert.match(cut, /^One word[^]*Osaurus[^]*Ask again$/)
  await shows(app, { headline: 'Osaurus is not answering', send: '(Send)' })

  await fake.relaunch({ port: port === 31_999 ? 20_000 : port + 1 })
  await shows(app, { headline: 'Osaurus is running', models: ['small', 'large'], send: 'Send' })
  await click(app, 'Ask again')
  await answered(app, 'Question?')
  assert.deepEqual(chats(fake)[1].body.messages, [{ role: 'user', content: 'Question?' }])
})

test('a question that is written during a restart of Osaurus is answered after it', async (t) => {
  const { app, fake } = await startChat(t, FAST)
  await ask(app, 'First?')
  await answered(app, 'First?')
  const restarting = fake.restart({ startingMs: 1500 })
  await shows(app, { headline: 'Osaurus is starting', send: '(Send)' })
  await ask(app, 'Early?')
  await restarting
  await shows(app, { headline: 'Osaurus is running', send: 'Send' })
  assert.equal(chats(fake).length, 1, 'it stays in the field until Osaurus runs')
  await press(app, 'Enter')
  await shows(app, {
    lines: [
      ['user', 'First?'],
      ['assistant', ANSWER],
      ['user', 'Early?'],
      ['assistant', ANSWER],
    ],
  })
})

test('the whole example can be operated with the keyboard', async (t) => {
  const { app, fake } = await startChat(t, FAST)
  await type(app, 'One')
  await press(app, ['Enter', 'shift'])
  await ask(app, 'two')
  await answered(app, 'One\ntwo')
  assert.equal(chats(fake)[0].body.messages[0].content, 'One\ntwo')
  const focused = () => app.page(() => document.activeElement?.id)
  /** @type {(string | undefined)[]} */
  const order = []
  for (let i = 0; i < 4; i++) {
    order.push(await focused())
    await press(app, 'Tab')
    await eventually(async () => (await focused()) !== order[i])
  }
  assert.deepEqual([...order].sort(), ['log', 'model', 'question', 'send'].sort())
})

test('a screen reader gets a role and a name for every part of the example', async (t) => {
  const { app } = await startChat(t, FAST)
  await ask(app, 'Question?')
  await answered(app, 'Question?')
  const parts = await eventually(async () => {
    const tree = await accessibilityTree(app)
    return tree.some((part) => part.startsWith('log')) && tree // Chromium updates it a moment later.
  })
  for (const part of [
    /^status: /,
    /^heading: Osaurus is running$/,
    /^log: Conversation$/,
    /^(combobox|popUpButton): Model$/i,
    /^textbox: Question$/i,
    /^button: Send$/,
  ])
    assert.equal(parts.filter((each) => part.test(each)).length, 1, `${part} in ${parts.join(', ')}`)
  assert.deepEqual(
    parts.filter((each) => /^(button|textbox|combobox|popUpButton|image|img): $/i.test(each)),
    [],
  )
})

/** The roles and names that Chromium gives a screen reader. @param {App} app @returns {Promise<string[]>} */
function accessibilityTree(app) {
  return app.main(async ({ electron }) => {
    const [{ webContents }] = electron.BrowserWindow.getAllWindows()
    webContents.debugger.attach('1.3')
    const { nodes } = await webContents.debugger.sendCommand('Accessibility.getFullAXTree')
    webContents.debugger.detach()
    return nodes
      .filter((/** @type {any} */ { ignored }) => !ignored)
      .map((/** @type {any} */ { role, name }) => `${role.value}: ${name?.value ?? ''}`)
  })
}

if (hasSafeStorage)
  test('the example asks for the access key in a window of its own, and keeps it', async (t) => {
    const key = createFakeAccessKey()
    const { app, home, fake } = await startChat(t, { ...FAST, accessKeys: [key] })
    await allowFixedPassword(app)
    await fake.setExposed(true)
    await shows(app, { headline: 'Osaurus asks for a key', action: 'Enter key…' })
    await click(app, 'Enter key…')
    await keyWindowIsOpen(app)
    await press(app, 'Escape')
    await keyWindowIsClosed(app)
    await shows(app, { action: 'Enter key…' })
    await click(app, 'Enter key…')
    await keyWindowIsOpen(app)

    await ask(app, 'not a key')
    const problem = "document.getElementById('problem').innerText"
    await eventually(
      async () => /not an access key of Osaurus/.test(await inKeyWindow(app, problem)),
      'what is wrong',
    )
    await inKeyWindow(app, "document.getElementById('key').select()")
    await ask(app, key)
    await keyWindowIsClosed(app)
    await shows(app, { headline: 'Osaurus is running', models: ['small', 'large'] })
    await ask(app, 'Question?')
    await answered(app, 'Question?')
    assert.equal(chats(fake)[0].headers.authorization, `Bearer ${key}`)

    assert.equal(await app.page((key) => document.documentElement.outerHTML.includes(key), key), false)
    const denied = await app.page(() =>
      /** @type {any} */ (window).example.saveKey('x').catch((/** @type {any} */ error) => error.message),
    )
    assert.match(denied, /Only the window for the key may/)
    await app.quit()

    const again = await startExample(t, { home })
    await allowFixedPassword(again.app)
    await shows(again.app, { headline: 'Osaurus is running' })
    const data = await again.app.main(({ electron }) => electron.app.getPath('userData'))
    const saved = fs.readFileSync(path.join(data, 'osaurus-access-key.json'), 'utf8')
    assert.equal(saved.includes(key), false)
  })

/** Without a keychain, as on a bare Linux, only a fixed password encrypts, which apps have to allow. @param {App} app */
const allowFixedPassword = (app) =>
  app.main(
    ({ electron }) => void (/** @type {any} */ (electron.safeStorage).setUsePlainTextEncryption?.(true)),
  )

/** @param {App} app @param {number} count */
const windows = (app, count) =>
  eventually(
    () => app.main(({ electron }, count) => electron.BrowserWindow.getAllWindows().length === count, count),
    `${count} windows`,
  )

/** @param {App} app */
const keyWindowIsClosed = (app) => windows(app, 1)

/** @param {App} app */
async function keyWindowIsOpen(app) {
  await windows(app, 2)
  const isReady = "document.readyState === 'complete' && document.activeElement.id === 'key'"
  await eventually(() => inKeyWindow(app, isReady), 'the field for the key')
}

/** Evaluates an expression in the newest window. @param {App} app @param {string} expression @returns {Promise<any>} */
const inKeyWindow = (app, expression) =>
  app.main(({ electron }, expression) => {
    const [window] = electron.BrowserWindow.getAllWindows().sort((a, b) => b.id - a.id)
    return window.webContents.executeJavaScript(expression)
  }, expression)
