// Connects AbortSignals to running calls.
'use strict'

const { abortError } = require('./errors.js')

/**
 * @typedef {{ callbacks: Set<() => void>, listener: () => void }} Registration
 * @type {WeakMap<AbortSignal, Registration>}
 */
const registrations = new WeakMap()

/**
 * Starts a call that the signal can abort. An abort rejects the call at once, whatever the addon is doing, and cancels the
 * addon's work. Works with signals that are already aborted or are shared by many calls, and leaves no listener on them.
 * @template T
 * @param {AbortSignal | undefined} signal
 * @param {new () => { cancel(): void }} CancelToken
 * @param {(token: { cancel(): void } | null) => Promise<T>} start
 * @returns {Promise<T>}
 */
function abortable(signal, CancelToken, start) {
  if (!signal) return start(null)
  if (signal.aborted) return Promise.reject(abortError(signal))
  return new Promise((resolve, reject) => {
    const token = new CancelToken()
    const call = start(token)
    const removeCallback = onAbort(signal, () => {
      token.cancel()
      reject(abortError(signal))
    })
    call.then(resolve, reject).then(removeCallback)
  })
}

/**
 * Calls back when the signal is aborted. All callbacks of one signal share one listener: Node.js warns of a leak from the
 * eleventh listener on, and an app may pass one signal to all of its calls. The last callback removes the listener.
 * @param {AbortSignal} signal not yet aborted
 * @param {() => void} callback
 * @returns {() => void} removes the callback
 */
function onAbort(signal, callback) {
  const { callbacks, listener } = registrations.get(signal) || listen(signal)
  callbacks.add(callback)
  return () => {
    callbacks.delete(callback)
    if (callbacks.size > 0) return
    registrations.delete(signal)
    signal.removeEventListener('abort', listener)
  }
}

/** @param {AbortSignal} signal */
function listen(signal) {
  /** @type {Registration['callbacks']} */
  const callbacks = new Set()
  const listener = () => {
    for (const callback of [...callbacks]) callback()
  }
  signal.addEventListener('abort', listener, { once: true })
  const registration = { callbacks, listener }
  registrations.set(signal, registration)
  return registration
}

module.exports = { abortable, onAbort }
