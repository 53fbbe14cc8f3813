// Compares the fetch with the runtime's own, over random requests.
'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { shareServer } = require('../support/fetch/fetching.js')
const { randomRequest } = require('../support/fetch/random-request.js')
const { Random } = require('../support/random.js')

const { server, osaurusFetch } = shareServer()

/** Those that each implementation of fetch sets in its own way. */
const OWN_HEADERS = [
  'host',
  'user-agent',
  'accept-encoding',
  'accept-language',
  'sec-fetch-mode',
  'connection',
  'content-length',
  'transfer-encoding',
]

/** A boundary is random. @param {string} text */
const withoutBoundary = (text) => {
  const [, boundary] = /boundary=([\w-]+)/.exec(text) ?? [, /^--([\w-]{10,})\r\n/.exec(text)?.[1]]
  return boundary ? text.replaceAll(boundary, 'BOUNDARY') : text
}

/**
 * What a request leads to, as far as the standard decides it.
 * @param {typeof fetch} fetchFunction
 * @param {import('../support/fetch/random-request.js').RandomRequest} request
 * @param {string} origin
 */
async function outcomeOf(fetchFunction, request, origin) {
  const [input, init] = request.create(origin)
  /** @type {Response} */
  let response
  try {
    response = await fetchFunction(input, init)
  } catch (error) {
    const { name, cause } = /** @type {Error} */ (error)
    // After a redirect the fetch of Node 20 sends a view again whose memory it has given away.
    if (/detached ArrayBuffer/.test(String(cause))) return undefined
    return { rejects: name }
  }
  const { status, statusText, ok, redirected, type, url } = response
  const headers = Object.fromEntries(response.headers)
  for (const name of ['connection', 'content-length', 'date']) delete headers[name]
  for (const name of Object.keys(headers)) headers[name] = withoutBoundary(headers[name])
  const hasBody = response.body !== null
  let text
  try {
    text = await response.text()
  } catch (error) {
    return { status, fails: /** @type {Error} */ (error).name }
  }
  return {
    status,
    statusText,
    ok,
    redirected,
    type,
    url: url.replace(origin, ''),
    headers,
    hasBody,
    ...received(text),
  }
}

/** What the server says it received. @param {string} text */
function received(text) {
  if (!text.startsWith('{"method"')) return { text: withoutBoundary(text) }
  const { headers, rawHeaders, ...request } = JSON.parse(text)
  const { 'content-length': length, 'transfer-encoding': coding } = headers
  for (const name of OWN_HEADERS) delete headers[name]
  for (const name of Object.keys(headers)) headers[name] = withoutBoundary(headers[name])
  return {
    request: {
      ...request,
      body: withoutBoundary(request.body),
      headers,
      isChunked: coding !== undefined && length === undefined,
    },
  }
}

test("a random request has the outcome of the runtime's own fetch", { timeout: 120_000 }, async (t) => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  t.diagnostic(`SEED=${seed}`)
  const random = new Random(seed)
  let sent = 0
  for (let i = 0; i < Number(process.env.COUNT ?? 400); i++) {
    const request = randomRequest(random)
    /** @type {any} */
    let theirs
    try {
      theirs = await outcomeOf(fetch, request, `http://127.0.0.1:${server.port}`)
    } catch {
      continue // Already the constructor of the Request refuses it.
    }
    /** @type {any} */
    const ours = await outcomeOf(osaurusFetch, request, 'http://osaurus.invalid')
    if (theirs === undefined || (request.hidesBody && request.isRedirected)) continue
    if (request.hidesBody) for (const each of [ours, theirs]) delete each.request?.isChunked
    assert.deepEqual(ours, theirs, request.description)
    if (theirs.status) sent++
  }
  t.diagnostic(`${sent} were sent`)
  assert.ok(sent > 50)
})
