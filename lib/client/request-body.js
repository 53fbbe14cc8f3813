// Turns whatever fetch() takes as a body into bytes, or into a stream of bytes.
'use strict'

const { types } = require('util')

const { MAX_REQUEST_BYTES } = require('../defaults.js')
const { encodeFormData } = require('./form-data.js')

/**
 * @typedef {import('./call.js').RequestBody & {
 *   contentType: string | null,
 *   isStream: boolean,
 *   cancel?: (reason: unknown) => void,
 * }} FetchBody `isStream`: it can be read only once; `cancel` releases the source of one that is not opened
 */

/**
 * Turns a body into bytes or a stream. Objects of another realm or library are recognized by the name of their class.
 * @param {any} content
 * @param {boolean} [isOfRequest] whether it is the stream of a Request
 * @returns {FetchBody}
 */
function requestBody(content, isOfRequest = false) {
  if (typeof content === 'string') return textBody(content)
  // Copied, since the caller may change it before it is sent.
  if (types.isArrayBuffer(content)) return wholeBody(Buffer.from(content.slice(0)), null)
  if (ArrayBuffer.isView(content)) return wholeBody(copyOf(content), null)
  if (isNamed(content, 'URLSearchParams'))
    return wholeBody(Buffer.from(content.toString()), 'application/x-www-form-urlencoded;charset=UTF-8')
  if (isNamed(content, 'Blob') || isNamed(content, 'File')) return blobBody(content, content.type || null)
  if (isNamed(content, 'FormData')) {
    const { blob, contentType } = encodeFormData(content)
    return blobBody(blob, contentType)
  }
  if (content instanceof ReadableStream) {
    // Refuses one that is locked or was read.
    const stream = /** @type {ReadableStream<Uint8Array>} */ (new Response(content).body)
    if (isOfRequest) return { contentType: null, isStream: true, open: () => readStream(stream, DRAIN_MS) }
    return {
      contentType: null,
      isStream: true,
      open: () => readStream(stream),
      // Fails if it is being read, and is released by its reader then.
      cancel: (reason) => void stream.cancel(reason).catch(ignore),
    }
  }
  if (typeof content[Symbol.asyncIterator] === 'function')
    return { contentType: null, isStream: true, open: () => readIterable(content) }
  // Not String(), which accepts a symbol.
  return textBody(`${content}`)
}

/**
 * @param {any} content
 * @param {string} name of a class
 */
function isNamed(content, name) {
  return Object.prototype.toString.call(content) === `[object ${name}]`
}

/** @param {ArrayBufferView} view */
function copyOf({ buffer, byteOffset, byteLength }) {
  if (!types.isArrayBuffer(buffer)) throw new TypeError('A request body cannot be in shared memory')
  return Buffer.from(buffer.slice(byteOffset, byteOffset + byteLength))
}

/** @param {string} text */
function textBody(text) {
  return wholeBody(Buffer.from(text), 'text/plain;charset=UTF-8')
}

/**
 * @param {Blob} blob
 * @param {string | null} contentType
 * @returns {FetchBody}
 */
function blobBody(blob, contentType) {
  return { contentType, isStream: false, length: blob.size, open: () => readStream(blob.stream()) }
}

/**
 * @param {Buffer} bytes
 * @param {string | null} contentType
 * @returns {FetchBody}
 */
function wholeBody(bytes, contentType) {
  return { contentType, isStream: false, length: bytes.length, bytes }
}

/**
 * @param {ReadableStream<any>} stream
 * @param {number} [drainMs] how long its rest is read before it is cancelled
 * @returns {AsyncIterator<Uint8Array>}
 */
function readStream(stream, drainMs = 0) {
  const reader = stream.getReader()
  return withBytesOnly({
    next: () => /** @type {Promise<IteratorResult<any>>} */ (reader.read()),
    async return() {
      if (drainMs > 0) await drain(reader, drainMs)
      await reader.cancel()
      return { done: true, value: undefined }
    },
  })
}

/**
 * How long the rest of a Request's stream is read before it is cancelled. The Request of Node 24 fills its stream with a Blob
 * or with form data, whether it is read or not, and leaves a rejection unhandled if the stream is cancelled meanwhile.
 */
const DRAIN_MS = 1000

/**
 * @param {ReadableStreamDefaultReader} reader
 * @param {number} ms
 */
async function drain(reader, ms) {
  /** @type {Promise<{ done: boolean, value?: any }>} */
  const late = new Promise((resolve) => void setTimeout(() => resolve({ done: true }), ms).unref())
  let left = MAX_REQUEST_BYTES
  try {
    while (left > 0) {
      const { done, value } = await Promise.race([reader.read(), late])
      if (done) return
      left -= value.length
    }
  } catch {
    // The stream has failed, so there is nothing to cancel.
  }
}

function ignore() {}

/**
 * Makes a body of an async iterable, which Node's fetch accepts beyond the standard.
 * @param {AsyncIterable<any>} iterable
 */
function readIterable(iterable) {
  return withBytesOnly(iterable[Symbol.asyncIterator]())
}

/**
 * @param {AsyncIterator<any>} source
 * @returns {AsyncIterator<Uint8Array>}
 */
function withBytesOnly(source) {
  const end = async () =>
    source.return ? source.return() : { done: /** @type {const} */ (true), value: undefined }
  return {
    async next() {
      const { done, value } = await source.next()
      if (done) return { done, value: undefined }
      if (value instanceof Uint8Array) return { done, value }
      await end()
      throw new TypeError('A stream as a request body must give Uint8Array chunks')
    },
    return: end,
  }
}

module.exports = { requestBody }
