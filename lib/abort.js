// What does an AbortSignal end, and who hears of it?
'use strict'

const { abortError } = require('./errors.js')

/**
 * @typedef {{ calls: Set<() => void>, listener: () => void }} Waiting
 * @type {WeakMap<AbortSignal, Waiting>}
 */
const waiting = new WeakMap()

/**
 * Starts a call that a signal can end: it rejects at once, whatever the addon is doing, and raises the addon's flag
 * so that it stops doing it. The signal may be aborted already or serve many calls; no listener stays on it.
 * @template T
 * @param {AbortSignal | undefined} signal
 * @param {new () => { cancel(): void }} CancelToken
 * @param {(flag: { cancel(): void } | null) => Promise<T>} start
 * @returns {Promise<T>}
 */
function abortable(signal, CancelToken, start) {
  if (!signal) return start(null)
  if (signal.aborted) return Promise.reject(abortError(signal))
  return new Promise((resolve, reject) => {
    const flag = new CancelToken()
    const call = start(flag)
    const ignore = onAbort(signal, () => {
      flag.cancel()
      reject(abortError(signal))
    })
    call.then(resolve, reject).then(ignore)
  })
}

/**
 * One listener on the signal serves all: an app may give one signal to all of its calls, and from the eleventh listener on Node
 * warns of a leak. The last one that is not needed any more takes it away.
 * @param {AbortSignal} signal that is not aborted yet
 * @param {() => void} call
 * @returns {() => void} takes it back
 */
function onAbort(signal, call) {
  const { calls, listener } = waiting.get(signal) || listen(signal)
  calls.add(call)
  return () => {
    calls.delete(call)
    if (calls.size > 0) return
    waiting.delete(signal)
    signal.removeEventListener('abort', listener)
  }
}

/** @param {AbortSignal} signal */
function listen(signal) {
  /** @type {Waiting['calls']} */
  const calls = new Set()
  const listener = () => {
    for (const call of [...calls]) call()
  }
  signal.addEventListener('abort', listener, { once: true })
  const entry = { calls, listener }
  waiting.set(signal, entry)
  return entry
}

module.exports = { abortable, onAbort }
