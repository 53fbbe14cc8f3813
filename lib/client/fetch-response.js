// Builds a standard Response whose body follows the connection.
'use strict'

const { ORIGIN } = require('./fetch-input.js')

/** @typedef {InstanceType<typeof import('./response-body.js').ResponseBody>} ResponseBody */

const NULL_BODY_STATUS = new Set([101, 103, 204, 205, 304])

/** Closes the connection of a body that can no longer be read. @type {FinalizationRegistry<ResponseBody>} */
const droppedStreams = new FinalizationRegistry((body) =>
  body.abort(new Error('The body was garbage-collected')),
)

/** Closes the connection of a dropped response whose stream was never created. @type {FinalizationRegistry<ResponseBody>} */
const droppedResponses = new FinalizationRegistry((body) => {
  if (!body.isOpened) body.abort(new Error('The response was garbage-collected'))
})

/**
 * @param {import('http').IncomingMessage} message
 * @param {ResponseBody} body
 * @param {object} request
 * @param {string} request.method
 * @param {string} request.path
 * @param {boolean} redirected
 * @returns {globalThis.Response}
 */
function createResponse(message, body, { method, path }, redirected) {
  const { statusCode: status = 0, statusMessage: statusText, rawHeaders } = message
  /** @type {[string, string][]} */
  const headers = []
  for (let i = 0; i < rawHeaders.length; i += 2) headers.push([rawHeaders[i], rawHeaders[i + 1]])
  const init = { status, statusText, headers }
  const isEmpty = method === 'HEAD' || NULL_BODY_STATUS.has(status)
  if (!isEmpty) return /** @type {any} */ (new LazyResponse(body, init, ORIGIN + path, redirected))
  body.drain()
  return withUrl(new Response(null, init), ORIGIN + path, redirected)
}

/**
 * Sets what only the runtime's own fetch can set otherwise, in a response of its own class.
 * @param {any} response
 * @param {string} url
 * @param {boolean} redirected
 * @returns {Response}
 */
function withUrl(response, url, redirected) {
  Object.defineProperty(response, 'url', { value: url, configurable: true })
  Object.defineProperty(response, 'type', { value: 'basic', configurable: true })
  if (redirected) Object.defineProperty(response, 'redirected', { value: true, configurable: true })
  return response
}

/**
 * A `Response` that creates its stream when it is first read, and reads a whole body without one: the stream takes
 * longer than all the rest of a small request.
 */
const LazyResponse = class Response
  extends /** @type {new (body: null, init: ResponseInit) => any} */ (globalThis.Response)
{
  #body
  #init
  #url
  #redirected
  /** Has the stream. @type {globalThis.Response | undefined} */
  #opened

  /**
   * @param {ResponseBody} body
   * @param {ResponseInit} init
   * @param {string} url
   * @param {boolean} redirected
   */
  constructor(body, init, url, redirected) {
    super(null, init)
    this.#body = body
    this.#init = init
    this.#url = url
    this.#redirected = redirected
    droppedResponses.register(this, body)
  }

  get url() {
    return this.#url
  }

  get redirected() {
    return this.#redirected
  }

  get type() {
    return 'basic'
  }

  get body() {
    return this.#open().body
  }

  get bodyUsed() {
    return this.#opened ? this.#opened.bodyUsed : this.#body.isOpened
  }

  /** @returns {Promise<ArrayBufferLike>} */
  async arrayBuffer() {
    return this.#isFresh() ? ownedBytes(await readAll(this.#body)).buffer : this.#open().arrayBuffer()
  }

  /** @returns {Promise<string>} */
  async text() {
    return this.#isFresh() ? decodeUtf8(await readAll(this.#body)) : this.#open().text()
  }

  /** @returns {Promise<any>} */
  async json() {
    return this.#isFresh() ? JSON.parse(decodeUtf8(await readAll(this.#body))) : this.#open().json()
  }

  blob() {
    return this.#open().blob()
  }

  bytes() {
    return /** @type {any} */ (this.#open()).bytes()
  }

  formData() {
    return this.#open().formData()
  }

  clone() {
    return withUrl(this.#open().clone(), this.url, this.redirected)
  }

  /** Whether the body was neither read nor turned into a stream. */
  #isFresh() {
    return !this.#body.isOpened
  }

  #open() {
    if (this.#opened) return this.#opened
    const wasRead = this.#body.isOpened
    // Its type decides how a blob or form data is read.
    const headers = this.headers
    this.#opened = new globalThis.Response(streamOf(this.#body), { ...this.#init, headers })
    if (wasRead) this.#opened.body?.cancel()
    return this.#opened
  }
}

/**
 * @param {ResponseBody} body
 * @returns {Promise<Buffer>}
 */
function readAll(body) {
  body.isOpened = true
  body.decode()
  return new Promise((resolve, reject) => {
    /** @type {Buffer[]} */
    const chunks = []
    /** @type {import('./response-body.js').OnChunk} */
    const onChunk = (error, chunk) => {
      if (chunk) {
        chunks.push(chunk)
        body.read(onChunk)
      } else if (error) reject(error)
      else resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))
    }
    body.read(onChunk)
  })
}

/** @param {Buffer} bytes */
function decodeUtf8(bytes) {
  const hasByteOrderMark = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  return bytes.toString('utf8', hasByteOrderMark ? 3 : 0)
}

/** @param {ResponseBody} body */
function streamOf(body) {
  const source = new BodySource(body, body.isOpened)
  const stream = new ReadableStream(/** @type {any} */ (source), { highWaterMark: 0 })
  if (!body.isOpened) {
    body.isOpened = true
    body.decode()
    droppedStreams.register(stream, body)
  }
  return stream
}

/** Reads from the connection only when the stream is read, so that the server is held back otherwise. */
class BodySource {
  /**
   * @param {ResponseBody} body
   * @param {boolean} wasRead the stream only shows that the body was read already
   */
  constructor(body, wasRead) {
    this.type = 'bytes'
    this.body = body
    this.wasRead = wasRead
  }

  /** @param {ReadableByteStreamController} controller */
  start(controller) {
    if (this.wasRead) return
    // The stream refers to the controller. The connection must not, or the stream could not be garbage-collected.
    const reference = new WeakRef(controller)
    this.body.onAbort = (reason) => {
      const alive = reference.deref()
      if (alive) alive.error(reason)
    }
  }

  /** @param {ReadableByteStreamController} controller */
  pull(controller) {
    const { body } = this
    if (body.pending) return
    body.read((error, chunk) => {
      if (chunk) return controller.enqueue(ownedBytes(chunk))
      if (error) return controller.error(error)
      controller.close()
      // A reader that brings its own buffer gets it back.
      if (controller.byobRequest) controller.byobRequest.respond(0)
    })
  }

  cancel() {
    if (!this.wasRead) this.body.abort(new Error('The body was cancelled'))
  }
}

/**
 * The chunk in an ArrayBuffer of its own, since a byte stream detaches it.
 * @param {Buffer} chunk
 */
function ownedBytes(chunk) {
  const { buffer, byteOffset, length } = chunk
  return byteOffset === 0 && buffer.byteLength === length ? new Uint8Array(buffer) : new Uint8Array(chunk)
}

module.exports = { createResponse }
