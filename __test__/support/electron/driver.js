// Runs inside the Electron under test, before the app: it executes the test's tasks and reports errors.
'use strict'

const { createRequire } = require('module')
const path = require('path')
const electron = require('electron')

/** Requires as the app's own files do. The app's path is unknown until it is loaded. */
const requireFromApp = () => createRequire(path.join(electron.app.getAppPath(), 'main.js'))

/** What tasks keep for later tasks. */
const state = {}

/** @param {object} message */
const tell = (message) => {
  if (process.connected) /** @type {Function} */ (process.send)(message)
}

process.on('message', async (/** @type {any} */ { call, code, arg }) => {
  try {
    // The function arrives as source text, without the scope of the test.
    const task = (0, eval)(`(${code})`)
    tell({ call, value: await task({ electron, require: requireFromApp(), state }, arg) })
  } catch (error) {
    const { message, code: errorCode, stack } = /** @type {any} */ (Object(error))
    tell({ call, error: { message, code: errorCode, stack } })
  }
})

process.on('unhandledRejection', (reason) => tell({ problem: `unhandled rejection: ${describe(reason)}` }))
process.on('uncaughtException', (error) => tell({ problem: `uncaught exception: ${describe(error)}` }))
electron.app.on('render-process-gone', (_event, _contents, { reason }) => tell({ gone: reason }))
electron.app.on('web-contents-created', (_event, contents) => {
  // Newer versions put everything into the event and warn about listeners that declare the old arguments.
  contents.on('console-message', (/** @type {any[]} */ ...[event, level, message]) => {
    if (event.level === 'error' || level === 3) tell({ pageError: event.message || message })
    if (event.level === 'warning' || level === 2) tell({ pageWarning: event.message || message })
  })
})
electron.app.on('ready', () => tell({ ready: true }))

// The process of the test has ended.
process.on('disconnect', () => electron.app.exit(1))

/** @param {unknown} reason */
function describe(reason) {
  return reason instanceof Error ? reason.stack : String(reason)
}
