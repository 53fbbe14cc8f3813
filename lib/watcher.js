// Implements the watcher that watchInstances() returns.
'use strict'

const { HELD_CONNECTION } = require('./symbols.js')
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

  /** @param {string} host @param {number} port @returns {number} */
  [HELD_CONNECTION](host, port) {
    const native = this.#native()
    return native ? native.heldConnection(host, port) : -1
  }

  /**
   * The liveness connection to a verified server, in the system at this moment.
   * @param {InstanceWatcher} watcher
   * @param {string} host an IP address
   * @param {number} port
   * @returns {number} while it stands, a number that no other connection has; 0 if it has ended; -1 if none is held
   */
  static heldConnection(watcher, host, port) {
    return watcher[HELD_CONNECTION](host, port)
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
