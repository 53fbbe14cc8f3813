// Sends requests to whichever verified server is the newest. Uses no web globals, so it also runs in Electron 9.
'use strict'

const { Call } = require('./call.js')
const { Connections } = require('./connections.js')
const { PROBE_TIMEOUT_MS, REMOTE_PROBE_TIMEOUT_MS } = require('../defaults.js')
const { closedError } = require('./errors.js')
const { FixedServer } = require('./fixed-server.js')
const { LocalServers } = require('./local-servers.js')

/** @typedef {() => string | null | undefined | Promise<string | null | undefined>} AccessKeySource */

class OsaurusClient {
  /**
   * @param {object} options checked
   * @param {() => import('./local-servers.js').Watcher} options.watch opens a watcher that verifies servers and is not persistent
   * @param {import('./local-servers.js').Discover} options.discover
   * @param {import('./server-url.js').ServerUrl} [options.url] the only server to use; then nothing is watched or discovered
   * @param {number} [options.probeTimeoutMs]
   * @param {string | null | AccessKeySource} [options.accessKey]
   * @param {number} [options.waitMs]
   */
  constructor({ watch, discover, url, probeTimeoutMs, accessKey, waitMs = 0 }) {
    /** @type {import('./servers.js').Servers} */
    this.servers = url
      ? new FixedServer({ url, probeTimeoutMs: probeTimeoutMs || REMOTE_PROBE_TIMEOUT_MS })
      : new LocalServers({ watch, discover, probeTimeoutMs: probeTimeoutMs || PROBE_TIMEOUT_MS })
    this.connections = new Connections()
    this.accessKey = accessKey
    this.waitMs = waitMs
    /** @type {Set<InstanceType<typeof Call>>} */
    this.calls = new Set()
    this.closed = false
    this.abandoned = false
  }

  /**
   * Starts a request. Its handlers are never called before this function returns.
   * @param {import('./call.js').OutgoingRequest} request
   * @param {import('./call.js').Handlers} handlers
   */
  send(request, handlers) {
    const call = new Call(this, request, handlers)
    this.calls.add(call)
    if (this.closed) process.nextTick(() => call.abort(closedError()))
    else call.start()
    return call
  }

  /** Aborts the calls in flight and releases everything. Later calls reject. */
  close() {
    if (this.closed) return
    this.closed = true
    for (const call of [...this.calls]) call.abort(closedError())
    this.connections.close()
    this.servers.close()
  }

  /** Closes the client once its last call has ended: its owner was garbage-collected. */
  abandon() {
    this.abandoned = true
    this.closeIfAbandoned()
  }

  closeIfAbandoned() {
    if (this.abandoned && this.calls.size === 0) this.close()
  }
}

module.exports = { OsaurusClient }
