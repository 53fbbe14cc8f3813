// Tracks the newest verified server for a client.
'use strict'

const { InstanceWatcher } = require('../watcher.js')

/**
 * @typedef {import('../../index.js').OsaurusInstance} OsaurusInstance
 * @typedef {import('../../index.js').InstanceWatcher} Watcher
 * @typedef {() => Promise<OsaurusInstance>} Discover
 *
 * @typedef {object} Target where requests go
 * @property {string} host `127.0.0.1` or `::1`
 * @property {number} port
 * @property {string} authority as in a URL: `127.0.0.1:1337`
 */

/** Pause between two discoveries while a server that refused a connection is still listed by the watcher. */
const REDISCOVER_MS = 250

class ServerTracker {
  /**
   * @param {() => Watcher} watch opens a watcher that verifies servers and does not keep the process open
   * @param {Discover} discover probes the servers once
   */
  constructor(watch, discover) {
    this.watch = watch
    this.discover = discover
    /** @type {Watcher | undefined} */
    this.watcher = undefined
    /** The newest verified server as of the watcher's last event. @type {Target | undefined} */
    this.latest = undefined
    /** Number of `change` events so far; before the first one nothing is known. */
    this.changes = 0
    /** @type {Promise<Target> | undefined} */
    this.probing = undefined
    /** Begins when `probing` has ended. @type {Promise<Target> | undefined} */
    this.nextProbe = undefined
    /** @type {Set<() => void>} */
    this.waiters = new Set()
  }

  open() {
    if (this.watcher) return
    this.watcher = this.watch()
    this.watcher.on('change', ({ instances: [latest] }) => {
      this.latest = latest && targetOf(latest)
      this.changes++
      for (const wake of [...this.waiters]) wake()
    })
    // A request that fails because of the same problem rejects with its code.
    this.watcher.on('warning', () => {})
  }

  close() {
    if (this.watcher) this.watcher.close()
    for (const wake of [...this.waiters]) wake()
  }

  /**
   * Whether the watcher's own connection to the server still stands, according to the operating system.
   * @param {Target} target
   * @returns {boolean | undefined} undefined: unknown, because the watcher holds no connection to it
   */
  isStanding({ port }) {
    const { watcher } = this
    const state = watcher ? InstanceWatcher.connectionState(/** @type {any} */ (watcher), port) : 'unknown'
    return state === 'unknown' ? undefined : state === 'open'
  }

  /**
   * Probes the servers and gives the newest one that answers. The probe begins after the call, so that what it finds is
   * newer than what the caller has seen. Callers that wait for a running probe share the next one.
   * @returns {Promise<Target>}
   */
  probe() {
    if (!this.probing) return this.startProbe()
    if (!this.nextProbe)
      this.nextProbe = this.probing.then(
        () => this.startProbe(),
        () => this.startProbe(),
      )
    return this.nextProbe
  }

  startProbe() {
    this.nextProbe = undefined
    const probing = this.discover().then(targetOf)
    const end = () => {
      if (this.probing === probing) this.probing = undefined
    }
    this.probing = probing
    probing.then(end, end)
    return probing
  }

  /**
   * The server that a request goes to.
   *
   * Rejects with the error of discovery if no server runs at the deadline.
   * @param {InstanceType<typeof import('./call.js').Call>} call which ends the waiting when it ends
   * @param {boolean} suspect whether the server that the watcher lists has just refused a connection
   * @returns {Promise<Target | undefined>} undefined if the call has ended
   */
  async find(call, suspect) {
    this.open()
    while (!call.ended) {
      if (!suspect && this.latest) return this.latest
      const { changes } = this
      const remaining = call.deadline - Date.now()
      if (suspect || (changes > 0 && remaining <= 0)) {
        try {
          return await this.probe()
        } catch (error) {
          if (remaining <= 0) throw error
        }
      }
      // The first event always comes: it waits for the servers no longer than their probe timeout.
      const pause = suspect ? Math.min(REDISCOVER_MS, remaining) : changes > 0 ? remaining : Infinity
      if (this.changes === changes) await this.nextChange(call, pause)
      if (this.changes !== changes) suspect = false
    }
  }

  /**
   * Resolves at the next change, after a time, or when the call ends. Keeps the process open meanwhile.
   * @param {InstanceType<typeof import('./call.js').Call>} call
   * @param {number} ms may be Infinity
   * @returns {Promise<void>}
   */
  nextChange(call, ms) {
    return new Promise((resolve) => {
      if (call.ended) return resolve()
      const { watcher } = this
      const finish = () => {
        clearTimeout(/** @type {NodeJS.Timeout} */ (timer))
        this.waiters.delete(finish)
        if (watcher && this.waiters.size === 0) watcher.unref()
        call.interrupt = undefined
        resolve()
      }
      const timer = ms === Infinity ? undefined : setTimeout(finish, ms)
      this.waiters.add(finish)
      if (watcher) watcher.ref()
      call.interrupt = finish
    })
  }
}

/**
 * @param {OsaurusInstance} instance verified, so that its URL is the loopback address that answered
 * @returns {Target}
 */
function targetOf({ url }) {
  const { hostname, host, port } = new URL(url)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80), authority: host }
}

/**
 * @param {Target} a
 * @param {Target} b
 */
function isSameTarget(a, b) {
  return a.port === b.port && a.host === b.host
}

module.exports = { ServerTracker, isSameTarget }
