// Shares one watcher among pages and the app; it runs only while one of them uses it.
'use strict'

const { warn } = require('../errors.js')
const { toPageError } = require('./errors.js')

/**
 * @typedef {import('../../index.js').InstanceChange} InstanceChange
 * @typedef {import('../../index.js').InstanceWatcher} InstanceWatcher
 *
 * @typedef {object} Listener
 * @property {(change: InstanceChange) => void} change
 * @property {(message: string) => void} [warning] with a message for pages
 */

class SharedWatcher {
  /** @param {() => InstanceWatcher} open */
  constructor(open) {
    this.open = open
    /** What keeps the watcher running. @type {Set<unknown>} */
    this.users = new Set()
    /** @type {Listener[]} */
    this.listeners = []
    /** @type {InstanceWatcher | null} */
    this.watcher = null
    /** Whether the first report, which describes the whole state, is in. */
    this.started = false
    /** The last warning, worded for pages, as long as it may explain an empty state. */
    this.warning = ''
  }

  /** Keeps the watcher running for this user; starts it for the first one. @param {unknown} user */
  retain(user) {
    if (!this.watcher) this.start()
    this.users.add(user)
  }

  /** Closes the watcher when the last user is gone. @param {unknown} user */
  release(user) {
    this.users.delete(user)
    if (this.users.size > 0 || !this.watcher) return
    this.watcher.close()
    this.watcher = null
    this.started = false
    this.warning = ''
  }

  start() {
    const watcher = this.open()
    this.watcher = watcher
    watcher.on('change', (change) => {
      this.started = true
      // No event says that a problem is over. But a running Osaurus shows that it no longer hides one.
      if (change.instances.length > 0) this.warning = ''
      for (const listener of this.listeners) listener.change(change)
    })
    watcher.on('warning', (error) => {
      // As a watcher without a listener does.
      warn(error.message, error.code)
      this.warning = toPageError(error).message
      for (const { warning } of this.listeners) if (warning) warning(this.warning)
    })
  }

  get latest() {
    return this.watcher ? this.watcher.latest : null
  }

  get instances() {
    return this.watcher ? this.watcher.instances : []
  }

  /** Why no instance is running; null if one is, or before the first report. */
  get reason() {
    return this.watcher ? this.watcher.reason : null
  }

  /** The current state as the first change for a listener that comes late. @returns {InstanceChange} */
  get wholeState() {
    const { instances, reason } = this
    return { instances, added: instances, updated: [], removed: [], reason }
  }
}

module.exports = { SharedWatcher }
