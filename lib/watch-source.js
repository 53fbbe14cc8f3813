// Delivers the events of a native watcher.
'use strict'

const { errorOf } = require('./errors.js')

/**
 * @typedef {import('../index.js').InstanceChange} InstanceChange
 * @typedef {import('../index.js').OsaurusError} OsaurusError
 * @typedef {import('./addon/addon.js').Failure} Failure
 * @typedef {import('./addon/addon.js').NativeWatcher} NativeWatcher
 * @typedef {(notify: () => void) => NativeWatcher} Open
 * @typedef {{ change(change: InstanceChange): void, warning(error: OsaurusError): void }} Listener
 */

/** How long until the next attempt if the system has no thread or no descriptor left. */
const RETRY_MS = 1000

class WatchSource {
  /**
   * @param {Open} open creates the native watcher
   * @param {boolean} persistent
   * @param {Listener} listener an error that it throws is an uncaught exception, and costs no event
   */
  constructor(open, persistent, listener) {
    this.open = open
    this.persistent = persistent
    this.listener = listener
    this.closed = false
    /** @type {NativeWatcher | undefined} */
    this.native = undefined
    /** @type {NodeJS.Timeout | undefined} */
    this.retryTimer = undefined
  }

  start() {
    this.native = this.open(() => this.drain())
    this.setRef(this.persistent)
    this.tryToStart(this.native)
  }

  /** @param {NativeWatcher} native */
  tryToStart(native) {
    if (native.start()) return
    this.retryTimer = setTimeout(() => this.tryToStart(native), RETRY_MS)
    // The native watcher keeps the process running, or does not.
    this.retryTimer.unref()
  }

  /** Delivers the events that wait. If a listener throws, the remaining ones are delivered in another turn. */
  drain() {
    let finished = false
    try {
      for (let event; !this.closed && this.native && (event = this.native.next());) {
        if ('code' in event) this.listener.warning(errorOf(event))
        else this.listener.change(event)
      }
      finished = true
    } finally {
      if (!finished) setImmediate(() => this.drain())
    }
  }

  /** @param {boolean} keep the process running */
  setRef(keep) {
    this.persistent = keep
    if (this.native) this.native.setRef(keep)
  }

  /** @returns {Failure | undefined} why there was no instance at the last scan */
  lastFailure() {
    return this.native && this.native.lastFailure()
  }

  /**
   * @param {number} port of a server that was verified
   * @returns {'open' | 'closed' | 'unknown'} the liveness connection to it, in the kernel at this moment
   */
  connectionState(port) {
    return this.native ? this.native.connectionState(port) : 'unknown'
  }

  close() {
    this.closed = true
    clearTimeout(/** @type {NodeJS.Timeout} */ (this.retryTimer))
    if (this.native) this.native.close()
  }
}

module.exports = { WatchSource }
