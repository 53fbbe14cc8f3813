// How does an AbortSignal end a call of the addon?
'use strict'

const { abortError } = require('./errors.js')
const { onAbort } = require('./on-abort.js')

/**
 * Starts a call that a signal can end: it rejects at once, whatever the addon is doing, and raises the addon's flag
 * so that it stops doing it. The signal may be aborted already or serve many calls; no listener stays on it.
 * @template T
 * @param {AbortSignal | undefined} signal
 * @param {new () => { cancel(): void }} CancelFlag
 * @param {(flag: { cancel(): void } | null) => Promise<T>} start
 * @returns {Promise<T>}
 */
function abortable(signal, CancelFlag, start) {
  if (!signal) return start(null)
  if (signal.aborted) return Promise.reject(abortError(signal))
  return new Promise((resolve, reject) => {
    const flag = new CancelFlag()
    const call = start(flag)
    const ignore = onAbort(signal, () => {
      flag.cancel()
      reject(abortError(signal))
    })
    call.then(resolve, reject).then(ignore)
  })
}

module.exports = { abortable }
