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
  const checked = clientOptions(options)
  const { baseDir, legacyDirs, probeTimeoutMs } = checked
  const where = { baseDir, legacyDirs, probeTimeoutMs, verify: true }
  const client = new OsaurusClient({
    ...checked,
    watch: () => watchInstances({ ...where, persistent: false }),
    discover: () => discoverLatestRunningInstance(where),
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
