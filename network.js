// Entry point `osaurus-discovery/network`: finds the Osaurus servers of other Macs on the local network.
'use strict'

const { PROBE_TIMEOUT_MS, NETWORK_TIMEOUT_MS } = require('./lib/defaults.js')
const { loadAddon } = require('./lib/addon/load.js')
const { listWithin } = require('./lib/network/list.js')
const { LIST_OPTIONS, WATCH_OPTIONS, validateNetworkOptions } = require('./lib/network/options.js')
const { NetworkWatcher } = require('./lib/network/watcher.js')

/** @type {typeof import('./lib/addon/addon.js')} */
const { Network } = loadAddon(
  `${process.platform}-${process.arch}`,
  // Not defined where a bundler put this file into an ES module.
  typeof __dirname === 'string' ? __dirname : undefined,
  require,
)

const network = new Network()

/** @type {typeof import('./network.js').listNetworkInstances} */
async function listNetworkInstances(options) {
  const { timeoutMs = NETWORK_TIMEOUT_MS, signal, ...search } = validateNetworkOptions(options, LIST_OPTIONS)
  return listWithin(timeoutMs, signal, opener(search))
}

/** @type {typeof import('./network.js').watchNetworkInstances} */
function watchNetworkInstances(options) {
  const { persistent = true, signal, ...search } = validateNetworkOptions(options, WATCH_OPTIONS)
  return /** @type {any} */ (new NetworkWatcher(opener(search), { persistent, signal }))
}

/**
 * Returns the function that creates a native watcher. Without a probe timeout the core does not verify.
 * @param {import('./network.js').NetworkOptions} options validated
 */
function opener({ verify = true, probeTimeoutMs = PROBE_TIMEOUT_MS, includeSelf = false }) {
  return (/** @type {() => void} */ notify) =>
    network.watch(verify ? probeTimeoutMs : undefined, includeSelf, notify)
}

module.exports = { listNetworkInstances, watchNetworkInstances }
