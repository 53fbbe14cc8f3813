// Carries one request to the newest verified server, and once more if the first server cannot have seen it.
'use strict'

const http = require('http')

const { connectionLost, notResponding } = require('./errors.js')
const { checkAccessKey, outgoingHeaders } = require('./headers.js')
const { ResponseBody } = require('./response-body.js')

/**
 * @typedef {import('./servers.js').Target} Target
 *
 * @typedef {object} OutgoingRequest
 * @property {string} method
 * @property {string} path with its query
 * @property {import('./headers.js').HeaderList} headers
 * @property {RequestBody} [body]
 *
 * @typedef {object} RequestBody
 * @property {number} [length] in bytes; without it the body is sent in chunks
 * @property {Uint8Array} [bytes] the whole body
 * @property {() => AsyncIterator<Uint8Array>} [open] opens the body; called once, when its first byte can be sent
 *
 * @typedef {object} Handlers called once, one of them
 * @property {(message: http.IncomingMessage, body: InstanceType<typeof ResponseBody>) => void} onResponse
 * @property {(error: unknown) => void} onError
 */

class Call {
  /**
   * @param {InstanceType<typeof import('./client.js').OsaurusClient>} client
   * @param {OutgoingRequest} request
   * @param {Handlers} handlers
   */
  constructor(client, request, handlers) {
    this.client = client
    this.request = request
    /** Released with the first call, so that what they refer to can be garbage-collected. @type {Handlers | undefined} */
    this.handlers = handlers
    /** When to stop waiting for a server. */
    this.deadline = client.waitMs > 0 ? Date.now() + client.waitMs : 0
    this.attempts = 0
    this.ended = false
    /** @type {string | null | undefined} */
    this.accessKey = undefined
    /** @type {Target | undefined} */
    this.target = undefined
    /** What the last connection was made under. @type {import('./servers.js').Guard | undefined} */
    this.guard = undefined
    /** @type {import('net').Socket | undefined} */
    this.socket = undefined
    /** @type {InstanceType<typeof ResponseBody> | undefined} */
    this.body = undefined
    /** Ends a pending wait. @type {(() => void) | undefined} */
    this.interrupt = undefined
    /** Releases the source of a request body that is still being sent. @type {(() => void) | undefined} */
    this.cancelBody = undefined
    /** Called when the call has ended, its response body included. @type {(() => void) | undefined} */
    this.onEnd = undefined
  }

  start() {
    const { accessKey, servers } = this.client
    if (typeof accessKey === 'function' || !servers.latest) return void this.prepare(false)
    this.accessKey = accessKey
    this.connect(servers.latest)
  }

  /** @param {boolean} suspect whether the server that the watcher lists has just refused a connection */
  async prepare(suspect) {
    const { accessKey, servers } = this.client
    try {
      if (this.attempts > 1) await servers.pause(this, RETRY_MS)
      let target = await servers.find(this, suspect)
      if (this.accessKey === undefined && accessKey !== undefined && !this.ended) {
        if (typeof accessKey === 'function') {
          this.accessKey = checkAccessKey(await accessKey(), 'The result of options.accessKey')
          // The function may have waited for the user, so the server may be another one by now.
          target = await servers.find(this, false)
        } else this.accessKey = accessKey
      }
      if (target && !this.ended) this.connect(target, true)
    } catch (error) {
      this.fail(error)
    }
  }

  /**
   * @param {Target} target
   * @param {boolean} [isGuarded] it was found for this call
   */
  connect(target, isGuarded = false) {
    const { connections, servers } = this.client
    this.target = target
    const idle = connections.reuse(target, () => !servers.hasEnded(target))
    if (idle) {
      this.socket = idle
      return this.send(idle, target)
    }
    if (connections.isFull()) return this.enqueue(target)
    const guard = servers.guardOf(target)
    if (guard) this.dial(target, guard)
    else if (isGuarded) this.retry(new Error('it ended'))
    else void this.prepare(false)
  }

  /**
   * The guard stands before the connection is made. If it still does afterwards, the verified server had the port
   * meanwhile, and no other program can have accepted the connection.
   * @param {Target} target
   * @param {import('./servers.js').Guard} guard
   */
  dial(target, guard) {
    this.guard = guard
    const socket = this.client.connections.dial(target, (error) => {
      if (this.ended) return
      if (error) return this.retry(error)
      guard.confirm((stands) => {
        if (this.ended) return
        if (stands && !socket.destroyed) this.send(socket, target)
        else this.retry(new Error('it ended'))
      })
    })
    this.socket = socket
  }

