// Starts Osaurus where none is running, and waits for its server.
'use strict'

const { onAbort } = require('../abort.js')
const { LAUNCH_TIMEOUT_MS, NOT_RUNNING_CODES } = require('../defaults.js')
const { abortError, osaurusError, withCause } = require('../errors.js')
const opener = require('./opener.js')

/**
 * @typedef {import('../../index.js').OsaurusInstance} OsaurusInstance
 * @typedef {import('../../index.js').OsaurusError} OsaurusError
 */

/** Shared by all calls at the same time. @type {Promise<void> | undefined} */
let opening

/**
 * @param {import('../../index.js').LaunchOptions} options validated
 * @param {object} functions
 * @param {typeof import('../../index.js').discoverLatestRunningInstance} functions.discover
 * @param {typeof import('../../index.js').waitForRunningInstance} functions.wait
 * @returns {Promise<OsaurusInstance>}
 */
async function launch({ timeoutMs = LAUNCH_TIMEOUT_MS, signal, ...where }, { discover, wait }) {
  const began = Date.now()
  const discovery = { ...where, verify: true, signal }
  try {
    return await discover(discovery)
  } catch (error) {
    if (!NOT_RUNNING_CODES.has(/** @type {OsaurusError} */ (error).code)) throw error
  }
  if (opener.platform !== 'darwin') throw unsupportedPlatform()
  if (!opening) {
    const done = () => (opening = undefined)
    opening = openApp()
    opening.then(done, done)
  }
  try {
    await within(opening, timeoutMs, signal)
    const remaining = timeoutMs === Infinity ? Infinity : Math.max(0, timeoutMs - (Date.now() - began))
    return await wait({ ...discovery, timeoutMs: remaining })
  } catch (error) {
    if (/** @type {OsaurusError} */ (error).code !== 'OSAURUS_TIMEOUT') throw error
    throw serverStopped(timeoutMs, /** @type {Error & { cause?: unknown }} */ (error).cause)
  }
}

async function openApp() {
  const { exitCode, stderr } = await opener.open().catch((error) => {
    throw withCause(osaurusError('OSAURUS_IO', `Osaurus cannot be started: ${error.message}`), error)
  })
  if (exitCode !== 0) throw notInstalled(stderr.trim())
}

/**
 * @param {Promise<void>} promise
 * @param {number} ms may be Infinity
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<void>}
 */
function within(promise, ms, signal) {
  if (signal && signal.aborted) return Promise.reject(abortError(signal))
  return new Promise((resolve, reject) => {
    const timer =
      ms === Infinity
        ? undefined
        : setTimeout(() => fail(osaurusError('OSAURUS_TIMEOUT', 'Osaurus was not opened')), ms)
    const removeCallback = signal ? onAbort(signal, () => fail(abortError(signal))) : () => {}
    const end = () => {
      clearTimeout(/** @type {NodeJS.Timeout} */ (timer))
      removeCallback()
    }
    const fail = (/** @type {unknown} */ error) => {
      end()
      reject(error)
    }
    promise.then(resolve, reject).then(end)
  })
}

function unsupportedPlatform() {
  return osaurusError(
    'OSAURUS_UNSUPPORTED_PLATFORM',
    `Osaurus cannot be started on ${opener.platform}: it is an app for macOS 15 or later on Apple silicon.`,
  )
}

/** @param {string} stderr */
function notInstalled(stderr) {
  return osaurusError(
    'OSAURUS_NOT_INSTALLED',
    'Osaurus is not installed: macOS knows no app com.dinoki.osaurus. Download it from https://osaurus.ai, move it to ' +
      `Applications and open it once.${stderr ? ` (${stderr})` : ''}`,
  )
}

/**
 * @param {number} timeoutMs
 * @param {unknown} cause
 */
function serverStopped(timeoutMs, cause) {
  return withCause(
    osaurusError(
      'OSAURUS_TIMEOUT',
      `Osaurus was opened, and its server did not run within ${timeoutMs} ms. Click the Osaurus icon in the menu bar and ` +
        'start the server there, or try again with a longer timeoutMs.',
    ),
    cause,
  )
}

module.exports = { launch }
