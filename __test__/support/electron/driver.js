// What runs inside the Electron under test, ahead of the app? It does what the test asks, and tells what went wrong.
'use strict'

const { createRequire } = require('module')
const path = require('path')
const electron = require('electron')

/** What the app's own files would require with; its path is not known before it is loaded. */
const requireFromApp = () => createRequire(path.join(electron.app.getAppPath(), 'main.js'))

/** What one task leaves for the next. */
const state = {}

/** @param {object} message */
const tell = (message) => {
  if (process.connected) /** @type {Function} */ (process.send)(message)
}

process.on('message', async (/** @type {any} */ { call, code, arg }) => {
  try {
    // The test's function arrives as text: it has its own source and nothing of the test's scope.
    const task = (0, eval)(`(${code})`)
    tell({ call, value: await task({ electron, require: requireFromApp(), state }, arg) })
  } catch (error) {
    const { message, code: errorCode, stack } = /** @type {any} */ (Object(error))
    tell({ call, error: { message, code: errorCode, stack } })
  }
})

process.on('unhandledRejection', (reason) => tell({ trouble: `unhandled rejection: ${describe(reason)}` }))
process.on('uncaughtException', (error) => tell({ trouble: `uncaught exception: ${describe(error)}` }))
electron.app.on('render-process-gone', (_event, _contents, { reason }) => tell({ gone: reason }))
electron.app.on('web-contents-created', (_event, contents) => {
  // Newer versions put all of it into the event, and warn of listeners that name the old arguments.
  contents.on('console-message', (/** @type {any[]} */ ...[event, level, message]) => {
    if (event.level === 'error' || level === 3) tell({ pageError: event.message || message })
    if (event.level === 'warning' || level === 2) tell({ pageWarning: event.message || message })
  })
})
electron.app.on('ready', () => tell({ ready: true }))

// The test's process is gone, and with it the reason to be.
process.on('disconnect', () => electron.app.exit(1))

/** @param {unknown} reason */
function describe(reason) {
  return reason instanceof Error ? reason.stack : String(reason)
}
