// How do events come from the addon, whatever goes wrong on the way?
'use strict'

const { errorOf } = require('./errors.js')

/**
 * @typedef {import('../index.js').InstanceChange} InstanceChange
 * @typedef {import('../index.js').OsaurusError} OsaurusError
 * @typedef {import('./addon/addon.js').Failure} Failure
 * @typedef {import('./addon/addon.js').NativeWatcher} NativeWatcher
 * @typedef {(ring: () => void) => NativeWatcher | Failure} Open
 * @typedef {{ change(change: InstanceChange): void, warning(error: OsaurusError): void }} Listener
 */

/** How long until the next try, where the system has no thread or no descriptor left to watch with. */
const TRY_AGAIN_MS = 1000

/** @type {InstanceChange} */
const NOTHING = Object.freeze({ instances: [], added: [], updated: [], removed: [] })

class Source {
  /**
   * @param {Open} open
   * @param {boolean} persistent
   * @param {Listener} listener whose own errors are thrown as those of any callback, and cost no event
   */
  constructor(open, persistent, listener) {
    this.open = open
    this.persistent = persistent
    this.listener = listener
    this.closed = false
    this.started = false
    /** @type {NativeWatcher | undefined} */
    this.native = undefined
    /** @type {Failure | undefined} why there is no native one */
    this.failure = undefined
    /** @type {NodeJS.Timeout | NodeJS.Immediate | undefined} */
    this.timer = undefined
  }

  start() {
    const opened = this.open(() => this.drain())
    if ('code' in opened) return this.fail(opened)
    this.failure = undefined
    this.native = opened
    this.persist(this.persistent)
  }

  /** @param {Failure} failure */
  fail(failure) {
    const first = !this.failure
    this.failure = failure
    this.timer = setTimeout(() => this.start(), TRY_AGAIN_MS)
    this.persist(this.persistent)
    if (!first) return
    // Never at the call: nobody can listen yet.
    process.nextTick(() => {
      if (this.closed) return
      this.change(NOTHING)
      if (!this.closed) this.listener.warning(errorOf(failure))
    })
  }

  /** Takes what there is. An error that a listener throws is its app's; what comes after it is told all the same. */
  drain() {
    let told = false
    try {
      for (let event; !this.closed && this.native && (event = this.native.next());) {
        if ('code' in event) this.listener.warning(errorOf(event))
        else this.change(event)
      }
      told = true
    } finally {
      if (!told) setImmediate(() => this.drain())
    }
  }

  /** @param {InstanceChange} change */
  change(change) {
    // Where opening failed at first the state at the start was told already, as empty.
    if (this.started && !change.added.length && !change.updated.length && !change.removed.length) return
    this.started = true
    this.listener.change(change)
  }

  /** @param {boolean} hold the process open */
  persist(hold) {
    this.persistent = hold
    if (this.native) this.native.persist(hold)
    if (this.timer) hold ? this.timer.ref() : this.timer.unref()
  }

  /** @returns {Failure | undefined} why there was no instance at the last look */
  whyNone() {
    return this.native ? this.native.whyNone() : this.failure
  }

  close() {
    this.closed = true
    clearTimeout(/** @type {NodeJS.Timeout} */ (this.timer))
    if (this.native) this.native.close()
  }
}

module.exports = { Source }
