// Reads request bodies.
'use strict'

const { isUtf8 } = require('node:buffer')

const { MAX_REQUEST_BYTES } = require('../defaults.js')

// A larger body is read up to here and dropped, because an answer sent while the client still writes may not reach it.
const MAX_DROPPED = 64 * 2 ** 20

/**
 * @param {import('node:http').IncomingMessage} incoming
 * @returns {Promise<Buffer | 'too large' | 'cut off'>}
 */
async function readBody(incoming) {
  /** @type {Buffer[]} */
  const chunks = []
  let size = 0
  try {
    for await (const chunk of incoming) {
      size += chunk.length
      if (size > MAX_DROPPED) {
        incoming.destroy()
        return 'cut off'
      }
      if (size <= MAX_REQUEST_BYTES) chunks.push(chunk)
      else chunks.length = 0
    }
  } catch {
    return 'cut off'
  }
  return size > MAX_REQUEST_BYTES ? 'too large' : Buffer.concat(chunks)
}

/**
 * Decodes a body for a test to read: JSON as its value, other text as a string, and the rest as bytes.
 * @param {Buffer} sent
 * @returns {unknown} undefined where there is none
 */
function decode(sent) {
  if (sent.length === 0) return undefined
  if (!isUtf8(sent)) return sent
  const text = sent.toString()
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

module.exports = { decode, readBody }
