// Turns whatever fetch() takes as a body into bytes, or into a stream of bytes.
'use strict'

/**
 * @typedef {import('./call.js').RequestBody & { contentType: string | null, isStream: boolean }} FetchBody
 *   `isStream`: it can be read only once
 */

/**
 * @param {any} content
 * @returns {FetchBody}
 */
function requestBody(content) {
  if (typeof content === 'string') return wholeBody(Buffer.from(content), 'text/plain;charset=UTF-8')
  if (content instanceof URLSearchParams)
    return wholeBody(Buffer.from(content.toString()), 'application/x-www-form-urlencoded;charset=UTF-8')
  // Copied, since the caller may change it before it is sent.
  if (content instanceof ArrayBuffer) return wholeBody(Buffer.from(content.slice(0)), null)
  if (ArrayBuffer.isView(content))
    return wholeBody(
      Buffer.from(content.buffer.slice(content.byteOffset, content.byteOffset + content.byteLength)),
      null,
    )
  if (content instanceof Blob)
    return {
      contentType: content.type || null,
      isStream: false,
      length: content.size,
      open: () => readStream(content.stream()),
    }
  // Form data, a stream, an async iterable; anything else becomes a string, as in the standard.
  const response = new Response(content)
  const stream = /** @type {ReadableStream<Uint8Array>} */ (response.body)
  return {
    contentType: response.headers.get('content-type'),
    isStream: !(content instanceof FormData),
    open: () => readStream(stream),
  }
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
