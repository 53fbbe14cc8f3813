// Creates the fetch that createOsaurusFetch() returns.
'use strict'

const { endpointsOf } = require('../endpoints.js')
const { OsaurusClient } = require('./client.js')
const { fetchFrom } = require('./fetch.js')
const { ORIGIN } = require('./fetch-input.js')
const { clientOptions } = require('./options.js')

/** Closes the client of a fetch that was dropped without close(). @type {FinalizationRegistry<InstanceType<typeof OsaurusClient>>} */
const droppedFetches = new FinalizationRegistry((client) => client.abandon())

/**
 * @param {Pick<typeof import('../../index.js'), 'discoverLatestRunningInstance' | 'watchInstances'>} discovery
 * @param {import('../../fetch.js').OsaurusFetchOptions} [options]
 * @returns {import('../../fetch.js').OsaurusFetch}
 */
function createFetch({ discoverLatestRunningInstance, watchInstances }, options) {
  const checked = clientOptions(options)
  const { baseDir, legacyDirs, probeTimeoutMs } = checked
  const where = { baseDir, legacyDirs, probeTimeoutMs, verify: true }
  const client = new OsaurusClient({
    ...checked,
    watch: () => watchInstances({ ...where, persistent: false }),
    discover: () => discoverLatestRunningInstance(where),
  })
  const { openai, anthropic, ollama, mcp } = endpointsOf({ url: ORIGIN })
  /** @type {import('../../fetch.js').OsaurusFetch} */
  const osaurusFetch = Object.assign(
    (/** @type {any} */ input, /** @type {any} */ init) => fetchFrom(client, input, init),
    { endpoints: Object.freeze({ openai, anthropic, ollama, mcp }), close: () => client.close() },
  )
  Object.defineProperty(osaurusFetch, 'name', { value: 'osaurusFetch', configurable: true })
  droppedFetches.register(osaurusFetch, client)
  return osaurusFetch
}

module.exports = { createFetch }
