// Reads the arguments of fetch().
'use strict'

const { FORBIDDEN_METHODS } = require('../defaults.js')
const { requestBody } = require('./request-body.js')

/**
 * @typedef {import('./headers.js').HeaderList} HeaderList
 *
 * @typedef {object} FetchRequest
 * @property {URL} url
 * @property {string} method
 * @property {HeaderList} headers
 * @property {import('./request-body.js').FetchBody | undefined} body
 * @property {AbortSignal | undefined} signal
 * @property {'follow' | 'error' | 'manual'} redirect
 */

/** Base of all URLs. The name is reserved (RFC 2606): with another fetch such a URL reaches no host. */
const ORIGIN = 'http://osaurus.invalid'

const NORMALIZED_METHODS = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'])
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/**
 * @param {any} input
 * @param {any} init
 * @returns {FetchRequest}
 */
function readArguments(input, init) {
  if (init === undefined || init === null) init = {}
  const isRequest = typeof input === 'object' && input !== null && typeof input.url === 'string'
  /** @type {any} */
  const request = isRequest ? input : {}
  const method = readMethod(init.method === undefined ? request.method : init.method)
  const headers = readHeaders(init.headers === undefined ? request.headers : init.headers)
  return {
    url: parseUrl(isRequest ? input.url : String(input)),
    method,
    headers,
    body: readBody(request, init, method, headers),
    signal: readSignal(init.signal === undefined ? request.signal : init.signal),
    redirect: readRedirect(init.redirect === undefined ? request.redirect : init.redirect),
  }
}

/** @param {string} text */
function parseUrl(text) {
  /** @type {URL} */
  let url
  try {
    url = new URL(text, ORIGIN)
  } catch {
    throw invalidInput('It cannot be parsed')
  }
  if (url.origin !== ORIGIN) throw invalidInput(`Received a URL of ${url.origin}`)
  // Credentials are not repeated in the error.
  if (url.username || url.password) throw invalidInput('Received a URL with credentials')
  return url
}

/** @param {string} received */
function invalidInput(received) {
  const message = `The argument 'input' must be a path or a URL of ${ORIGIN}, since requests go to Osaurus only. ${received}`
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' })
}

/** @param {unknown} value */
function readMethod(value) {
  if (value === undefined) return 'GET'
  const method = String(value)
  const upper = method.toUpperCase()
  if (!TOKEN.test(method) || FORBIDDEN_METHODS.has(upper))
    throw new TypeError(`'${method}' is not a method that fetch can use`)
  return NORMALIZED_METHODS.has(upper) ? upper : method
}

/**
 * @param {any} headers
 * @returns {HeaderList}
 */
function readHeaders(headers) {
  if (headers === undefined || headers === null) return []
  // Copied and checked as the standard says; also Headers of another library, which iterate over pairs.
  return [...(headers instanceof Headers ? headers : new Headers(headers))]
}

/**
 * @param {any} request
 * @param {any} init
 * @param {string} method
 * @param {HeaderList} headers gets a content type if it has none
 */
function readBody(request, init, method, headers) {
  const replaces = init.body !== undefined && init.body !== null
  if (!replaces && request.bodyUsed) throw new TypeError('The body of the Request was read already')
  const content = replaces ? init.body : request.body
  if (content === undefined || content === null) return undefined
  if (method === 'GET' || method === 'HEAD')
    throw new TypeError(`Request with ${method} method cannot have a body`)
  const body = requestBody(content, !replaces)
  if (body.isStream && replaces && init.duplex !== 'half')
    throw new TypeError("RequestInit: duplex option 'half' is required when sending a stream")
  if (body.contentType && !headers.some(([name]) => name === 'content-type'))
    headers.push(['content-type', body.contentType])
  return body
}

/**
 * @param {any} signal
 * @returns {AbortSignal | undefined}
 */
function readSignal(signal) {
  if (signal === undefined || signal === null) return undefined
  if (typeof signal.aborted !== 'boolean' || typeof signal.addEventListener !== 'function')
    throw new TypeError('The signal must be an AbortSignal')
  return signal
}

/**
 * @param {any} redirect
 * @returns {FetchRequest['redirect']}
 */
function readRedirect(redirect) {
  if (redirect === undefined) return 'follow'
  if (redirect !== 'follow' && redirect !== 'error' && redirect !== 'manual')
    throw new TypeError(`'${redirect}' is not a redirect mode: follow, error or manual`)
  return redirect
}

module.exports = { ORIGIN, readArguments }
