// Implements the watcher that watchInstances() returns.
'use strict'

const { WatcherBase } = require('./watcher-base.js')

/**
 * @typedef {import('../index.js').OsaurusInstance} OsaurusInstance
 * @typedef {import('./addon/addon.js').NativeWatcher} NativeWatcher
 */

/** @extends {WatcherBase<OsaurusInstance>} */
class InstanceWatcher extends WatcherBase {
  /** @type {() => NativeWatcher | undefined} */
  #native

  /**
   * @param {(notify: () => void) => NativeWatcher} open
   * @param {{ persistent: boolean, signal?: AbortSignal }} options
   */
  constructor(open, options) {
    /** @type {NativeWatcher | undefined} */
    let native
    super((notify) => (native = open(notify)), copy, options)
    this.#native = () => native
  }

  get latest() {
    const [latest = null] = this.instances
    return latest
  }

  /**
   * Whether the liveness connection to the verified server at a port stands in the kernel at this moment.
   * @param {InstanceWatcher} watcher
   * @param {number} port
   */
  static connectionState(watcher, port) {
    const native = watcher.#native()
    return native ? native.connectionState(port) : 'unknown'
  }
}

/**
 * @param {OsaurusInstance} instance
 * @returns {OsaurusInstance}
 */
function copy(instance) {
  return { ...instance }
}

module.exports = { InstanceWatcher }
