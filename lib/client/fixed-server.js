// Follows one server at a fixed address, such as one on another Mac.
'use strict'

const dns = require('dns')
const net = require('net')
const os = require('os')

const { serverNotResponding } = require('./errors.js')
const { OpenGuard } = require('./guard.js')
const { isLoopback } = require('./server-url.js')
const { isSameTarget, whileInFlight } = require('./servers.js')

/**
 * @typedef {import('./servers.js').Call} Call
 * @typedef {import('./servers.js').Servers} Servers
 * @typedef {import('./servers.js').Target} Target
 * @typedef {import('./server-url.js').ServerUrl} ServerUrl
 * @typedef {InstanceType<typeof OpenGuard>} Guard
 */

/** Pauses between attempts while a request waits for the server: the first, and the longest. */
const RETRY_MS = /** @type {const} */ ([100, 2000])

/**
 * A machine that loses its network closes no connection, and another one may get its address. So a guard of another machine
 * proves nothing when it is older.
 */
const FRESH_MS = 30_000

/** @implements {Servers} */
class FixedServer {
  /**
   * @param {object} options
   * @param {ServerUrl} options.url
   * @param {number} options.probeTimeoutMs
   */
  constructor({ url, probeTimeoutMs }) {
    this.url = url
    this.probeTimeoutMs = probeTimeoutMs
    /** @type {Guard | undefined} */
    this.guard = undefined
    /** Shared by the calls that wait for it. @type {Promise<Target> | undefined} */
    this.verifying = undefined
    this.failures = 0
    this.closed = false
  }

  /** @returns {Target | undefined} */
  get latest() {
    const { guard } = this
    return guard && this.isFresh(guard) ? guard.target : undefined
  }

  /** @param {Guard} guard */
  isFresh({ target, stands, since }) {
    const age = Date.now() - since
    return stands && (isLoopback(target.host) || (age >= 0 && age < FRESH_MS))
  }

  /** @param {Target} target */
  guardOf(target) {
    const { guard } = this
    return guard && this.isFresh(guard) && isSameTarget(guard.target, target) ? guard : undefined
  }

  /** @param {Target} target */
  hasEnded(target) {
    const { guard } = this
    return !guard || !guard.stands || !isSameTarget(guard.target, target)
  }

  /** @type {Servers['find']} */
  async find(call, suspect) {
    // Another call may have verified the server since.
    if (suspect && this.guard && this.guard === call.guard) this.guard.close()
    while (!call.ended) {
      if (this.latest) return this.latest
      try {
        return await whileInFlight(call, this.verify())
      } catch (error) {
        const remaining = call.deadline - Date.now()
        if (remaining <= 0) throw error
        const pause = Math.min(RETRY_MS[0] * 2 ** (this.failures - 1), RETRY_MS[1])
        await this.pause(call, Math.min(pause, remaining))
      }
    }
  }

  /** Calls at the same time share one verification. */
  verify() {
    if (!this.verifying) {
      const verifying = this.openGuard()
      const end = () => (this.verifying = undefined)
      verifying.then(end, end)
      this.verifying = verifying
    }
    return this.verifying
  }

  /**
   * Verifies the first address that accepts a connection.
   * @returns {Promise<Target>}
   */
  async openGuard() {
    const { authority, host, port } = this.url
    try {
      /** @type {unknown} */
      let failure
      for (const address of await resolve(host, this.probeTimeoutMs)) {
        if (this.guard) this.guard.close()
        if (this.closed) break
        const guard = (this.guard = new OpenGuard({ host: address, port, authority }))
        try {
          await guard.open(this.probeTimeoutMs)
          this.failures = 0
          return guard.target
        } catch (error) {
          failure = error
        }
      }
      throw failure
    } catch (error) {
      this.failures++
      throw serverNotResponding(this.url, /** @type {Error} */ (error))
    }
  }

  /** @type {Servers['pause']} */
  pause(call, ms) {
    return new Promise((resolve) => {
      if (call.ended) return resolve()
      const finish = () => {
        clearTimeout(timer)
        call.interrupt = undefined
        resolve()
      }
      const timer = setTimeout(finish, ms)
      call.interrupt = finish
    })
  }

  close() {
    this.closed = true
    if (this.guard) this.guard.close()
  }
}

/**
 * The addresses of a host, IPv4 before IPv6, since Osaurus listens on IPv4.
 * @param {string} host
 * @param {number} timeoutMs
 * @returns {Promise<string[]>}
 */
async function resolve(host, timeoutMs) {
  if (net.isIP(host)) return [withInterfaceName(host)]
  /** @type {dns.LookupAddress[]} */
  const found = await new Promise((resolve, reject) => {
    const late = () => reject(Object.assign(new Error('was not resolved in time'), { code: 'TIMED_OUT' }))
    const timer = setTimeout(late, timeoutMs).unref()
    dns.lookup(host, { all: true }, (error, addresses) => {
      clearTimeout(timer)
      if (error) reject(error)
      else resolve(addresses)
    })
  })
  return found.sort((a, b) => a.family - b.family).map(({ address }) => address)
}

/**
 * A zone may be the index of an interface, which only Windows takes when it connects.
 * @param {string} host
 */
function withInterfaceName(host) {
  const [address, zone] = host.split('%')
  if (!zone || !/^\d+$/.test(zone) || process.platform === 'win32') return host
  for (const [name, addresses] of Object.entries(os.networkInterfaces()))
    if (addresses && addresses.some((each) => 'scopeid' in each && each.scopeid === Number(zone)))
      return `${address}%${name}`
  return host
}

module.exports = { FixedServer }
