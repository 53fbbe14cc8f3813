// Proves which program has a port, and holds a connection to it.
'use strict'

const http = require('http')
const net = require('net')

const { version } = /** @type {{ version: string }} */ (require('../../package.json'))

/** @typedef {import('./servers.js').Target} Target */

/** What every version of Osaurus sends first for `GET /`. */
const BANNER = 'Osaurus Server is running'

/** The time without a byte after which the system probes whether the other machine is still reachable. */
const KEEP_ALIVE_MS = 15_000

/**
 * An idle connection to a program that has proved to be Osaurus.
 *
 * Osaurus closes a connection after it has answered, so a connection cannot be both verified and used. Instead three are made,
 * one after another, and the first and the third carry `GET /`. If Osaurus answers on both, it had the port before and after the
 * second was accepted, which is kept. In the same way, a connection that is made while this one stands was accepted by the
 * verified program: Osaurus ends its connections when it gives up its port.
 */
class OpenGuard {
  /** @param {Target} target */
  constructor(target) {
    this.target = target
    this.stands = false
    /** When it was verified. */
    this.since = 0
    /** @type {Set<net.Socket>} */
    this.sockets = new Set()
    /** @type {((error: Error) => void) | undefined} */
    this.failed = undefined
  }

  /**
   * Resolves once the program was verified.
   *
   * Rejects with a system error, or with one of {@link GuardError}.
   * @param {number} timeoutMs for all of it
   * @returns {Promise<void>}
   */
  open(timeoutMs) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.fail(guardError('TIMED_OUT', 'did not answer in time')), timeoutMs)
      // The calls that wait for it keep the process open.
      timer.unref()
      this.failed = (error) => {
        clearTimeout(timer)
        reject(error)
      }
      let answers = 0
      const onVerified = () => {
        if (++answers < 2 || !this.failed) return
        this.failed = undefined
        clearTimeout(timer)
        this.stands = true
        this.since = Date.now()
        resolve()
      }
      const before = this.connect(() => {
        const held = this.connect(() => {
          held.setKeepAlive(true, KEEP_ALIVE_MS)
          held.on('data', () => this.lose(held, guardError('NOT_OSAURUS', 'sent data without a request')))
          const after = this.connect(() => {
            this.sendProbe(before, onVerified)
            this.sendProbe(after, onVerified)
          })
        })
      })
    })
  }

  /** @param {() => void} onConnect */
  connect(onConnect) {
    const { host, port } = this.target
    const socket = net.connect({ host, port })
    socket.unref()
    this.sockets.add(socket)
    socket.on('error', (error) => this.lose(socket, error))
    socket.on('end', () => this.lose(socket))
    socket.on('close', () => this.lose(socket))
    socket.on('connect', () => {
      // Where no program listens, a connection to a port of the ephemeral range may meet itself.
      if (socket.localPort === port && socket.localAddress === socket.remoteAddress)
        this.fail(guardError('ECONNREFUSED', 'refused the connection'))
      else onConnect()
    })
    return socket
  }

  /**
   * @param {net.Socket} socket
   * @param {() => void} onVerified
   */
  sendProbe(socket, onVerified) {
    const { host, authority } = this.target
    const request = http.request({
      createConnection: () => socket,
      host,
      headers: {
        Host: authority,
        'User-Agent': `osaurus-discovery/${version}`,
        Accept: '*/*',
        Connection: 'close',
      },
    })
    const fail = (/** @type {Error} */ error) => this.lose(socket, error)
    request.on('error', (error) => {
      const { code = '' } = /** @type {NodeJS.ErrnoException} */ (error)
      fail(code.startsWith('HPE_') ? guardError('NOT_OSAURUS', 'does not speak HTTP') : error)
    })
    request.on('response', (response) => {
      let text = ''
      response.setEncoding('latin1')
      response.on('error', fail)
      response.on('end', () => fail(notOsaurus()))
      response.on('data', (chunk) => {
        text += chunk
        if (response.statusCode === 200 && text.startsWith(BANNER)) {
          this.sockets.delete(socket)
          socket.destroy()
          onVerified()
        } else if (response.statusCode !== 200 || text.length >= BANNER.length) fail(notOsaurus())
      })
    })
    request.end()
  }

  /**
   * @param {net.Socket} socket
   * @param {Error} [error]
   */
  lose(socket, error) {
    if (this.sockets.has(socket)) this.fail(error || guardError('CLOSED', 'closed the connection'))
  }

  /** @param {Error} error */
  fail(error) {
    const { failed } = this
    this.failed = undefined
    this.close()
    if (failed) failed(error)
  }

  /**
   * What the system has received before another connection was accepted is read by the end of the turn of the event loop
   * that reports the acceptance.
   * @type {import('./servers.js').Guard['confirm']}
   */
  confirm(done) {
    setImmediate(() => done(this.stands))
  }

  /** Ends it, or what it does to be opened. */
  close() {
    this.stands = false
    const sockets = [...this.sockets]
    this.sockets.clear()
    for (const socket of sockets) socket.destroy()
    if (this.failed) this.fail(guardError('CLOSED', 'was closed'))
  }
}

/**
 * @typedef {Error & { code: 'TIMED_OUT' | 'NOT_OSAURUS' | 'CLOSED' | 'ECONNREFUSED' }} GuardError
 *
 * @param {GuardError['code']} code
 * @param {string} message what the program did
 */
function guardError(code, message) {
  return Object.assign(new Error(message), { code })
}

function notOsaurus() {
  return guardError('NOT_OSAURUS', 'answered, but not as Osaurus')
}

module.exports = { OpenGuard }
