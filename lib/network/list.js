// Lists what a search of the local network finds in a given time.
'use strict'

const { onAbort } = require('../abort.js')
const { abortError, errorOf } = require('../errors.js')
const { WatchSource } = require('../watch-source.js')

/**
 * @typedef {import('../../network.js').NetworkChange} NetworkChange
 * @typedef {import('../../network.js').NetworkInstance} NetworkInstance
 */

/**
 * Resolves with what is found when the time is over. Rejects if nothing is, and the network cannot be searched then: it may
 * have become available in the meantime, for example because a user gave their permission.
 * @param {number} timeoutMs
 * @param {AbortSignal | undefined} signal
 * @param {import('../watch-source.js').Open<NetworkChange>} open
 * @returns {Promise<NetworkInstance[]>}
 */
function listWithin(timeoutMs, signal, open) {
  if (signal && signal.aborted) return Promise.reject(abortError(signal))
  return new Promise((resolve, reject) => {
    /** @type {NetworkInstance[]} */
    let instances = []
    const source = new WatchSource(open, true, {
      change: (change) => (instances = change.instances),
      warning: (error) => {
        if (error.code === 'OSAURUS_INTERNAL') end(() => reject(error))
      },
    })
    /** @param {() => void} settle */
    const end = (settle) => {
      source.close()
      clearTimeout(timer)
      removeAbortListener()
      settle()
    }
    const timer = setTimeout(() => {
      // If the app was busy until now, the last events still wait.
      source.drain()
      const failure = instances.length === 0 && source.lastFailure()
      end(() => (failure ? reject(errorOf(failure)) : resolve(instances)))
    }, timeoutMs)
    const removeAbortListener = signal
      ? onAbort(signal, () => end(() => reject(abortError(signal))))
      : () => {}
    source.start()
  })
}

module.exports = { listWithin }
