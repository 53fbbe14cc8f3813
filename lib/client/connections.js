// Opens, keeps and reuses the connections of a client.
'use strict'

const http = require('http')
const net = require('net')

/** @typedef {import('./servers.js').Target} Target */

/** Osaurus closes its 513th connection without an answer, and other programs need some of them. */
const MAX_CONNECTIONS = 256

/** A connection idle for longer may be closed by the server at the moment it is used again. */
const IDLE_MS = 4000

/**
 * An agent for `http.request` that uses the connection it is given: the `connection` option. No proxy, no name lookup.
 *
 * A connection belongs to one process on the other side for as long as it lives, so a verified one stays verified.
 */
class Connections extends http.Agent {
  constructor() {
    super({ keepAlive: true })
    /** Idle connections, the latest last. @type {{ socket: net.Socket, target: Target, since: number }[]} */
    this.idle = []
    /** @type {Map<net.Socket, Target>} */
    this.opened = new Map()
    /** Calls that wait for a connection to be closed or released. @type {Set<() => void>} */
    this.queue = new Set()
    /** @type {NodeJS.Timeout | undefined} */
    this.sweeper = undefined
    this.closed = false
  }

  /**
   * Called by `http.request`.
   * @param {any} request
   * @param {any} options
   */
  addRequest(request, { connection }) {
    request.onSocket(connection)
  }

  /**
   * Takes an idle connection to the server, if there is one.
   * @param {Target} target
   * @param {() => boolean} isAlive
   */
  reuse(target, isAlive) {
    while (this.idle.length > 0) {
      const { socket, target: its, since } = /** @type {Connections['idle'][0]} */ (this.idle.pop())
      // The system may know of the server's end before the event loop does.
      const usable = its.port === target.port && its.host === target.host && Date.now() - since < IDLE_MS
      if (usable && socket.writable && !socket.destroyed && isAlive()) {
        socket.ref()
        return socket
      }
      socket.destroy()
    }
  }

  isFull() {
    return this.opened.size >= MAX_CONNECTIONS
  }

  /**
   * Connects to the server. Not a byte is sent.
   * @param {Target} target
   * @param {(error: Error | null) => void} done
   */
  dial(target, done) {
    const socket = net.connect({ host: target.host, port: target.port })
    this.opened.set(socket, target)
    let error = new Error(`${target.authority} closed the connection`)
    socket.once('error', (reason) => (error = reason))
    socket.once('connect', () => {
      socket.removeListener('close', failed)
      socket.setNoDelay(true)
      // Where no program listens, a connection to a port of the ephemeral range may meet itself.
      if (socket.localPort === target.port) socket.destroy()
      done(socket.destroyed ? error : null)
    })
    const failed = () => done(error)
    socket.once('close', failed)
    socket.once('close', () => {
      this.opened.delete(socket)
      this.wakeNext()
    })
    // Emitted by `http` after a response of a connection that can be used again.
    socket.on('free', () => this.release(socket))
    socket.on('error', ignore)
    return socket
  }

  /** @param {net.Socket} socket on which no request is in flight */
  release(socket) {
    const target = this.opened.get(socket)
    if (!target || this.closed || !socket.writable) return socket.destroy()
    Object.assign(socket, { _httpMessage: null })
    socket.unref()
    this.idle.push({ socket, target, since: Date.now() })
    if (!this.sweeper) this.sweeper = setTimeout(() => this.sweep(), IDLE_MS).unref()
    this.wakeNext()
  }

  sweep() {
    const oldest = Date.now() - IDLE_MS
    while (this.idle.length > 0 && this.idle[0].since <= oldest)
      /** @type {Connections['idle'][0]} */ (this.idle.shift()).socket.destroy()
    this.sweeper = this.idle.length > 0 ? setTimeout(() => this.sweep(), IDLE_MS).unref() : undefined
  }

  wakeNext() {
    const [wake] = this.queue
    if (!wake) return
    this.queue.delete(wake)
    wake()
  }

  /** Closes the idle connections, and the others once their responses have been read. */
  close() {
    this.closed = true
    clearTimeout(/** @type {NodeJS.Timeout} */ (this.sweeper))
    for (const { socket } of this.idle.splice(0)) socket.destroy()
  }
}

function ignore() {}

module.exports = { Connections }
