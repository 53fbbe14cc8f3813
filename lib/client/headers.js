// Builds the header of a request to Osaurus, the access key included.
'use strict'

const { version } = /** @type {{ version: string }} */ (require('../../package.json'))

/** @typedef {[name: string, value: string][]} HeaderList */

/** Headers that belong to the connection; `http` and this module set them. */
const CONNECTION_HEADERS = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * @param {HeaderList} given by the caller
 * @param {object} request
 * @param {string} request.method
 * @param {import('./call.js').RequestBody} [request.body]
 * @param {string} authority the value of `Host`
 * @param {string | null | undefined} accessKey replaces the caller's key; null removes it; undefined keeps it
 * @returns {HeaderList}
 */
function outgoingHeaders(given, { method, body }, authority, accessKey) {
  /** @type {HeaderList} */
  const headers = [['Host', authority]]
  /** @type {string | undefined} */
  let apiKey
  let hasAuthorization = accessKey !== undefined
  let accepts = false
  let hasUserAgent = false
  for (const header of given) {
    const name = header[0].toLowerCase()
    if (CONNECTION_HEADERS.has(name)) continue
    if (name === 'x-api-key') {
      apiKey = header[1]
      continue
    }
    if (name === 'authorization') {
      if (accessKey !== undefined) continue
      hasAuthorization = true
    } else if (name === 'accept') accepts = true
    else if (name === 'user-agent') hasUserAgent = true
    headers.push(header)
  }
  if (accessKey) headers.push(['Authorization', `Bearer ${accessKey}`])
  // Osaurus does not read x-api-key, which is where Anthropic's clients put the key.
  else if (!hasAuthorization && apiKey) headers.push(['Authorization', `Bearer ${apiKey}`])
  if (!accepts) headers.push(['Accept', '*/*'])
  if (!hasUserAgent) headers.push(['User-Agent', `osaurus-discovery/${version}`])
  if (body && body.length === undefined) headers.push(['Transfer-Encoding', 'chunked'])
  else if (body) headers.push(['Content-Length', String(body.length)])
  else if (method !== 'GET' && method !== 'HEAD') headers.push(['Content-Length', '0'])
  return headers
}

/**
 * A key that can be sent, without the white space around it, or null.
 *
 * The errors do not contain the value, which may be a key with a typing error.
 * @param {unknown} key
 * @param {string} name of where it comes from
 * @returns {string | null}
 */
function checkAccessKey(key, name) {
  if (key === undefined || key === null) return null
  if (typeof key !== 'string')
    throw Object.assign(new TypeError(`${name} must be a string. Received type ${typeof key}`), {
      code: 'ERR_INVALID_ARG_TYPE',
    })
  const trimmed = key.trim()
  if (!/^[\x21-\x7e]*$/.test(trimmed))
    throw Object.assign(
      new TypeError(`${name} must be an access key: printable ASCII characters without spaces`),
      {
        code: 'ERR_INVALID_ARG_VALUE',
      },
    )
  return trimmed || null
}

module.exports = { checkAccessKey, outgoingHeaders }
