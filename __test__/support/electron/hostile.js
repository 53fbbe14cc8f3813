// Starts apps with hostile pages, and reports what these leave behind.
'use strict'

const { start } = require('../fake/start.js')
const { eventually } = require('../measure.js')
const { makeHome, startApp } = require('./start.js')
const { openWindow, register } = require('./windows.js')

/** @typedef {import('./windows.js').App} App */

/** A page that talks to the channels itself, without our preload script. */
const RAW = { preload: '', nodeIntegration: true, contextIsolation: false, sandbox: false }

const CHAT = {
  method: 'POST',
  body: JSON.stringify({
    model: 'llama-3.2-3b-instruct',
    messages: [{ role: 'user', content: 'Hello' }],
    stream: true,
  }),
  headers: { 'Content-Type': 'application/json' },
}

/**
 * Starts an app beside a fake Osaurus whose answers are endless for a test.
 * @param {import('node:test').TestContext} t
 * @param {object} [options]
 * @param {object} [options.register]
 * @param {import('osaurus-discovery/testing').FakeOsaurusOptions} [options.fake]
 * @param {string[]} [options.flags] of Chromium
 */
async function startHostile(t, { register: given, fake: options, flags } = {}) {
  const { home, baseDir } = makeHome(t)
  const answer = () => 'and then '.repeat(20_000)
  const fake = await start(t, { baseDir, answer, wordDelayMs: 5, ...options })
  const app = await startApp(t, { home, flags })
  await instrument(app)
  await register(app, { fetch: true, discover: { probeTimeoutMs: 10_000 }, ...given })
  return { app, fake, home }
}

/** Lets held() find the client of the pages. Call it before the first request. @param {App} app */
function instrument(app) {
  return app.main(({ require, state }) => {
    const path = require('path')
    const file = path.join(path.dirname(require.resolve('osaurus-discovery')), 'lib', 'client', 'client.js')
    const { prototype } = require(file).OsaurusClient
    const { send } = prototype
    prototype.send = function (/** @type {any[]} */ ...args) {
      state.client = this
      return send.apply(this, args)
    }
  })
}

/** What requests hold in the main process. @param {App} app */
function held(app) {
  return app.main(({ electron, state }) => {
    const { client } = state
    const contents = electron.webContents.getAllWebContents().filter((each) => !each.isDestroyed())
    const watching = contents.map((each) => each.listenerCount('did-frame-navigate'))
    const { calls, connections } = client || {
      calls: new Set(),
      connections: { opened: new Set(), idle: [], queue: new Set() },
    }
    return {
      calls: calls.size,
      busy: connections.opened.size - connections.idle.length,
      queued: connections.queue.size,
      watching: watching.reduce((sum, each) => sum + each, 0),
    }
  })
}

/**
 * Waits until the main process holds nothing of any request.
 * @param {App} app @param {Awaited<ReturnType<typeof held>>} before
 */
function nothingHeld(app, before) {
  /** @type {unknown} */
  let last
  return eventually(async () => {
    last = await held(app)
    return JSON.stringify(last) === JSON.stringify(before)
  }, 'nothing is held').catch(() => {
    throw new Error(`still held: ${JSON.stringify(last)}, before: ${JSON.stringify(before)}`)
  })
}

/** The requests that reached the server, without the probes. @param {import('osaurus-discovery/testing').FakeOsaurus} fake */
function received(fake) {
  return fake.requests.filter(({ url }) => url !== '/').map(({ method, url }) => `${method} ${url}`)
}

/**
 * Opens a page that talks to the channels itself.
 * @param {App} app @param {string} [url] by default a page of the app
 */
function openRaw(app, url) {
  return openWindow(app, { ...RAW, url })
}

/**
 * Runs in a raw page: sends requests one after the other, and gives the error of each, or the status.
 * @param {{ id: any, request: any }[]} requests
 */
async function sendRaw(requests) {
  const { ipcRenderer } = /** @type {any} */ (window).require('electron')
  const outcomes = []
  for (const { id, request } of requests) {
    const whole = { headers: [], redirect: 'follow', ...request }
    const { value, error } = await ipcRenderer.invoke('osaurus:preload:fetch', id, whole)
    outcomes.push(error ? `${error.code}: ${error.message}` : value.status)
  }
  return outcomes
}

module.exports = { CHAT, held, instrument, nothingHeld, openRaw, received, sendRaw, startHostile }
