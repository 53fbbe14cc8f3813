// Tests in a real Electron that a page, a frame or a webview reaches nothing of another page's requests.
'use strict'

const assert = require('node:assert/strict')
const { after, test } = require('node:test')

const { closeScreen, readFixture } = require('../support/electron/start.js')
const { CHAT, held, nothingHeld, openRaw, received, startHostile } = require('../support/electron/hostile.js')
const { eventually } = require('../support/measure.js')
const { openWindow } = require('../support/electron/windows.js')

/** @typedef {import('../support/electron/windows.js').App} App */

after(closeScreen)

/** Starts a chat in a page, which goes on reading. @param {App} app @param {number} [id] */
async function startChat(app, id) {
  await app.page(
    async (chat) => {
      const world = /** @type {any} */ (window)
      world.text = ''
      world.ended = null
      const response = await window.osaurus.fetch('/v1/chat/completions', chat)
      const reader = /** @type {any} */ (response.body).pipeThrough(new TextDecoderStream()).getReader()
      const read = async () => {
        for (;;) {
          const { done, value } = await reader.read()
          if (done) return 'complete'
          world.text += value
        }
      }
      read().then(
        (how) => (world.ended = how),
        (error) => (world.ended = error.code || error.name),
      )
    },
    CHAT,
    id,
  )
}

/** How much of its chat a page has, and how it ended. @param {App} app @param {number} [id] @returns {Promise<{ size: number, ended: string | null }>} */
const chatOf = (app, id) =>
  app.page(
    () => ({ size: /** @type {any} */ (window).text.length, ended: /** @type {any} */ (window).ended }),
    null,
    id,
  )

/** Whether the chat of a page still grows. @param {App} app @param {number} id */
async function assertGoesOn(app, id) {
  const { size } = await chatOf(app, id)
  await eventually(async () => {
    const now = await chatOf(app, id)
    assert.equal(now.ended, null)
    return now.size > size + 2000
  }, 'more of the answer')
}

test("a page that guesses ids reads and ends nothing of another page's requests", async (t) => {
  const { app } = await startHostile(t)
  const victim = await openWindow(app)
  await startChat(app, victim)
  const attacker = await openRaw(app)
  const outcomes = await app.page(
    async () => {
      const { ipcRenderer } = /** @type {any} */ (window).require('electron')
      const strange = [null, undefined, '1', {}, [1], NaN, -1, 0.5, Infinity, '__proto__', 1n]
      const ids = [...Array.from({ length: 500 }, (_, i) => i), ...strange]
      const outcomes = new Set()
      for (const id of ids) {
        ipcRenderer.send('osaurus:preload:fetch:abort', id)
        const { value, error } = await ipcRenderer.invoke('osaurus:preload:fetch:read', id)
        outcomes.add(error ? error.message : JSON.stringify(value))
      }
      return [...outcomes]
    },
    null,
    attacker,
  )
  assert.deepEqual(outcomes, ['The page has no such request'])
  await assertGoesOn(app, victim)

  // The same ids are free for the page itself.
  const status = await app.page(
    async () => {
      const { ipcRenderer } = /** @type {any} */ (window).require('electron')
      const request = { method: 'GET', path: '/v1/models', headers: [], redirect: 'follow' }
      return (await ipcRenderer.invoke('osaurus:preload:fetch', 1, request)).value.status
    },
    null,
    attacker,
  )
  assert.equal(status, 200)
  await assertGoesOn(app, victim)
})

test("messages that a page forges do not reach another page's response", async (t) => {
  const { app } = await startHostile(t)
  const victim = await openWindow(app)
  await startChat(app, victim)
  const attacker = await openRaw(app)
  await app.page(
    () => {
      const { ipcRenderer } = /** @type {any} */ (window).require('electron')
      const part = { chunk: new TextEncoder().encode('FORGED').buffer, done: true }
      const channels = ['fetch', 'fetch:read', 'fetch:abort', 'fetch:chunk', 'fetch:response', 'subscribe']
      for (const channel of channels)
        for (let id = 0; id < 50; id++) {
          ipcRenderer.send(`osaurus:preload:${channel}`, id, part)
          ipcRenderer.sendToHost(`osaurus:preload:${channel}`, id, part)
          // Removed in newer versions.
          for (const to of [1, 2, 3])
            if (ipcRenderer.sendTo) ipcRenderer.sendTo(to, `osaurus:${channel}`, id, part)
        }
      window.postMessage({ channel: 'osaurus:preload:fetch:read', id: 1, part }, '*')
    },
    null,
    attacker,
  )
  await assertGoesOn(app, victim)
  assert.doesNotMatch(await app.page(() => /** @type {any} */ (window).text, null, victim), /FORGED/)
})

