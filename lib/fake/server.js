// Serves HTTP on one port of 127.0.0.1, and can hang, go down and come back.
'use strict'

const { randomInt } = require('node:crypto')
const { once } = require('node:events')
const http = require('node:http')
const { setImmediate: nextTurn, setTimeout: delay } = require('node:timers/promises')
const { error } = require('./http-response.js')
const { decode, readBody } = require('./body.js')
const { Recorder } = require('./recorder.js')

/**
 * @typedef {import('./http-response.js').HttpResponse} HttpResponse
 * @typedef {import('./routes.js').Request} Request
 * @typedef {{ slow: number, wordDelayMs: number }} Pace
 * @typedef {{ status: number, path: string | undefined }} Failure
 */

const HOST = '127.0.0.1' // Also while exposed: a test opens a port to the network only where it says so.
const ALL_ADDRESSES = '0.0.0.0' // IPv4 only, as Osaurus.
const MAX_CONNECTIONS = 512
// Below the ports that systems assign to outgoing connections (Linux from 32768, macOS and Windows from 49152): there,
// another connection could take the port of a crashed server before relaunch(), and a client that connects to it could
// even be assigned the same port for its own end, and reach itself.
const FIRST_PORT = 20000
const END_OF_PORTS = 32000

class Server {
  /** The port of the latest listen(). */
  port = 0
  connections = 0
  recorder = new Recorder()
  /** Statuses for the next requests that match, oldest first. @type {Failure[]} */
  failures = []
  /** @type {Pace} */
  pace
  /** @type {(request: Request) => Promise<HttpResponse>} */
  #handle
  /** @type {InstanceType<typeof import('./gate.js').Gate>} */
  #gate
  #host
  /** @type {http.Server | undefined} */
  #http
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set()
  /** While suspended: settles when answers may be sent. @type {Promise<void> | undefined} */
  #suspension
  #endSuspension = () => {}

  /**
   * @param {(request: Request) => Promise<HttpResponse>} handle
   * @param {InstanceType<typeof import('./gate.js').Gate>} gate
   * @param {Pace} pace
   * @param {string} host where to listen
   */
  constructor(handle, gate, pace, host) {
    this.#host = host
    this.#handle = handle
    this.#gate = gate
    this.pace = pace
  }

