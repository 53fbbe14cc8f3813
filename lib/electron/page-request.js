// Carries one request of a page to Osaurus, and keeps a bounded part of the response until the page reads it.
'use strict'

const { follow, locationOf } = require('../client/redirects.js')
const { invalidState } = require('./errors.js')

/**
 * @typedef {import('../client/redirects.js').Redirectable} Redirectable
 * @typedef {import('http').IncomingMessage} IncomingMessage
 * @typedef {InstanceType<typeof import('../client/response-body.js').ResponseBody>} ResponseBody
 *
 * @typedef {object} Part of a response body
 * @property {ArrayBuffer | null} chunk null if nothing has arrived yet, or nothing is left
 * @property {boolean} done whether the body ends with this chunk
 *
 * @typedef {object} Head
 * @property {string} path that was requested last
 * @property {boolean} redirected
 * @property {number} status
 * @property {string} statusText
 * @property {[name: string, value: string][]} headers
 *
 * @typedef {Head & Part} ResponseStart the head of a response, with what has arrived of its body
 */

/** How much of a body is kept while the page does not read. Then the server is held back. */
const MAX_BUFFERED_BYTES = 512 * 1024

class PageRequest {
  /**
   * @param {InstanceType<typeof import('../client/client.js').OsaurusClient>} client
   * @param {Redirectable} request
   * @param {(method: string, path: string) => void} assertAllowed throws if pages may not request it
   */
  constructor(client, request, assertAllowed) {
    this.client = client
    this.request = request
    this.assertAllowed = assertAllowed
    this.redirects = 0
    /** @type {Error | undefined} */
    this.aborted = undefined
    /** @type {InstanceType<typeof import('../client/call.js').Call> | undefined} */
    this.call = undefined
    /** @type {ResponseBody | undefined} */
    this.body = undefined
    /** What has arrived and was not taken yet. @type {Buffer[]} */
    this.chunks = []
    this.bufferedBytes = 0
    this.ended = false
    /** Why the body ended early. @type {unknown} */
    this.failure = undefined
    /** Ends the pending wait for the next chunk. @type {(() => void) | undefined} */
    this.wake = undefined
  }

  /**
   * Sends the request, and follows redirects. Resolves with the head of the response, and with what has arrived of its body.
   * @returns {Promise<ResponseStart>}
   */
  async start() {
    for (;;) {
      const { message, body } = await this.send()
      const location = locationOf(this.request, message)
      if (location === undefined) return this.respond(message, body)
      const redirected = new Error('The request was redirected')
      body.abort(redirected)
      try {
        const { target } = /** @type {NonNullable<PageRequest['call']>} */ (this.call)
        const status = Number(message.statusCode)
        this.request = follow(this.request, { status, location, count: ++this.redirects, target })
      } catch (error) {
        // As the standard `fetch` fails.
        throw new TypeError(`fetch failed: ${/** @type {Error} */ (error).message}`)
      }
    }
  }

  /** @returns {Promise<{ message: IncomingMessage, body: ResponseBody }>} */
  send() {
    const { method, headers, body } = this.request
    const path = this.path
    this.assertAllowed(method, path)
    if (this.aborted) return Promise.reject(this.aborted)
    return new Promise((resolve, reject) => {
      this.call = this.client.send(
        { method, path, headers, body },
        { onResponse: (message, body) => resolve({ message, body }), onError: reject },
      )
    })
  }

  get path() {
    return this.request.url.pathname + this.request.url.search
  }

  /**
   * @param {IncomingMessage} message
   * @param {ResponseBody} body
   * @returns {Promise<ResponseStart>}
   */
  respond(message, body) {
    this.body = body
    body.decode()
    this.readAhead()
    const head = headOf(message, this.path, this.redirects > 0)
    // It is not sent again, and the response may take minutes.
    this.request = { ...this.request, body: undefined }
    // A small response arrives as a whole. Its body is parsed, and its end noticed, before the next turn.
    return new Promise((resolve) => setImmediate(() => resolve({ ...head, ...this.take() })))
  }

  /** Reads until enough is buffered. The connection is not read any further. */
  readAhead() {
    const { body } = this
    if (!body || this.ended || body.pending || this.bufferedBytes >= MAX_BUFFERED_BYTES) return
    body.read((error, chunk) => {
      if (chunk) {
        this.chunks.push(chunk)
        this.bufferedBytes += chunk.length
      } else {
        this.ended = true
        this.failure = error || undefined
      }
      const { wake } = this
      this.wake = undefined
      if (wake) wake()
      this.readAhead()
    })
  }

  /**
   * Resolves with the next part of the body as soon as there is one. One read at a time.
   * @returns {Promise<Part>}
   */
  async read() {
    if (!this.body || this.wake) throw invalidState('The body is being read already, or has not begun')
    if (this.chunks.length === 0 && !this.ended)
      await new Promise((resolve) => (this.wake = () => resolve(undefined)))
    if (this.chunks.length === 0 && this.failure !== undefined) throw this.failure
    return this.take()
  }

  /** Takes what is buffered. @returns {Part} */
  take() {
    const { chunks } = this
    const chunk = chunks.length === 0 ? null : join(chunks, this.bufferedBytes)
    this.chunks = []
    this.bufferedBytes = 0
    this.readAhead()
    return { chunk, done: this.ended && this.failure === undefined && this.chunks.length === 0 }
  }

  /** Ends the request at once and closes its connection. @param {Error} reason */
  abort(reason) {
    this.aborted = reason
    if (this.call) this.call.abort(reason)
  }
}

/**
 * @param {IncomingMessage} message
 * @param {string} path
 * @param {boolean} redirected
 * @returns {Head}
 */
function headOf({ statusCode = 0, statusMessage = '', rawHeaders }, path, redirected) {
  /** @type {Head['headers']} */
  const headers = []
  for (let i = 0; i < rawHeaders.length; i += 2) headers.push([rawHeaders[i], rawHeaders[i + 1]])
  return { path, redirected, status: statusCode, statusText: statusMessage, headers }
}

/**
 * The chunks as one ArrayBuffer of exactly their size, since Electron sends the whole buffer behind a view.
 * @param {Buffer[]} chunks
 * @param {number} bytes
 */
function join(chunks, bytes) {
  const { buffer, byteOffset } = chunks[0]
  if (chunks.length === 1 && byteOffset === 0 && buffer.byteLength === bytes)
    return /** @type {ArrayBuffer} */ (buffer)
  const joined = new Uint8Array(bytes)
  let offset = 0
  for (const chunk of chunks) {
    joined.set(chunk, offset)
    offset += chunk.length
  }
  return joined.buffer
}

module.exports = { PageRequest }
