// Follows the newest verified server of this machine.
'use strict'

const { InstanceWatcher } = require('../watcher.js')
const { notResponding } = require('./errors.js')
const { OpenGuard } = require('./guard.js')
const { isSameTarget, whileInFlight } = require('./servers.js')

/**
 * @typedef {import('../../index.js').OsaurusInstance} OsaurusInstance
 * @typedef {import('../../index.js').InstanceWatcher} Watcher
 * @typedef {() => Promise<OsaurusInstance>} Discover
 * @typedef {import('./servers.js').Call} Call
 * @typedef {import('./servers.js').Guard} Guard
 * @typedef {import('./servers.js').Servers} Servers
 * @typedef {import('./servers.js').Target} Target
 */

/** Pause between two discoveries while a server that refused a connection is still listed by the watcher. */
const REDISCOVER_MS = 250

/** @implements {Servers} */
class LocalServers {
  /**
   * @param {object} options
   * @param {() => Watcher} options.watch opens a watcher that verifies servers and does not keep the process open
   * @param {Discover} options.discover probes the servers once
   * @param {number} options.probeTimeoutMs
   */
  constructor({ watch, discover, probeTimeoutMs }) {
    this.watch = watch
    this.discover = discover
    this.probeTimeoutMs = probeTimeoutMs
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
    /** Made where the watcher holds no connection to the server. @type {InstanceType<typeof OpenGuard> | undefined} */
    this.ownGuard = undefined
    /** @type {Promise<void> | undefined} */
    this.opening = undefined
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
    if (this.ownGuard) this.ownGuard.close()
    for (const wake of [...this.waiters]) wake()
  }

  /**
   * The watcher's own connection to the server, in the system at this moment: a number of its own while it stands, 0 if it
   * has ended, -1 if there is none.
   * @param {Target} target
   */
  heldConnection({ host, port }) {
    const { watcher } = this
    return watcher ? InstanceWatcher.heldConnection(/** @type {any} */ (watcher), host, port) : -1
  }

  /** @param {Target} target */
  hasEnded(target) {
    return this.heldConnection(target) === 0
  }

  /**
   * @param {Target} target
   * @returns {Guard | undefined}
   */
  guardOf(target) {
    const held = this.heldConnection(target)
    // Another number is another connection, made after another program may have had the port.
    if (held > 0) return { confirm: (done) => done(this.heldConnection(target) === held) }
    const { ownGuard } = this
    if (ownGuard && ownGuard.stands && isSameTarget(ownGuard.target, target)) return ownGuard
  }

  /**
   * Resolves once the target is guarded. Rejects if what answers there is not Osaurus.
   * @param {Target} target
   * @returns {Promise<void>}
   */
  async secure(target) {
    if (this.guardOf(target)) return
    if (!this.opening || !this.ownGuard || !isSameTarget(this.ownGuard.target, target)) {
      if (this.ownGuard) this.ownGuard.close()
      this.ownGuard = new OpenGuard(target)
      this.opening = this.ownGuard.open(this.probeTimeoutMs)
    }
    const { opening } = this
    try {
      await opening
    } catch (error) {
      throw notResponding(target, /** @type {Error} */ (error))
    } finally {
      if (this.opening === opening) this.opening = undefined
    }
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

  /** @type {Servers['find']} */
  async find(call, suspect) {
    this.open()
    while (!call.ended) {
      const { changes, latest } = this
      if (!suspect && latest) {
        if (this.guardOf(latest)) return latest
        // The watcher's connection is not open, or was closed and its event has not arrived yet.
        const secured = this.secure(latest).then(isTrue, isFalse)
        if (await whileInFlight(call, secured)) return latest
        suspect = true
        continue
      }
      const remaining = call.deadline - Date.now()
      if (suspect || (changes > 0 && remaining <= 0)) {
        try {
          const target = await this.probe()
          if (call.ended) return
          await whileInFlight(call, this.secure(target))
          return target
        } catch (error) {
          if (remaining <= 0) throw error
        }
      }
      // The first event always comes: it waits for the servers no longer than their probe timeout.
      const ms = suspect ? Math.min(REDISCOVER_MS, remaining) : changes > 0 ? remaining : Infinity
      if (this.changes === changes) await this.pause(call, ms)
      if (this.changes !== changes) suspect = false
    }
  }

  /** @type {Servers['pause']} */
  pause(call, ms) {
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

const isTrue = () => true
const isFalse = () => false

/**
 * @param {OsaurusInstance} instance verified, so that its URL is the loopback address that answered
 * @returns {Target}
 */
function targetOf({ url }) {
  const { hostname, host, port } = new URL(url)
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 80),
    authority: host,
  }
}

module.exports = { LocalServers }
