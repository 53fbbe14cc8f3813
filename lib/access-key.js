// Reads what an access key of Osaurus says about itself.
'use strict'

/** `osk-v1`, the claims as JSON in base64url, and a signature in hexadecimal digits. */
const PATTERN = /^osk-v1\.([\w-]+)\.([0-9a-f]+)$/i

/** Far above any key of Osaurus. */
const MAX_LENGTH = 8192

/** @type {typeof import('../index.js').parseAccessKey} */
function parseAccessKey(text) {
  const match = typeof text === 'string' && text.length <= MAX_LENGTH && PATTERN.exec(text.trim())
  const claims = match && parseClaims(match[1])
  if (!claims) return null
  const { lbl, iat, exp, aud } = claims
  const expiresAt = toMilliseconds(exp)
  return {
    label: toText(lbl),
    issuedAt: toMilliseconds(iat),
    expiresAt,
    isExpired: expiresAt !== null && expiresAt <= Date.now(),
    audience: toText(aud),
  }
}

/** @param {string} encoded @returns {Record<string, unknown> | null} */
function parseClaims(encoded) {
  try {
    const claims = JSON.parse(Buffer.from(encoded, 'base64').toString())
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? claims : null
  } catch (_) {
    return null
  }
}

/** @param {unknown} seconds since the epoch; null or 0 in a key that does not expire */
function toMilliseconds(seconds) {
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : null
}

/** @param {unknown} value */
function toText(value) {
  return typeof value === 'string' ? value : null
}

module.exports = { parseAccessKey }
