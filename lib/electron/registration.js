// The registration that registerOsaurus() returns: what the app's own main process needs.
'use strict'

const { invalidType, invalidValue } = require('../errors.js')
const { isUntrustedSender } = require('./errors.js')

/**
 * @typedef {import('../../index.js').InstanceChange} InstanceChange
 * @typedef {(change: InstanceChange) => void} ChangeListener
 */

class Registration {
  #shared
  #assertTrusted
  #dispose
  /** Listeners, and whether each was called yet. @type {Map<ChangeListener, { called: boolean }>} */
  #listeners = new Map()
  #disposed = false

  // Fields in place of private methods, which Electron 9 does not have.
  /** Starts the watcher for the app, which keeps it until dispose(). */
  #watch = () => {
    if (!this.#disposed) this.#shared.retain(this)
    return this.#shared
  }

  #notifyAll = (/** @type {InstanceChange} */ change) => {
    for (const listener of [...this.#listeners.keys()]) this.#notify(listener, change)
  }

  #notify = (/** @type {ChangeListener} */ listener, /** @type {InstanceChange} */ change) => {
    const state = this.#listeners.get(listener)
    if (!state) return
    const first = !state.called
    state.called = true
    try {
      listener(JSON.parse(JSON.stringify(first ? this.#shared.wholeState : change)))
    } catch (error) {
      // The app's own uncaught exception. Pages and other listeners still get the change.
      setImmediate(() => {
        throw error
      })
    }
  }

  /**
   * @param {InstanceType<typeof import('./shared-watcher.js').SharedWatcher>} shared
   * @param {(event: import('./compat.js').IpcEvent) => Promise<void>} assertTrusted
   * @param {() => void} dispose
   */
  constructor(shared, assertTrusted, dispose) {
    this.#shared = shared
    this.#assertTrusted = assertTrusted
    this.#dispose = dispose
    shared.listeners.push({ change: (change) => this.#notifyAll(change) })
  }

  get latest() {
    return this.#watch().latest
  }

  get instances() {
    return this.#watch().instances
  }

  get reason() {
    return this.#watch().reason
  }

  /** @param {'change'} event @param {ChangeListener} listener */
  on(event, listener) {
    assertListener(event, listener)
    if (this.#disposed || this.#listeners.has(listener)) return this
    const state = { called: false }
    this.#listeners.set(listener, state)
    const shared = this.#watch()
    // Later listeners get the current state as well, and never before this call returns.
    if (shared.started)
      process.nextTick(() => {
        if (!state.called && this.#listeners.get(listener) === state)
          this.#notify(listener, shared.wholeState)
      })
    return this
  }

  /** @param {'change'} event @param {ChangeListener} listener */
  off(event, listener) {
    assertListener(event, listener)
    this.#listeners.delete(listener)
    return this
  }

  /** @param {import('./compat.js').IpcEvent} event */
  async isTrusted(event) {
    try {
      await this.#assertTrusted(event)
      return true
    } catch (error) {
      if (isUntrustedSender(error)) return false
      throw error
    }
  }

  dispose() {
    if (this.#disposed) return
    this.#disposed = true
    this.#listeners.clear()
    this.#shared.release(this)
    this.#dispose()
  }
}

/** @param {unknown} event @param {unknown} listener */
function assertListener(event, listener) {
  if (event !== 'change') throw invalidValue('event', "must be 'change'", event)
  if (typeof listener !== 'function') throw invalidType('"listener" argument', 'of type function', listener)
}

module.exports = { Registration }
