// Who wants to know that a signal is aborted?
'use strict'

/**
 * @typedef {{ calls: Set<() => void>, listener: () => void }} Waiting
 * @type {WeakMap<AbortSignal, Waiting>}
 */
const waiting = new WeakMap()

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

module.exports = { onAbort }
