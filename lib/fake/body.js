// What did the client send, and is it the JSON object that a route needs?
'use strict'

const MAX_BODY = 8 * 2 ** 20
// So much of a larger one is still read and dropped: an answer sent while the client writes may never reach it.
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
      if (size <= MAX_BODY) chunks.push(chunk)
      else chunks.length = 0
    }
  } catch {
    return 'cut off'
  }
  return size > MAX_BODY ? 'too large' : Buffer.concat(chunks)
}

/**
 * @param {Buffer} body
 * @returns {Record<string, any> | undefined} undefined where it is none
 */
function parseObject(body) {
  try {
    const value = JSON.parse(body.toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

module.exports = { MAX_BODY, readBody, parseObject }
