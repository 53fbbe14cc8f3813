// Describes where the requests of a client go: what `LocalServers` and `FixedServer` have in common.
'use strict'

const { MAX_TIMER_MS } = require('../defaults.js')

/**
 * @typedef {InstanceType<typeof import('./call.js').Call>} Call
 *
 * @typedef {object} Target
 * @property {string} host the IP address that answered; a link-local one has its zone
 * @property {number} port
 * @property {string} authority as in a URL: `127.0.0.1:1337`
 *
 * @typedef {object} Guard an idle connection to the verified server
 * @property {(done: (stands: boolean) => void) => void} confirm
 *   Tells whether it still stands. If it was open before another connection was made, and stands now, the same server has
 *   accepted both.
 *
 * @typedef {object} Servers
 * @property {Target | undefined} latest where the next request goes, if that is known
 * @property {(call: Call, suspect: boolean) => Promise<Target | undefined>} find
 *   The target of a call, verified and guarded; undefined if the call has ended. Rejects if there is none at the call's
 *   deadline. `suspect` says that a connection to the latest one has just failed.
 * @property {(target: Target) => Guard | undefined} guardOf the guard of a target, if there is one at this moment
 * @property {(target: Target) => boolean} hasEnded whether the verified server is known to have ended
 * @property {(call: Call, ms: number) => Promise<void>} pause until news, the end of the call, or that time
 * @property {() => void} close
 */

/**
 * Resolves with the value of a promise, or with undefined when the call ends. What is awaited need not keep the process
 * open: the call does.
 * @template T
 * @param {Call} call
 * @param {Promise<T>} promise
 * @returns {Promise<T | undefined>}
 */
function whileInFlight(call, promise) {
  return new Promise((resolve, reject) => {
    const timer = setInterval(ignore, MAX_TIMER_MS)
    const settle = (/** @type {() => void} */ how) => {
      clearInterval(timer)
      call.interrupt = undefined
      how()
    }
    call.interrupt = () => settle(() => resolve(undefined))
    promise.then(
      (value) => call.ended || settle(() => resolve(value)),
      (error) => call.ended || settle(() => reject(error)),
    )
  })
}

function ignore() {}

/**
 * @param {Target} a
 * @param {Target} b
 */
function isSameTarget(a, b) {
  return a.port === b.port && a.host === b.host
}

module.exports = { isSameTarget, whileInFlight }
