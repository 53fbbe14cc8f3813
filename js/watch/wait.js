// How does waiting for Osaurus end?
'use strict'

const { abortError, osaurusError } = require('../errors.js')
const { Source } = require('./source.js')

/** @typedef {import('../../index.js').OsaurusInstance} OsaurusInstance */

/**
 * The newest running instance at the first look that shows one. There is at least one look, however short the time.
 * @param {import('./source.js').Open} open
 * @param {number} timeoutMs
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<OsaurusInstance>}
 */
function waitForInstance(open, timeoutMs, signal) {
  if (signal && signal.aborted) return Promise.reject(abortError(signal))
  return new Promise((resolve, reject) => {
    let looked = false
    let late = false
    const source = new Source(open, true, {
      change({ instances: [latest] }) {
        looked = true
        if (latest) succeed(latest)
        else if (late) giveUp()
      },
      // What is in the way may go away; where it does not, the timeout tells of it.
      warning() {},
    })

    const end = () => {
      source.close()
      clearTimeout(timer)
      if (signal) signal.removeEventListener('abort', onAbort)
    }
    const succeed = (/** @type {OsaurusInstance} */ latest) => {
      end()
      resolve(latest)
    }
    const giveUp = () => {
      const seen = source.whyNone()
      end()
      reject(timeoutError(timeoutMs, seen))
    }
    const onAbort = () => {
      end()
      reject(abortError(/** @type {AbortSignal} */ (signal)))
    }
    const onTime = () => {
      late = true
      if (looked) giveUp()
    }

    const timer = timeoutMs === Infinity ? undefined : setTimeout(onTime, timeoutMs)
    if (signal) signal.addEventListener('abort', onAbort, { once: true })
    source.start()
  })
}

/**
 * @param {number} timeoutMs
 * @param {import('../addon.js').Failure | undefined} seen
 */
function timeoutError(timeoutMs, seen) {
  const words = `Gave up waiting for Osaurus after ${timeoutMs} ms`
  if (!seen) return osaurusError('OSAURUS_TIMEOUT', words)
  const error = osaurusError('OSAURUS_TIMEOUT', `${words}. ${seen.message}`)
  const cause = osaurusError(seen.failure, seen.message)
  Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true })
  return error
}

module.exports = { waitForInstance }
