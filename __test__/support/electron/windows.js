// Registers the handlers and opens windows in the Electron under test.
'use strict'

const { start } = require('../fake/start.js')
const { makeHome, startApp } = require('./start.js')

/** @typedef {Awaited<ReturnType<typeof import('./launch.js').launch>>} App */

/** What a page finds in `window.osaurus`. */
const BRIDGE = ['getInstance', 'listInstances', 'launch', 'onChange', 'fetch', 'endpoints']

/**
 * Calls registerOsaurus() as an app does, and counts the watchers.
 * @param {App} app
 * @param {object} [options] plain data
 */
function register(app, options) {
  return app.main(({ require, state }, options) => {
    const discovery = require('osaurus-discovery')
    const { watchInstances } = discovery
    const counts = { opened: 0, open: 0 }
    discovery.watchInstances = (/** @type {any} */ options) => {
      const watcher = watchInstances(options)
      counts.opened += 1
      counts.open += 1
      watcher.once('close', () => (counts.open -= 1))
      return watcher
    }
    const registration = require('osaurus-discovery/electron').registerOsaurus(options)
    Object.assign(state, { watchers: counts, registration })
  }, options)
}

/**
 * Starts an app with handlers, beside a fake Osaurus, for the duration of the test.
 * @param {import('node:test').TestContext} t
 * @param {Partial<Parameters<typeof startApp>[1]>} [form] of the app
 * @param {object} [options] of registerOsaurus()
 */
async function startWithOsaurus(t, form, options) {
  const { home, baseDir } = makeHome(t)
  const fake = await start(t, { baseDir })
  const app = await startApp(t, { home, ...form })
  await register(app, options)
  return { app, fake, home }
}

/**
 * Opens a window with our preload script and a page of the app, by default sandboxed and isolated.
 * @param {App} app
 * @param {import('electron').WebPreferences & { url?: string }} [preferences] `preload: ''`: no preload script
 * @returns {Promise<number>} its id
 */
function openWindow(app, { url, ...preferences } = {}) {
  return app.main(
    async ({ electron, require }, { url, preferences }) => {
      const ours = require.resolve('osaurus-discovery/preload')
      const webPreferences = { sandbox: true, contextIsolation: true, ...preferences }
      webPreferences.preload = preferences.preload === '' ? undefined : preferences.preload || ours
      const window = new electron.BrowserWindow({ width: 400, height: 300, webPreferences })
      await (url ? window.loadURL(url) : window.loadFile('page.html'))
      return window.id
    },
    { url, preferences },
  )
}

/** Runs in the page: records the changes. */
function listen() {
  window.received = []
  window.stopListening = window.osaurus.onChange((change) => window.received.push(change))
}

/** @param {App} app @returns {Promise<{ opened: number, open: number }>} */
function watchers(app) {
  return app.main(({ state }) => state.watchers)
}

module.exports = { BRIDGE, listen, openWindow, register, startWithOsaurus, watchers }
