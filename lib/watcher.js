// Implements the watcher that watchInstances() returns.
'use strict'

const EventEmitter = require('events')
const { onAbort } = require('./abort.js')
const { warn } = require('./errors.js')
const { WatchSource } = require('./watch-source.js')

/**
 * @typedef {import('../index.js').OsaurusError} OsaurusError
 * @typedef {import('../index.js').OsaurusInstance} OsaurusInstance
 */

class InstanceWatcher extends EventEmitter {
  #source
  /** A copy, because listeners may change what they receive. @type {OsaurusInstance[]} */
  #instances = []
  /** @type {import('../index.js').OsaurusErrorCode | null} */
  #reason = null
  #removeAbortListener = () => {}

  /**
   * @param {import('./watch-source.js').Open} open
   * @param {{ persistent: boolean, signal?: AbortSignal }} options
   */
  constructor(open, { persistent, signal }) {
    super()
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
    return this.#instances.map(copy)
  }

  get latest() {
    return this.#instances.length ? copy(this.#instances[0]) : null
  }

  get reason() {
    return this.#reason
  }

  /**
   * Whether the liveness connection to the verified server at a port stands in the kernel at this moment.
   * @param {InstanceWatcher} watcher
   * @param {number} port
   */
  static connectionState(watcher, port) {
    return watcher.#source.connectionState(port)
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
  Object.defineProperty(InstanceWatcher.prototype, Symbol.dispose, {
    value: InstanceWatcher.prototype.close,
    configurable: true,
    writable: true,
  })
}

/**
 * @param {OsaurusInstance} instance
 * @returns {OsaurusInstance}
 */
function copy(instance) {
  return { ...instance }
}

module.exports = { InstanceWatcher }
