// How does waiting for Osaurus end?
'use strict'

const { onAbort } = require('./abort.js')
const { abortError, errorOf, osaurusError } = require('./errors.js')
const { WatchSource } = require('./watch-source.js')

/**
 * @typedef {import('../index.js').OsaurusInstance} OsaurusInstance
 * @typedef {import('./addon/addon.js').Failure} Failure
 *
 * @typedef {object} Ways of finding it
 * @property {(() => Promise<OsaurusInstance | Failure>) | undefined} look once, as discovery does; none where no server is asked
 * @property {() => void} cancelLook
 * @property {number} longest that one server may take to answer, in milliseconds; Infinity where the look is to end in any case
 * @property {import('./watch-source.js').Open} open a watcher
 */

/** So long the first look may take, where a server does not answer, until watching begins beside it. */
const PATIENCE_MS = 250

/**
 * The newest running instance as soon as there is one. There is at least one look, however short the time.
 *
 * Where servers are asked the first look is that of discovery, which waits for no server that is older than one that
 * answers; a watcher's first report is the whole state, and so waits for all of them.
 * @param {Ways} ways
 * @param {number} timeoutMs
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<OsaurusInstance>}
 */
function waitForInstance({ look, cancelLook, longest, open }, timeoutMs, signal) {
  if (signal && signal.aborted) return Promise.reject(abortError(signal))
  return new Promise((resolve, reject) => {
    let over = false
    let watching = false
    let looked = false
    let late = false
    /** @type {Failure | undefined} why there was none at the first look */
    let seen
    const source = new WatchSource(open, true, {
      change({ instances: [latest] }) {
        if (latest) succeed(latest)
        else none()
      },
      // What is in the way may go away; where it does not, the timeout tells of it.
      warning() {},
    })

    const end = () => {
      over = true
      cancelLook()
      source.close()
      clearTimeout(timer)
      clearTimeout(patience)
      ignore()
    }
    const succeed = (/** @type {OsaurusInstance} */ latest) => {
      end()
      resolve(latest)
    }
    const fail = (/** @type {Error} */ error) => {
      end()
      reject(error)
    }
    const none = () => {
      looked = true
      if (late) giveUp()
    }
    const giveUp = () => fail(timeoutError(timeoutMs, (watching && source.lastFailure()) || seen))
    const onTime = () => {
      late = true
      if (looked) giveUp()
      // Of many servers that hang not all are asked at once, and the look takes that many times as long.
      else if (longest < Infinity) timer = setTimeout(giveUp, longest)
    }
    const watch = () => {
      if (over || watching) return
      watching = true
      source.start()
    }

    let timer = timeoutMs === Infinity ? undefined : setTimeout(onTime, timeoutMs)
    const patience = look && setTimeout(watch, PATIENCE_MS)
    const ignore = signal ? onAbort(signal, () => fail(abortError(signal))) : () => {}
    if (!look) return watch()
    look().then(
      (outcome) => {
        if (over) return
        if (!('code' in outcome)) return succeed(outcome)
        seen = outcome
        none()
        watch()
      },
      (error) => over || fail(error),
    )
  })
}

/**
 * @param {number} timeoutMs
 * @param {Failure | undefined} seen
 */
function timeoutError(timeoutMs, seen) {
  const words = `Gave up waiting for Osaurus after ${timeoutMs} ms`
  if (!seen) return osaurusError('OSAURUS_TIMEOUT', words)
  const cause = errorOf(seen)
  const error = osaurusError('OSAURUS_TIMEOUT', `${words}. ${cause.message}`)
  Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true })
  return error
}

module.exports = { waitForInstance }
