// Waits for a server, or starts Osaurus, and shows a status line meanwhile.
'use strict'

const { describeReason } = require('./error-messages.js')
const { UsageError, toDiscoverOptions } = require('./options.js')
const { stderr } = require('./screen.js')
const { StatusLine } = require('./status-line.js')
const { elapsed } = require('./text.js')

/**
 * @typedef {import('osaurus-discovery').OsaurusInstance} OsaurusInstance
 * @typedef {import('osaurus-discovery').InstanceChange} InstanceChange
 */

/**
 * Resolves with the running server, at once or as soon as one is running.
 * @param {import('./options.js').Options} options
 * @param {AbortSignal} signal
 * @returns {Promise<OsaurusInstance>}
 */
function waitForServer(options, signal) {
  const { waitForRunningInstance } = require('../../index.js')
  const { WAIT_TIMEOUT_MS } = require('../defaults.js')
  const { timeout: timeoutMs = WAIT_TIMEOUT_MS } = options
  const discoverOptions = toDiscoverOptions(options, signal)
  return withStatus('Waiting for Osaurus', timeoutMs, discoverOptions, () =>
    waitForRunningInstance({ ...discoverOptions, timeoutMs }),
  )
}

/**
 * Starts Osaurus unless it is running, and resolves with the running server.
 * @param {import('./commands.js').Call} call
 * @param {string} command the name of the command
 * @returns {Promise<OsaurusInstance>}
 */
function launch({ options, signal }, command) {
  if (options['no-verify']) throw new UsageError('--launch cannot be combined with --no-verify.', command)
  const { launchOsaurus } = require('../../index.js')
  const { LAUNCH_TIMEOUT_MS } = require('../defaults.js')
  const { timeout: timeoutMs = LAUNCH_TIMEOUT_MS } = options
  const { verify, ...launchOptions } = toDiscoverOptions(options, signal)
  return withStatus('Starting Osaurus', timeoutMs, { verify, ...launchOptions }, () =>
    launchOsaurus({ ...launchOptions, timeoutMs }).catch((error) => {
      throw error.code === 'OSAURUS_TIMEOUT' ? launchTimeout(error) : error
    }),
  )
}

/** @param {Error} cause */
function launchTimeout(cause) {
  const message =
    'Osaurus was opened, but its server is not running yet. Click the Osaurus icon in the menu bar and start the server there, or try again with a longer --timeout.'
  return Object.assign(new Error(message, { cause }), { code: 'OSAURUS_LAUNCH_TIMEOUT' })
}

/**
 * Shows a status line with the elapsed time and the reason why no server is running.
 * @param {string} title
 * @param {number} timeoutMs
 * @param {ReturnType<typeof toDiscoverOptions>} discoverOptions
 * @param {() => Promise<OsaurusInstance>} find
 */
async function withStatus(title, timeoutMs, discoverOptions, find) {
  const { watchInstances } = require('../../index.js')
  const began = performance.now()
  const limit = timeoutMs === Infinity ? '' : ` of ${elapsed(timeoutMs)}`
  let reason = ''
  const status = new StatusLine(
    stderr(),
    () => `${title}, ${elapsed(performance.now() - began)}${limit}. ${reason}Press Ctrl-C to stop.`,
  )
  // It shares the work of the call that waits.
  const watcher = status.show() ? watchInstances(discoverOptions) : undefined
  watcher?.on('warning', () => {})
  watcher?.on('change', (/** @type {InstanceChange} */ change) => (reason = reasonText(change)))
  try {
    return await find()
  } finally {
    watcher?.close()
    status.hide()
  }
}

/**
 * Returns a sentence for the status line, unless Osaurus is simply not running.
 * @param {InstanceChange} change
 */
function reasonText({ reason }) {
  return reason && reason !== 'OSAURUS_NOT_FOUND' ? `${describeReason(reason)}. ` : ''
}

module.exports = { launch, waitForServer }
