// Parses access keys of Osaurus, without checking their signature.
'use strict'

/** `osk-v1.`, a JSON object in base64url, and a signature in hexadecimal. */
const KEY = /^osk-v1\.([\w-]+)\.[\da-f]+$/i

/** Far longer than any key. */
const MAX_LENGTH = 8192

/** @type {typeof import('../index.js').parseAccessKey} */
function parseAccessKey(text) {
  const match = typeof text === 'string' && text.length <= MAX_LENGTH && KEY.exec(text.trim())
  const claims = match && parseObject(match[1])
  if (!claims) return null
  const { aud, exp, iat, lbl } = claims
  if (![exp, iat].every(isTime)) return null
  const expiresAt = toMilliseconds(exp)
  return {
    label: typeof lbl === 'string' ? lbl : null,
    issuedAt: toMilliseconds(iat),
    expiresAt,
    isExpired: expiresAt !== null && expiresAt <= Date.now(),
    audience: typeof aud === 'string' ? aud : null,
  }
}

/**
 * @param {string} base64url
 * @returns {Record<string, unknown> | null}
 */
function parseObject(base64url) {
  // Node 12 does not know the encoding base64url, but decodes its alphabet as base64.
  const json = Buffer.from(base64url, 'base64').toString('utf8')
  try {
    const value = JSON.parse(json)
    return typeof value === 'object' && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

/** @param {unknown} value */
function isTime(value) {
  return value === undefined || value === null || (typeof value === 'number' && isFinite(value))
}

/** @param {unknown} seconds since the epoch; none, or 0, in a key that never expires */
function toMilliseconds(seconds) {
  return typeof seconds === 'number' && seconds !== 0 ? seconds * 1000 : null
}

module.exports = { parseAccessKey }
