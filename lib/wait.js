// Waits until an Osaurus is running: the state machine behind waitForRunningInstance().
'use strict'

const { onAbort } = require('./abort.js')
const { abortError, errorOf, osaurusError, withCause } = require('./errors.js')
const { WatchSource } = require('./watch-source.js')

/**
 * @typedef {import('../index.js').OsaurusInstance} OsaurusInstance
 * @typedef {import('./addon/addon.js').Failure} Failure
 *
 * @typedef {object} WaitStrategy
 * @property {(() => Promise<OsaurusInstance | Failure>) | undefined} discoverOnce one discovery; undefined without `verify`
 * @property {() => void} cancelDiscovery
 * @property {number} maxProbeMs the longest probe of one server; Infinity if the first result may take as long as it needs
 * @property {import('./watch-source.js').Open<import('../index.js').InstanceChange>} openWatch
 *
 * @typedef {{ setTimeout(callback: () => void, ms: number): any, clearTimeout(timer: any): void }} Clock
 *
 * `scanning`: no result yet. `waiting`: nothing was running at the last result. `overdue`: the time is over, but the first
 * result is not in. `done`: resolved or rejected.
 * @typedef {'scanning' | 'waiting' | 'overdue' | 'done'} State
 *
 * `none`: a result without an instance. `slow`: the first result takes long. `deadline`: `timeoutMs` is over. `graceOver`: the
 * time that an overdue first result gets is over.
 * @typedef {'found' | 'none' | 'slow' | 'deadline' | 'graceOver' | 'failed'} Event
 * @typedef {'resolve' | 'reject' | 'giveUp' | 'watch' | 'startGrace'} Action
 */

/** How long discovery runs alone before the watcher starts beside it. One unresponsive server must not delay the others. */
const SLOW_DISCOVERY_MS = 250

/**
 * What each event does in each state. An event without a row does nothing.
 *
 * `timeoutMs: 0` means one discovery, so the deadline never ends the wait before the first result is in.
 * @type {Record<State, { [E in Event]?: [next: State, action?: Action] }>}
 */
const TRANSITIONS = {
  scanning: {
    found: ['done', 'resolve'],
    none: ['waiting', 'watch'],
    slow: ['scanning', 'watch'],
    deadline: ['overdue', 'startGrace'],
    failed: ['done', 'reject'],
  },
  waiting: {
    found: ['done', 'resolve'],
    deadline: ['done', 'giveUp'],
    failed: ['done', 'reject'],
  },
  overdue: {
    found: ['done', 'resolve'],
    none: ['done', 'giveUp'],
    slow: ['overdue', 'watch'],
    graceOver: ['done', 'giveUp'],
    failed: ['done', 'reject'],
  },
  done: {},
}

/**
 * Resolves with the newest running instance as soon as there is one.
 *
 * With `verify` the first result comes from a discovery, which does not wait for servers older than one that answers. The
 * first report of a watcher describes the whole state and waits for every server.
 * @param {WaitStrategy} strategy
 * @param {number} timeoutMs
 * @param {AbortSignal | undefined} signal
 * @param {Clock} [clock] replaced in tests
 * @returns {Promise<OsaurusInstance>}
 */
function waitForInstance(strategy, timeoutMs, signal, clock = globalThis) {
  if (signal && signal.aborted) return Promise.reject(abortError(signal))
  return new Promise((resolve, reject) => {
    new Wait(strategy, timeoutMs, clock, { resolve, reject }).start(signal)
  })
}

class Wait {
  /**
   * @param {WaitStrategy} strategy
   * @param {number} timeoutMs
   * @param {Clock} clock
   * @param {{ resolve(instance: OsaurusInstance): void, reject(error: unknown): void }} promise
   */
  constructor(strategy, timeoutMs, clock, promise) {
    this.strategy = strategy
    this.timeoutMs = timeoutMs
    this.clock = clock
    this.promise = promise
    /** @type {State} */
    this.state = 'scanning'
    this.isWatching = false
    /** Why the first discovery found nothing. @type {Failure | undefined} */
    this.firstFailure = undefined
    /** @type {Set<any>} */
    this.timers = new Set()
    this.removeAbortListener = () => {}
    this.source = new WatchSource(strategy.openWatch, true, {
      change: ({ instances: [latest] }) => (latest ? this.handle('found', latest) : this.handle('none')),
      // The obstacle may disappear. If it does not, the timeout error names it.
      warning() {},
    })
  }

  /** @param {AbortSignal | undefined} signal */
  start(signal) {
    if (signal) this.removeAbortListener = onAbort(signal, () => this.handle('failed', abortError(signal)))
    if (this.timeoutMs !== Infinity) this.startTimer('deadline', this.timeoutMs)
    const { discoverOnce } = this.strategy
    if (!discoverOnce) return this.watch()
    this.startTimer('slow', SLOW_DISCOVERY_MS)
    discoverOnce().then(
      (outcome) => {
        if (!('code' in outcome)) return this.handle('found', outcome)
        this.firstFailure = outcome
        this.handle('none')
      },
      (error) => this.handle('failed', error),
    )
  }

  /**
   * @param {Event} event
   * @param {any} [value] the instance of `found`, the error of `failed`
   */
  handle(event, value) {
    const [next, action] = TRANSITIONS[this.state][event] || [this.state]
    this.state = next
    if (action === 'watch') this.watch()
    else if (action === 'startGrace') this.startGrace()
    else if (action) this.settle(action, value)
  }

  /**
   * @param {'resolve' | 'reject' | 'giveUp'} action
   * @param {any} value
   */
  settle(action, value) {
    // Created first: a closed watcher no longer knows why nothing is running.
    const error = action === 'giveUp' ? timeoutError(this.timeoutMs, this.lastFailure()) : value
    this.strategy.cancelDiscovery()
    this.source.close()
    for (const timer of this.timers) this.clock.clearTimeout(timer)
    this.removeAbortListener()
    if (action === 'resolve') this.promise.resolve(value)
    else this.promise.reject(error)
  }

  watch() {
    if (this.isWatching) return
    this.isWatching = true
    this.source.start()
  }

  /** Many unresponsive servers are probed in several rounds; an overdue result does not get time for all of them. */
  startGrace() {
    const { maxProbeMs } = this.strategy
    if (maxProbeMs < Infinity) this.startTimer('graceOver', maxProbeMs)
  }

  /** @param {Event} event @param {number} ms */
  startTimer(event, ms) {
    this.timers.add(this.clock.setTimeout(() => this.handle(event), ms))
  }

  /** @returns {Failure | undefined} why nothing is running, as far as known */
  lastFailure() {
    return (this.isWatching && this.source.lastFailure()) || this.firstFailure
  }
}

/**
 * @param {number} timeoutMs
 * @param {Failure | undefined} failure
 */
function timeoutError(timeoutMs, failure) {
  const summary = `Gave up waiting for Osaurus after ${timeoutMs} ms`
  if (!failure) return osaurusError('OSAURUS_TIMEOUT', summary)
  const cause = errorOf(failure)
  return withCause(osaurusError('OSAURUS_TIMEOUT', `${summary}. ${cause.message}`), cause)
}

module.exports = { TRANSITIONS, waitForInstance }
