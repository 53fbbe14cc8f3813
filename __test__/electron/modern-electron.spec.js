// Tests the use of functions that only newer versions of Electron have, with stand-ins.
'use strict'

const assert = require('node:assert/strict')
const { EventEmitter } = require('node:events')
const path = require('node:path')
const { afterEach, describe, test } = require('node:test')
const { pathToFileURL } = require('node:url')

const { register } = require('../../lib/electron/register.js')

const appPath = path.join(__dirname, '..', 'fixtures', 'electron-app')
const page = pathToFileURL(path.join(appPath, 'page.html')).href

/** The discovery functions of a registration in these tests. */
const discovery = {
  discoverLatestRunningInstance: async () => /** @type {any} */ ({ instanceId: 'A' }),
  launchOsaurus: async () => /** @type {any} */ (null),
  listInstances: async () => [],
  watchInstances: () => /** @type {any} */ (Object.assign(new EventEmitter(), { instances: [], close() {} })),
}

class Session {
  /** @type {Map<string, { type: string, filePath: string }>} */
  scripts = new Map()
  /** @type {string[]} */
  handled = []
  protocol = {
    handle() {},
    isProtocolHandled: (/** @type {string} */ scheme) => this.handled.includes(scheme),
  }
  setPermissionRequestHandler() {}
  setPreloads() {
    assert.fail('deprecated since 35')
  }
  getPreloads() {
    assert.fail('deprecated since 35')
  }
  /** @param {{ type: string, filePath: string }} script */
  registerPreloadScript(script) {
    const id = `script ${this.scripts.size}`
    this.scripts.set(id, script)
    return id
  }
  /** @param {string} id */
  unregisterPreloadScript(id) {
    this.scripts.delete(id)
  }
}

function makeElectron() {
  /** @type {Map<string, Function>} */
  const handlers = new Map()
  const app = Object.assign(new EventEmitter(), {
    ready: true,
    isPackaged: true,
    isReady: () => app.ready,
    whenReady: () => new Promise((resolve) => (app.ready ? resolve(undefined) : app.once('ready', resolve))),
    getAppPath: () => appPath,
  })
  const ipcMain = Object.assign(new EventEmitter(), {
    handle: (/** @type {string} */ channel, /** @type {Function} */ listener) =>
      void handlers.set(channel, listener),
    removeHandler: (/** @type {string} */ channel) => void handlers.delete(channel),
  })
  const session = { defaultSession: new Session() }
  return { app, ipcMain, handlers, session, webContents: { getAllWebContents: () => [] } }
}

/** @type {{ dispose(): void } | undefined} */
let registration
afterEach(() => registration?.dispose())

/** @param {ReturnType<typeof makeElectron>} electron @param {object} [options] */
function registerIn(electron, options = {}) {
  registration = register(/** @type {any} */ (electron), discovery, options)
}

/** @param {ReturnType<typeof makeElectron>} electron @param {object} frame of the event, with getters where it matters */
function ask(electron, frame, type = 'window') {
  const sender = { getType: () => type, session: electron.session.defaultSession }
  const event = Object.defineProperties(
    { sender, processId: 4, frameId: 1 },
    Object.getOwnPropertyDescriptors(frame),
  )
  return /** @type {Function} */ (electron.handlers.get('osaurus:getInstance'))(event)
}

describe('a sender frame', () => {
  for (const [sentence, frame, type] of /** @type {Array<[string, object, string?]>} */ ([
    ['is denied if it is null', { senderFrame: null }],
    ['is denied if it has a parent', { senderFrame: { url: page, parent: {} } }],
    ['is denied in a webview', { senderFrame: { url: page, parent: null } }, 'webview'],
    ['is denied if it shows another page', { senderFrame: { url: 'https://example.com/', parent: null } }],
    [
      'is denied if it was disposed of before it could be read',
      {
        senderFrame: {
          get url() {
            throw new Error('Render frame was disposed before WebFrameMain could be accessed')
          },
        },
      },
    ],
  ]))
    test(sentence, async () => {
      const electron = makeElectron()
      registerIn(electron)
      await assert.rejects(ask(electron, frame, type), {
        code: 'OSAURUS_UNTRUSTED_SENDER',
        message: /^\[OSAURUS_UNTRUSTED_SENDER\] This page has no access to Osaurus: /,
      })
    })

  test('a sender frame is answered if it is the main frame of a page of the app', async () => {
    const electron = makeElectron()
    registerIn(electron)
    assert.deepEqual(await ask(electron, { senderFrame: { url: page, parent: null } }), { instanceId: 'A' })
  })

  test('a sender frame is read before anything asynchronous, while it still exists', async () => {
    const electron = makeElectron()
    registerIn(electron, { isTrustedSender: async () => true })
    const event = {
      present: true,
      get senderFrame() {
        return this.present ? { url: page, parent: null } : null
      },
    }
    const answer = ask(electron, event)
    event.present = false
    assert.deepEqual(await answer, { instanceId: 'A' })
  })

  test('a sender frame is answered if the session handles its scheme', async () => {
    const electron = makeElectron()
    registerIn(electron)
    const frame = { senderFrame: { url: 'app://bundle/', parent: null } }
    await assert.rejects(ask(electron, frame), { code: 'OSAURUS_UNTRUSTED_SENDER' })
    electron.session.defaultSession.handled.push('app')
    assert.deepEqual(await ask(electron, frame), { instanceId: 'A' })
  })
})

describe('preload: true', () => {
  const script = { type: 'frame', filePath: path.join(__dirname, '..', '..', 'preload.js') }

  test('preload: true registers a preload script for frames, and dispose() removes it', () => {
    const electron = makeElectron()
    registerIn(electron, { preload: true })
    const { scripts } = electron.session.defaultSession
    assert.deepEqual([...scripts.values()], [script])
    registration?.dispose()
    assert.equal(scripts.size, 0)
  })

  test('preload: true waits until the app is ready and registers once', async () => {
    const electron = makeElectron()
    electron.app.ready = false
    registerIn(electron, { preload: true })
    const { scripts } = electron.session.defaultSession
    assert.equal(scripts.size, 0)
    electron.app.ready = true
    electron.app.emit('ready')
    await electron.app.whenReady()
    assert.deepEqual([...scripts.values()], [script])
  })

  test('preload: true registers nothing after dispose() before the app is ready', async () => {
    const electron = makeElectron()
    electron.app.ready = false
    registerIn(electron, { preload: true })
    registration?.dispose()
    electron.app.ready = true
    electron.app.emit('ready')
    await electron.app.whenReady()
    assert.equal(electron.session.defaultSession.scripts.size, 0)
  })

  test('preload: true registers in the given session', () => {
    const electron = makeElectron()
    const session = new Session()
    registerIn(electron, { preload: true, session })
    assert.deepEqual([...session.scripts.values()], [script])
    assert.equal(electron.session.defaultSession.scripts.size, 0)
  })
})
