// Entry point `osaurus-discovery/fetch`: a fetch that follows the running server.
'use strict'

if (typeof Response !== 'function')
  throw new Error('osaurus-discovery/fetch needs the Fetch API: Node.js 18, Electron 23, or later')

const { discoverLatestRunningInstance, endpointsOf, watchInstances } = require('./index.js')
const { OsaurusClient } = require('./lib/client/client.js')
const { fetchFrom } = require('./lib/client/fetch.js')
const { ORIGIN } = require('./lib/client/fetch-input.js')
const { clientOptions } = require('./lib/client/options.js')

/** Closes the client of a fetch that was dropped without close(). @type {FinalizationRegistry<OsaurusClient>} */
const droppedFetches = new FinalizationRegistry((client) => client.abandon())

/** @type {typeof import('./fetch.js').createOsaurusFetch} */
function createOsaurusFetch(options) {
  const { accessKey, waitMs, ...where } = clientOptions(options)
  const client = new OsaurusClient({
    watch: () => watchInstances({ ...where, verify: true, persistent: false }),
    discover: () => discoverLatestRunningInstance({ ...where, verify: true }),
    probeTimeoutMs: where.probeTimeoutMs,
    accessKey,
    waitMs,
  })
  const { openai, anthropic, ollama, mcp } = endpointsOf({ url: ORIGIN })
  /** @type {import('./fetch.js').OsaurusFetch} */
  const osaurusFetch = Object.assign(
    (/** @type {any} */ input, /** @type {any} */ init) => fetchFrom(client, input, init),
    { endpoints: Object.freeze({ openai, anthropic, ollama, mcp }), close: () => client.close() },
  )
  Object.defineProperty(osaurusFetch, 'name', { value: 'osaurusFetch', configurable: true })
  droppedFetches.register(osaurusFetch, client)
  return osaurusFetch
}

module.exports = { createOsaurusFetch }
