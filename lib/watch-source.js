// Delivers the events of a native watcher.
'use strict'

const { errorOf } = require('./errors.js')

/**
 * @typedef {import('../index.js').OsaurusError} OsaurusError
 * @typedef {import('./addon/addon.js').Failure} Failure
 */

/**
 * @template Change
 * @typedef {object} Native a native watcher, of this machine or of the network
 * @property {() => boolean} start
 * @property {() => Change | Failure | undefined} next
 * @property {() => Failure | undefined} lastFailure
 * @property {(keep: boolean) => void} setRef
 * @property {() => void} close
 */

/**
 * @template Change
 * @typedef {(notify: () => void) => Native<Change>} Open
 */

/**
 * @template Change
 * @typedef {{ change(change: Change): void, warning(error: OsaurusError): void }} Listener
 */

/** How long until the next attempt if the system has no thread or no descriptor left. */
const RETRY_MS = 1000

/** @template {object} Change */
class WatchSource {
  /**
   * @param {Open<Change>} open creates the native watcher
   * @param {boolean} persistent
   * @param {Listener<Change>} listener an error that it throws is an uncaught exception, and costs no event
   */
  constructor(open, persistent, listener) {
    this.open = open
    this.persistent = persistent
    this.listener = listener
    this.closed = false
    /** @type {Native<Change> | undefined} */
    this.native = undefined
    /** @type {NodeJS.Timeout | undefined} */
    this.retryTimer = undefined
  }

  start() {
    this.native = this.open(() => this.drain())
    this.setRef(this.persistent)
    this.tryToStart(this.native)
  }

  /** @param {Native<Change>} native */
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

  /** @returns {Failure | undefined} why there was no instance at the last scan, or why the network cannot be searched */
  lastFailure() {
    return this.native && this.native.lastFailure()
  }

  close() {
    this.closed = true
    clearTimeout(/** @type {NodeJS.Timeout} */ (this.retryTimer))
    if (this.native) this.native.close()
  }
}

module.exports = { WatchSource }
