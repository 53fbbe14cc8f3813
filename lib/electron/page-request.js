// Carries one request of a page to Osaurus, and keeps a bounded part of the response until the page asks for it.
'use strict'

/**
 * @typedef {import('../client/call.js').OutgoingRequest} OutgoingRequest
 * @typedef {InstanceType<typeof import('../client/response-body.js').ResponseBody>} ResponseBody
 *
 * @typedef {object} Part of a response body
 * @property {ArrayBuffer | null} chunk null if nothing has arrived yet, or nothing is left
 * @property {boolean} done whether the body ends with this chunk
 *
 * @typedef {object} Head
 * @property {number} status
 * @property {string} statusText
 * @property {[name: string, value: string][]} headers
 *
 * @typedef {Head & Part & { path: string, redirected: boolean }} Answer
 */

/** How much of a body is kept while the page does not read. Then the server is held back. */
const MAX_BUFFERED_BYTES = 512 * 1024

class PageRequest {
  /**
   * @param {InstanceType<typeof import('../client/client.js').OsaurusClient>} client
   * @param {OutgoingRequest} request
   */
  constructor(client, request) {
    this.client = client
    this.request = request
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

  /** Sends the request. Resolves with the head of the response, and with what has arrived of its body. @returns {Promise<Answer>} */
  start() {
    return new Promise((resolve, reject) => {
      this.call = this.client.send(this.request, {
        onResponse: (message, body) => {
          this.body = body
          body.decode()
          this.readAhead()
          // A small response arrives as a whole. Its body is parsed, and its end noticed, before the next turn.
          setImmediate(() =>
            resolve({ ...headOf(message), path: this.request.path, redirected: false, ...this.take() }),
          )
        },
        onError: reject,
      })
    })
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
    if (!this.body || this.wake) throw new Error('The body is being read already, or has not begun')
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
    if (this.call) this.call.abort(reason)
  }
}

/**
 * @param {import('http').IncomingMessage} message
 * @returns {Head}
 */
function headOf({ statusCode = 0, statusMessage = '', rawHeaders }) {
  /** @type {Head['headers']} */
  const headers = []
  for (let i = 0; i < rawHeaders.length; i += 2) headers.push([rawHeaders[i], rawHeaders[i + 1]])
  return { status: statusCode, statusText: statusMessage, headers }
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
