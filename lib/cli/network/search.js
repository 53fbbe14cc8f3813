// Searches the local network for the commands that take --network.
'use strict'

const { UsageError } = require('../options.js')

/**
 * @typedef {import('osaurus-discovery/network').NetworkInstance} NetworkInstance
 * @typedef {import('../options.js').Options} Options
 */

/** The options that have a meaning on this machine only. */
const LOCAL_OPTIONS = /** @type {const} */ (['base-dir', 'all', 'launch'])

/**
 * Converts options of the command line to those of listNetworkInstances(), with `verify` on by default.
 * @param {Options} options
 * @param {AbortSignal} signal
 * @param {string} command the name of the command
 */
function toNetworkOptions(options, signal, command) {
  for (const name of LOCAL_OPTIONS) {
    if (options[name] !== undefined)
      throw new UsageError(`--${name} cannot be combined with --network.`, command)
  }
  const { timeout: timeoutMs } = options
  if (timeoutMs === 0 || timeoutMs === Infinity)
    throw new UsageError('--timeout requires a time to listen for, such as 5s, with --network.', command)
  return { verify: !options['no-verify'], probeTimeoutMs: options['probe-timeout'], timeoutMs, signal }
}

/** The error that says that nothing was found, for exit code 1. */
function noneOnNetwork() {
  const message = 'No Osaurus of another Mac was found on the local network.'
  return Object.assign(new Error(message), { code: 'OSAURUS_NONE_ON_NETWORK' })
}

/**
 * Names agents in one line: at most three, and the number of the others.
 * @param {NetworkInstance['agents']} agents
 */
function describeAgents(agents) {
  const names = agents.slice(0, 3).map(({ name }) => name)
  const others = agents.length - names.length
  return [...names, ...(others ? [`${others} more`] : [])].join(', ')
}

module.exports = { describeAgents, noneOnNetwork, toNetworkOptions }
