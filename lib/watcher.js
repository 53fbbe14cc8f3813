// What does watchInstances() give?
'use strict'

const EventEmitter = require('events')
const { onAbort } = require('./abort.js')
const { warn } = require('./errors.js')
const { Source } = require('./watch-source.js')

/**
 * @typedef {import('../index.js').OsaurusError} OsaurusError
 * @typedef {import('../index.js').OsaurusInstance} OsaurusInstance
 */

class InstanceWatcher extends EventEmitter {
  #source
  /** Kept apart from what listeners get, so that nobody can change it. @type {OsaurusInstance[]} */
  #instances = []
  /** Takes its listener from the signal. */
  #ignoreSignal = () => {}

  /**
   * @param {import('./watch-source.js').Open} open
   * @param {{ persistent: boolean, signal?: AbortSignal }} options
   */
  constructor(open, { persistent, signal }) {
    super()
    this.#source = new Source(open, persistent, {
      change: (change) => {
        this.#instances = change.instances.map(copy)
        this.emit('change', change)
      },
      warning: (error) => {
        if (this.listenerCount('warning')) this.emit('warning', error)
        else warn(error.message, error.code)
      },
    })
    if (signal && signal.aborted) {
      // As fs.watch: it begins closed, which its 'close' event says.
      process.nextTick(() => this.close())
      return
    }
    if (signal) this.#ignoreSignal = onAbort(signal, () => this.close())
    this.#source.start()
  }

  get instances() {
    return this.#instances.map(copy)
  }

  get latest() {
    return this.#instances.length ? copy(this.#instances[0]) : null
  }

  close() {
    if (this.#source.closed) return
    this.#source.close()
    this.#ignoreSignal()
    process.nextTick(() => this.emit('close'))
  }

  ref() {
    this.#source.persist(true)
    return this
  }

  unref() {
    this.#source.persist(false)
    return this
  }
}

// Where the runtime has it: `using watcher = watchInstances()`.
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
