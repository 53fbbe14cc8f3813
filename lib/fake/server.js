// How does the fake accept, hang, go down and come up again on one port of this machine?
'use strict'

const { randomInt } = require('node:crypto')
const { once } = require('node:events')
const http = require('node:http')
const { setImmediate: nextTurn } = require('node:timers/promises')
const { readBody } = require('./body.js')

/**
 * @typedef {{ method: string, url: string, headers: http.IncomingHttpHeaders }} RecordedRequest
 * @typedef {{ method: string, url: string, headers: http.IncomingHttpHeaders, body: Buffer | 'too large' }} Request
 * @typedef {{ status: number, headers?: Record<string, string>, body?: string | string[] }} Answer
 *   an array is streamed, one HTTP chunk an element
 */

const HOST = '127.0.0.1' // Also when "exposed": a test never opens a port to the network.
const RECORDED_REQUESTS = 1000
// Below the ports that systems hand out to outgoing connections (Linux from 32768, macOS and Windows from 49152): there
// a port that a crash has closed could be taken before relaunch(), and a client that connects to it could even be given
// the very same port for its own end, and reach itself.
const FIRST_PORT = 20000
const END_OF_PORTS = 32000

class Server {
  /** The port it listens on, and comes back to. @type {number} */
  port
  connections = 0
  /** @type {RecordedRequest[]} */
  requests = []
  /** @type {(request: Request) => Answer} */
  #answer
  /** @type {http.Server | undefined} */
  #http
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set()
  /** While suspended: settles when answers may be sent. @type {Promise<void> | undefined} */
  #gate
  #openGate = () => {}

  /**
   * @param {number | undefined} port undefined or 0: the first listen() chooses a free one
   * @param {(request: Request) => Answer} answer
   */
  constructor(port, answer) {
    this.port = port ?? 0
    this.#answer = answer
  }

  get listening() {
    return this.#http !== undefined
  }

  async listen() {
    if (this.#http) return
    for (let attempt = 1; ; attempt++) {
      const port = this.port || randomInt(FIRST_PORT, END_OF_PORTS)
      try {
        this.#http = await this.#listenOn(port)
        this.port = port
        return
      } catch (error) {
        const { code } = /** @type {NodeJS.ErrnoException} */ (error)
        if (code === 'EADDRINUSE' && this.port === 0 && attempt < 100) continue
        throw explain(/** @type {NodeJS.ErrnoException} */ (error), port)
      }
    }
  }

  /** @param {number} port */
  async #listenOn(port) {
    // No timeouts: a suspended server closes nothing, and the kit leaves no timer behind.
    const server = http.createServer({ keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 })
    server.on('connection', (socket) => {
      this.connections++
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    server.on('request', (request, response) => void this.#serve(request, response))
    server.on('checkContinue', (request, response) => void this.#serve(request, response, true))
    server.on('clientError', (_, socket) => void this.#refuse(socket))
    server.listen({ port, host: HOST, exclusive: true })
    await once(server, 'listening')
    return server
  }

  /** Frees the port and cuts every connection, as the end of a process does. */
  async close() {
    const server = this.#http
    this.#http = undefined
    this.resume() // What waits to be answered finds its connection gone.
    if (server) {
      const closed = once(server, 'close')
      server.close()
      for (const socket of this.#sockets) socket.destroy()
      await closed
      // The handles are closed at the end of the loop's turn, after its immediates: with the second one they are gone.
      await nextTurn()
      await nextTurn()
    }
  }

  suspend() {
    this.#gate ??= new Promise((resolve) => (this.#openGate = resolve))
  }

  resume() {
    this.#gate = undefined
    this.#openGate()
  }

  async #resumed() {
    while (this.#gate) await this.#gate
  }

  /**
   * @param {http.IncomingMessage} incoming
   * @param {http.ServerResponse} response
   * @param {boolean} [mustContinue] the client waits for leave to send its body
   */
  async #serve(incoming, response, mustContinue = false) {
    const { method = '', url = '', headers } = incoming
    if (this.requests.push({ method, url, headers }) > RECORDED_REQUESTS) this.requests.shift()
    if (mustContinue) {
      await this.#resumed()
      response.writeContinue()
    }
    const body = await readBody(incoming)
    await this.#resumed()
    if (body === 'cut off' || response.destroyed) return
    await this.#send(response, this.#answerTo({ method, url, headers, body }))
  }

  /**
   * @param {Request} request
   * @returns {Answer}
   */
  #answerTo(request) {
    try {
      return this.#answer(request)
    } catch (error) {
      // A fault of the fake is told to its client, as a server's is, and not to the test runner as a stray rejection.
      const body = JSON.stringify({ error: { message: String(error), type: 'internal_error' } })
      return { status: 500, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body }
    }
  }

  /**
   * @param {http.ServerResponse} response
   * @param {Answer} answer
   */
  async #send(response, { status, headers, body }) {
    if (!Array.isArray(body)) {
      // Without a length Node would send even the banner in chunks.
      const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }
      response.writeHead(status, { ...headers, ...length }).end(body)
      return
    }
    response.writeHead(status, headers)
    for (const chunk of body) {
      await this.#resumed()
      if (response.destroyed) return
      response.write(chunk)
      // One turn of the event loop each: a client reads a stream, not one lump.
      await nextTurn()
    }
    await this.#resumed()
    response.end()
  }

  /** What is no HTTP. @param {import('node:stream').Duplex} socket */
  async #refuse(socket) {
    await this.#resumed()
    if (!socket.writable) return socket.destroy()
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  }
}

/**
 * @param {NodeJS.ErrnoException} error
 * @param {number} port
 */
function explain(error, port) {
  const what =
    error.code === 'EADDRINUSE'
      ? `port ${port} is in use on ${HOST}. Choose another, or leave \`port\` out for a free one`
      : `${error.message}. Choose another \`port\`, or leave it out for a free one`
  return Object.assign(new Error(`The fake Osaurus cannot listen: ${what}.`, { cause: error }), {
    code: error.code,
    port,
  })
}

module.exports = { Server, HOST }
