// Turns whatever fetch() takes as a body into bytes, or into a stream of bytes.
'use strict'

const { types } = require('util')

const { encodeFormData } = require('./form-data.js')

/**
 * @typedef {import('./call.js').RequestBody & {
 *   contentType: string | null,
 *   isStream: boolean,
 *   cancel?: (reason: unknown) => void,
 * }} FetchBody `isStream`: it can be read only once; `cancel` releases the source of one that is not opened
 */

/**
 * Objects of another realm, and of a library that has classes of its own, are recognized by their name.
 * @param {any} content
 * @returns {FetchBody}
 */
function requestBody(content) {
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
  if (content instanceof ReadableStream || typeof content[Symbol.asyncIterator] === 'function') {
    const stream = /** @type {ReadableStream<Uint8Array>} */ (new Response(content).body)
    return {
      contentType: null,
      isStream: true,
      open: () => readStream(stream),
      // Fails if it is being read, and is released by its reader then.
      cancel: (reason) => void stream.cancel(reason).catch(() => {}),
    }
  }
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
 * @returns {AsyncIterator<Uint8Array>}
 */
function readStream(stream) {
  const reader = stream.getReader()
  return {
    async next() {
      const { done, value } = await reader.read()
      if (done) return { done, value: undefined }
      if (value instanceof Uint8Array) return { done, value }
      await reader.cancel()
      throw new TypeError('A stream as a request body must give Uint8Array chunks')
    },
    async return() {
      await reader.cancel()
      return { done: true, value: undefined }
    },
  }
}

module.exports = { requestBody }
