// How does a test register the handlers and open windows, in the Electron under test?
'use strict'

const { start } = require('../fake/start.js')
const { makeHome, startApp } = require('./start.js')

/** @typedef {Awaited<ReturnType<typeof import('./launch.js').launch>>} App */

/**
 * registerOsaurus() as an app would call it; beside it, the watchers are counted.
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
 * An app with handlers, and an Osaurus to be found, both for as long as the test.
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
 * A window with our preload, sandboxed and isolated where nothing else is said, with a page of the app's own.
 * @param {App} app
 * @param {import('electron').WebPreferences & { url?: string }} [preferences] `preload: ''` for none
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

/** In the page: keeps what it hears. */
function listen() {
  window.heard = []
  window.stopListening = window.osaurus.onChange((change) => window.heard.push(change))
}

/** @param {App} app @returns {Promise<{ opened: number, open: number }>} */
function watchers(app) {
  return app.main(({ state }) => state.watchers)
}

module.exports = { listen, openWindow, register, startWithOsaurus, watchers }
