// Implements what the watchers of this machine and of the network have in common.
'use strict'

const EventEmitter = require('events')
const { onAbort } = require('./abort.js')
const { warn } = require('./errors.js')
const { WatchSource } = require('./watch-source.js')

/**
 * @template Instance
 * @typedef {{ instances: Instance[], reason: import('../index.js').OsaurusErrorCode | null }} Change
 */

/** @template Instance */
class WatcherBase extends EventEmitter {
  #source
  #copy
  /** Copies, because listeners may change what they receive. @type {Instance[]} */
  #instances = []
  /** @type {import('../index.js').OsaurusErrorCode | null} */
  #reason = null
  #removeAbortListener = () => {}

  /**
   * @param {import('./watch-source.js').Open<Change<Instance>>} open
   * @param {(instance: Instance) => Instance} copy
   * @param {{ persistent: boolean, signal?: AbortSignal }} options
   */
  constructor(open, copy, { persistent, signal }) {
    super()
    this.#copy = copy
    this.#source = new WatchSource(open, persistent, {
      change: (change) => {
        this.#instances = change.instances.map(copy)
        this.#reason = change.reason
        this.emit('change', change)
      },
      warning: (error) => {
        if (this.listenerCount('warning')) this.emit('warning', error)
        else warn(error.message, error.code)
      },
    })
    if (signal && signal.aborted) {
      // Like fs.watch(): it begins closed and emits 'close'.
      process.nextTick(() => this.close())
      return
    }
    if (signal) this.#removeAbortListener = onAbort(signal, () => this.close())
    this.#source.start()
  }

  get instances() {
    return this.#instances.map(this.#copy)
  }

  get reason() {
    return this.#reason
  }

  close() {
    if (this.#source.closed) return
    this.#source.close()
    this.#removeAbortListener()
    process.nextTick(() => this.emit('close'))
  }

  ref() {
    this.#source.setRef(true)
    return this
  }

  unref() {
    this.#source.setRef(false)
    return this
  }
}

// If the runtime has it: `using watcher = watchInstances()`.
if (Symbol.dispose) {
  Object.defineProperty(WatcherBase.prototype, Symbol.dispose, {
    value: WatcherBase.prototype.close,
    configurable: true,
    writable: true,
  })
}

module.exports = { WatcherBase }
