// Describes and prints the configuration.json of an instance.
'use strict'

const { isIPv6 } = require('node:net')

/**
 * @typedef {'starting' | 'restarting' | 'running'} Health
 * @typedef {{ instanceId: string, updatedAt: string, health: Health, address?: string, port?: number,
 *   url?: string, exposeToNetwork?: boolean }} Configuration
 */

/**
 * Gives all seven fields of a running instance, and three before it runs.
 * @param {{ instanceId: string, health: Health, address: string, port: number, exposeToNetwork: boolean }} state
 * @returns {Configuration}
 */
function describe({ instanceId, health, address, port, exposeToNetwork }) {
  // Whole seconds, rounded down: a published time is never in the future.
  const updatedAt = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  if (health !== 'running') return { instanceId, updatedAt, health }
  const host = isIPv6(address) ? `[${address}]` : address
  return { instanceId, updatedAt, health, address, port, url: `http://${host}:${port}`, exposeToNetwork }
}

/**
 * Converts it to what a discovery of it gives. Only a running one has an address; the contract's type knows no other kind.
 * @param {Configuration} configuration
 */
function toInstance({ instanceId, updatedAt, health, ...rest }) {
  return /** @type {import('osaurus-discovery').OsaurusInstance} */ ({
    instanceId,
    updatedAt: Date.parse(updatedAt),
    ...rest,
  })
}

/**
 * Prints it as Apple's JSONSerialization does, pretty and with sorted keys: a space on both sides of the colon, slashes
 * escaped, no newline at the end. A reader that borrows its strings from the file fails on the escaped url.
 * @param {Configuration} configuration
 */
function print(configuration) {
  const lines = Object.entries(configuration)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `  "${key}" : ${JSON.stringify(value).replaceAll('/', '\\/')}`)
  return `{\n${lines.join(',\n')}\n}`
}

module.exports = { describe, print, toInstance }