test("a page cannot end another page's requests by closing, reloading or crashing itself", async (t) => {
  const { app, fake } = await startHostile(t)
  const victim = await openWindow(app)
  await startChat(app, victim)
  for (const end of ['reload', 'close', 'forcefullyCrashRenderer']) {
    const other = await openWindow(app)
    await startChat(app, other)
    await app.main(
      ({ electron }, { other, end }) => {
        const window = /** @type {any} */ (electron.BrowserWindow.fromId(other))
        if (end === 'close') return window.destroy()
        if (end === 'reload') return window.webContents.reload()
        // Before Electron 10 only the process itself can crash.
        if (window.webContents.forcefullyCrashRenderer) return window.webContents.forcefullyCrashRenderer()
        process.kill(window.webContents.getOSProcessId(), 'SIGKILL')
      },
      { other, end },
    )
    await eventually(() => fake.requests.at(-1)?.aborted === true, `the server sees: ${end}`)
    await assertGoesOn(app, victim)
  }
})

for (const [kind, url] of [
  ['a data: page', 'data:text/html,<title>Data</title>'],
  ['about:blank', 'about:blank'],
])
  test(`${kind} with Node.js in it is refused by every channel, and holds nothing`, async (t) => {
    const { app, fake } = await startHostile(t, { register: { fetch: { routes: ['* /**'] }, launch: true } })
    const id = await openRaw(app, url)
    const before = await held(app)
    const codes = await app.page(
      async () => {
        const { ipcRenderer } = /** @type {any} */ (window).require('electron')
        const request = { method: 'GET', path: '/v1/models', headers: [], redirect: 'follow' }
        const outcomes = await Promise.all(
          Array.from({ length: 200 }, (_, i) => ipcRenderer.invoke('osaurus:preload:fetch', i, request)),
        )
        for (const channel of ['getInstance', 'listInstances', 'launch', 'subscribe'])
          outcomes.push(await ipcRenderer.invoke(`osaurus:preload:${channel}`, 1))
        return [...new Set(outcomes.map(({ error }) => error.code))].sort()
      },
      null,
      id,
    )
    // Beyond the most requests of a frame it is refused before its trust is checked.
    assert.deepEqual(
      codes.filter((/** @type {string} */ code) => code !== 'OSAURUS_INTERNAL'),
      ['OSAURUS_UNTRUSTED_SENDER'],
    )
    assert.deepEqual(received(fake), [])
    await nothingHeld(app, before)
  })

test('a frame in a trusted page gets no answer, and its page goes on', async (t) => {
  const { app, fake } = await startHostile(t)
  const id = await openWindow(app, { nodeIntegrationInSubFrames: true })
  await startChat(app, id)
  const code = await app.page(
    (srcdoc) =>
      new Promise((resolve) => {
        addEventListener('message', ({ data }) => resolve(data))
        document.body.append(Object.assign(document.createElement('iframe'), { srcdoc }))
      }),
    readFixture('fetch-in-frame.html'),
    id,
  )
  assert.equal(code, 'OSAURUS_UNTRUSTED_SENDER')
  assert.equal(received(fake).length, 1)
  await assertGoesOn(app, id)
})

test('a webview gets no answer, even if it shows a page of the app', async (t) => {
  const { app, fake } = await startHostile(t)
  await openWindow(app, { webviewTag: true })
  const code = await app.main(async ({ electron, require }) => {
    const [window] = electron.BrowserWindow.getAllWindows()
    const preload = require('url').pathToFileURL(require.resolve('osaurus-discovery/preload')).href
    const attached = new Promise((resolve) =>
      window.webContents.once('did-attach-webview', (_event, guest) => resolve(guest)),
    )
    await window.webContents.executeJavaScript(`{
      const view = document.createElement('webview')
      Object.assign(view, { preload: ${JSON.stringify(preload)}, webpreferences: 'contextIsolation=yes', src: 'page.html' })
      document.body.append(view)
    }`)
    const guest = await attached
    await new Promise((resolve) => guest.once('did-finish-load', resolve))
    return guest.executeJavaScript(
      `osaurus.fetch('/v1/models').then(({ status }) => status, ({ code }) => code)`,
    )
  })
  assert.equal(code, 'OSAURUS_UNTRUSTED_SENDER')
  assert.deepEqual(received(fake), [])
})

test('a window that a page opens is not trusted because its opener is', async (t) => {
  const { app, fake } = await startHostile(t)
  await openWindow(app)
  const code = await app.main(async ({ electron, require }) => {
    const { app, BrowserWindow } = electron
    const preload = require.resolve('osaurus-discovery/preload')
    const [opener] = BrowserWindow.getAllWindows()
    const webPreferences = { preload, sandbox: true, contextIsolation: true }
    if (opener.webContents.setWindowOpenHandler)
      opener.webContents.setWindowOpenHandler(() => ({
        action: 'allow',
        overrideBrowserWindowOptions: { webPreferences },
      }))
    const created = new Promise((resolve) =>
      app.once('browser-window-created', (_event, window) => resolve(window)),
    )
    await opener.webContents.executeJavaScript(`window.open('about:blank'); undefined`, true)
    const { webContents } = await created
    if (webContents.isLoading()) await new Promise((resolve) => webContents.once('did-stop-loading', resolve))
    return webContents.executeJavaScript(
      `window.osaurus ? osaurus.fetch('/v1/models').then(({ status }) => status, ({ code }) => code) : 'no bridge'`,
    )
  })
  assert.match(String(code), /^(OSAURUS_UNTRUSTED_SENDER|no bridge)$/)
  assert.deepEqual(received(fake), [])
})