  /** @param {number} wanted 0 for a free port */
  async listen(wanted) {
    for (let attempt = 1; ; attempt++) {
      const port = wanted || randomInt(FIRST_PORT, END_OF_PORTS)
      try {
        this.#http = await this.#listenOn(port)
        this.port = port
        return
      } catch (cause) {
        const { code } = /** @type {NodeJS.ErrnoException} */ (cause)
        if (code === 'EADDRINUSE' && wanted === 0 && attempt < 100) continue
        throw listenError(/** @type {NodeJS.ErrnoException} */ (cause), port, this.#host)
      }
    }
  }

  get listening() {
    return this.#http !== undefined
  }

  /** @param {number} port */
  async #listenOn(port) {
    // No timeouts: a suspended server closes nothing, and the kit leaves no timer behind.
    const server = http.createServer({ keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 })
    server.maxConnections = MAX_CONNECTIONS // Node closes the next one without an answer.
    server.on('connection', (socket) => {
      this.connections++
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    server.on('request', (request, response) => void this.#serve(request, response))
    server.on('checkContinue', (request, response) => void this.#serve(request, response, true))
    server.on('clientError', (_, socket) => void this.#refuse(socket))
    server.listen({ port, host: this.#host, exclusive: true })
    await once(server, 'listening')
    return server
  }

  /** Frees the port and cuts every connection, as the end of a process does. */
  async close() {
    const server = this.#http
    this.#http = undefined
    this.resume() // Requests that wait for an answer find their connection closed.
    if (server) {
      const closed = once(server, 'close')
      server.close()
      for (const socket of this.#sockets) socket.destroy()
      await closed
      // Handles are closed at the end of a turn of the event loop, after its immediates: two turns later they are gone.
      await nextTurn()
      await nextTurn()
    }
  }

  suspend() {
    this.#suspension ??= new Promise((resolve) => (this.#endSuspension = resolve))
  }

  resume() {
    this.#suspension = undefined
    this.#endSuspension()
  }

  async #resumed() {
    while (this.#suspension) await this.#suspension
  }

  /**
   * @param {http.IncomingMessage} incoming
   * @param {http.ServerResponse} response
   * @param {boolean} [mustContinue] the client waits for `100 Continue` before it sends its body
   */
  async #serve(incoming, response, mustContinue = false) {
    const { method = '', url = '', headers } = incoming
    const server = this.#http
    const record = this.recorder.add(incoming)
    const closed = new AbortController()
    response.once('close', () => {
      record.aborted = !response.writableFinished && this.#http === server
      closed.abort()
    })
    if (mustContinue) {
      await this.#resumed()
      response.writeContinue()
    }
    const sent = await readBody(incoming)
    if (sent === 'cut off') return
    const body = sent === 'too large' ? undefined : decode(sent)
    this.recorder.setBody(record, body, sent.length)
    const answer =
      this.#takeFailure(method, url) ?? (await this.#answer({ method, url, headers, sent, body }))
    const cors = this.#gate.corsHeaders(headers, method === 'OPTIONS')
    await pause(this.pace.slow, closed.signal)
    await this.#send(response, { ...answer, headers: { ...answer.headers, ...cors } }, closed.signal)
  }

  /**
   * @param {string} method
   * @param {string} url
   * @returns {HttpResponse | undefined}
   */
  #takeFailure(method, url) {
    const path = url.split('?')[0]
    // Discovery sends GET / on its own schedule: it does not use up a failure that is meant for the app's request.
    const index = this.failures.findIndex(
      (failure) => (failure.path ?? (path === '/' ? undefined : path)) === path,
    )
    if (index < 0) return undefined
    const [{ status }] = this.failures.splice(index, 1)
    return error(status, 'server_error', `The test chose the status ${status} for this ${method} request`)
  }

  /**
   * @param {Request} request
   * @returns {Promise<HttpResponse>}
   */
  async #answer(request) {
    try {
      return await this.#handle(request)
    } catch (cause) {
      // The client gets the error. A rejection would be reported to the test runner instead.
      return error(500, 'internal_error', String(cause))
    }
  }

  /**
   * @param {http.ServerResponse} response
   * @param {HttpResponse} answer
   * @param {AbortSignal} closed aborted when the connection closes
   */
  async #send(response, { status, headers, body }, closed) {
    await this.#resumed()
    if (closed.aborted) return
    if (!Array.isArray(body)) {
      // Without a length Node would send even the banner in chunks.
      const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }
      response.writeHead(status, { ...headers, ...length, Connection: 'close' }).end(body)
      return
    }
    response.writeHead(status, headers).flushHeaders()
    for (const { data, isWord } of body) {
      if (isWord) await pause(this.pace.wordDelayMs, closed)
      await this.#resumed()
      if (closed.aborted) return
      // A client that does not read holds the stream back.
      if (!response.write(data)) await once(response, 'drain', { signal: closed }).catch(() => {})
      // One turn of the event loop for each: a client reads a stream, and not one block.
      await nextTurn()
    }
    await this.#resumed()
    response.end()
  }

  /** Answers bytes that are not HTTP. @param {import('node:stream').Duplex} socket */
  async #refuse(socket) {
    await this.#resumed()
    if (!socket.writable) return socket.destroy()
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  }
}

/**
 * Waits, unless the connection closes first.
 * @param {number} ms
 * @param {AbortSignal} signal
 */
async function pause(ms, signal) {
  if (ms > 0) await delay(ms, undefined, { signal }).catch(() => {})
}

/**
 * @param {NodeJS.ErrnoException} cause
 * @param {number} port
 * @param {string} host
 */
function listenError(cause, port, host) {
  const what =
    cause.code === 'EADDRINUSE'
      ? `port ${port} is in use on ${host}. Choose another, or leave \`port\` out for a free one`
      : `${cause.message}. Choose another \`port\`, or leave it out for a free one`
  return Object.assign(new Error(`The fake Osaurus cannot listen: ${what}.`, { cause }), {
    code: cause.code,
    port,
  })
}

module.exports = { ALL_ADDRESSES, HOST, Server }