  /** @param {Target} target */
  enqueue(target) {
    const { connections, servers } = this.client
    const wake = () => {
      this.interrupt = undefined
      if (this.ended) connections.wakeNext()
      else this.connect(servers.latest || target)
    }
    connections.queue.add(wake)
    this.interrupt = () => connections.queue.delete(wake)
  }

  /**
   * Tries again, since no byte was sent: once, and until the deadline.
   * @param {Error} error
   */
  retry(error) {
    if (this.socket) this.socket.destroy()
    this.socket = undefined
    this.attempts++
    if (this.attempts < 2 || Date.now() < this.deadline) this.prepare(true)
    else this.fail(notResponding(/** @type {Target} */ (this.target), error))
  }

  /**
   * @param {import('net').Socket} socket
   * @param {Target} target
   */
  send(socket, target) {
    const { connections } = this.client
    const { method, path, body, headers } = this.request
    const options = {
      agent: connections,
      connection: socket,
      host: target.host,
      port: target.port,
      method,
      path,
      headers: outgoingHeaders(headers, this.request, target.authority, this.accessKey),
    }
    let message
    try {
      message = http.request(/** @type {http.RequestOptions} */ (/** @type {unknown} */ (options)))
    } catch (error) {
      // A header or path that `http` does not accept. Nothing was sent.
      connections.release(socket)
      this.socket = undefined
      return this.fail(error)
    }
    message.on('response', (response) => this.receive(response))
    message.on('error', (error) => this.lose(error))
    message.on('close', () => this.lose())
    if (!body) message.end()
    else if (body.bytes) message.end(body.bytes)
    else void this.sendBody(message, /** @type {() => AsyncIterator<Uint8Array>} */ (body.open)())
  }

  /**
   * Sends a body as fast as the server takes it.
   * @param {http.ClientRequest} message
   * @param {AsyncIterator<Uint8Array>} chunks
   */
  async sendBody(message, chunks) {
    this.cancelBody = () => {
      if (chunks.return) chunks.return().catch(ignore)
      // The server has sent its whole response without waiting for the rest.
      message.destroy()
    }
    message.once('close', () => this.releaseBody())
    try {
      while (this.cancelBody) {
        const { done, value } = await chunks.next()
        if (!this.cancelBody) return
        if (done) {
          this.cancelBody = undefined
          message.end()
        } else if (!message.write(value)) await this.drained(message)
      }
    } catch (error) {
      this.abort(error)
    }
  }

  releaseBody() {
    const { cancelBody } = this
    this.cancelBody = undefined
    if (cancelBody) cancelBody()
  }

  /**
   * @param {http.ClientRequest} message
   * @returns {Promise<void>}
   */
  drained(message) {
    return new Promise((resolve) => {
      const proceed = () => {
        message.removeListener('drain', proceed)
        message.removeListener('close', proceed)
        resolve()
      }
      message.on('drain', proceed)
      message.on('close', proceed)
    })
  }

  /** @param {http.IncomingMessage} message */
  receive(message) {
    if (this.ended) return
    const handlers = /** @type {Handlers} */ (this.handlers)
    this.handlers = undefined
    // It is not sent again, and the response may take minutes.
    this.request = { ...this.request, body: undefined }
    this.body = new ResponseBody(message, this)
    handlers.onResponse(message, this.body)
  }

  /** @param {Error} [error] */
  lose(error) {
    if (!this.body && !this.ended) this.fail(connectionLost(this, 'before it sent a response', error))
  }

  /** @param {unknown} error */
  fail(error) {
    if (this.ended) return
    const { handlers } = this
    this.finish(true)
    if (handlers) handlers.onError(error)
  }

  /**
   * Ends the call at once, whatever it is doing, and closes its connection.
   * @param {unknown} reason
   */
  abort(reason) {
    if (this.body) this.body.abort(reason)
    else this.fail(reason)
  }

  /** @param {boolean} [destroy] close the connection */
  finish(destroy = false) {
    if (this.ended) return
    this.ended = true
    const { interrupt, onEnd, socket } = this
    this.handlers = this.interrupt = this.onEnd = this.socket = undefined
    this.client.calls.delete(this)
    if (destroy && socket) socket.destroy()
    this.releaseBody()
    if (interrupt) interrupt()
    if (onEnd) onEnd()
    this.client.closeIfAbandoned()
  }
}

/** Pause before each attempt after the second one. */
const RETRY_MS = 50

function ignore() {}

module.exports = { Call }
