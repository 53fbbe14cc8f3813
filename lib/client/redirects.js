// Decides which request follows a redirect. Uses no web globals, so it also runs in Electron 9.
'use strict'

const { ORIGIN } = require('./fetch-input.js')
const { isLoopback } = require('./server-url.js')

/**
 * @typedef {object} Redirectable the part of a request that a redirect changes or depends on
 * @property {URL} url below the fixed origin
 * @property {string} method
 * @property {import('./headers.js').HeaderList} headers
 * @property {(import('./call.js').RequestBody & { isStream?: boolean }) | undefined} body
 * @property {'follow' | 'error' | 'manual'} redirect
 */

const REDIRECT_STATUS = new Set([301, 302, 303, 307, 308])
const MAX_REDIRECTS = 20

/**
 * Where a response redirects to; undefined if it does not, or if the caller wants to see the redirect.
 * @param {Redirectable} request
 * @param {import('http').IncomingMessage} message
 */
function locationOf({ redirect }, { statusCode, headers }) {
  return redirect !== 'manual' && REDIRECT_STATUS.has(Number(statusCode)) ? headers.location : undefined
}

/**
 * The request that follows a redirect. Throws where the standard `fetch` fails.
 * @template {Redirectable} T
 * @param {T} request
 * @param {object} redirect
 * @param {number} redirect.status
 * @param {string} redirect.location
 * @param {number} redirect.count of redirects so far, this one included
 * @param {import('./servers.js').Target | undefined} redirect.target the server that sent it
 * @returns {T}
 */
function follow(request, { status, location, count, target }) {
  if (request.redirect === 'error') throw new Error(`unexpected redirect (${status})`)
  if (count > MAX_REDIRECTS) throw new Error('redirect count exceeded')
  const url = urlOf(location, request.url, target)
  const { method } = request
  if (status !== 303 && request.body && request.body.isStream)
    throw new Error('a body that is a stream cannot be sent again after a redirect')
  const becomesGet =
    (status <= 302 && method === 'POST') || (status === 303 && method !== 'GET' && method !== 'HEAD')
  return becomesGet
    ? { ...request, url, method: 'GET', body: undefined, headers: request.headers.filter(isNotOfBody) }
    : { ...request, url }
}

/**
 * The URL to follow, under the fixed origin. Another origin gets neither request nor key.
 * @param {string} location
 * @param {URL} base
 * @param {import('./servers.js').Target | undefined} target
 */
function urlOf(location, base, target) {
  const url = new URL(location, base)
  const own = target ? [`http://${target.authority}`] : []
  if (target && isLoopback(target.host)) own.push(`http://localhost:${target.port}`)
  if (url.origin !== ORIGIN && !own.includes(url.origin))
    throw new Error(`redirect to another origin: ${url.origin}`)
  return new URL(url.pathname + url.search, ORIGIN)
}

/** @param {[name: string, value: string]} header */
function isNotOfBody([name]) {
  return !['content-encoding', 'content-language', 'content-location', 'content-type'].includes(name)
}

module.exports = { follow, locationOf }
