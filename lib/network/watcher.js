// Implements the watcher that watchNetworkInstances() returns.
'use strict'

const { WatcherBase } = require('../watcher-base.js')

/** @typedef {import('../../network.js').NetworkInstance} NetworkInstance */

/** @extends {WatcherBase<NetworkInstance>} */
class NetworkWatcher extends WatcherBase {
  /**
   * @param {import('../watch-source.js').Open<import('../../network.js').NetworkChange>} open
   * @param {{ persistent: boolean, signal?: AbortSignal }} options
   */
  constructor(open, options) {
    super(open, copy, options)
  }
}

/**
 * @param {NetworkInstance} instance
 * @returns {NetworkInstance}
 */
function copy(instance) {
  return {
    ...instance,
    addresses: [...instance.addresses],
    agents: instance.agents.map((agent) => ({ ...agent })),
  }
}

module.exports = { NetworkWatcher }
