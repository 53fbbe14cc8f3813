// Implements the command `list`.
'use strict'

const {
  DISCOVERY_OPTIONS,
  NETWORK_TIMEOUT_HELP,
  refuseWithoutNetwork,
  toDiscoverOptions,
} = require('../options.js')
const { stdout } = require('../screen.js')
const { ago, json, printable, table, wrap } = require('../text.js')

/**
 * @typedef {import('osaurus-discovery').OsaurusInstance} OsaurusInstance
 * @typedef {import('osaurus-discovery').EntryReport} EntryReport
 * @typedef {import('osaurus-discovery').DiscoverOptions} DiscoverOptions
 * @typedef {{ instances: OsaurusInstance[], entries?: EntryReport[], reason?: unknown }} Listing
 *   `reason` is the error that says why no instance is running
 */

/** @type {import('../commands.js').Command} */
const list = {
  name: 'list',
  summary: 'list running servers, newest first',
  takes: ['all', 'network', 'timeout', ...DISCOVERY_OPTIONS],
  helps: { timeout: NETWORK_TIMEOUT_HELP },
  about:
    'Prints a table of the Osaurus servers that run on this machine, newest first.\n' +
    'With --network: those of other Macs on the local network, by name.\n' +
    'With --json: the array of listInstances(), which is [] if none is running; with --all the entries of inspectRuntime(); with --network the array of listNetworkInstances().',
  examples: [
    'osaurus-discovery list',
    'osaurus-discovery list --network',
    'osaurus-discovery list --json | jq -r ".[].url"',
  ],
  async run(call) {
    const { options, signal } = call
    if (options.network !== undefined) return require('../network/list.js').listNetwork(call)
    refuseWithoutNetwork(options, 'list')
    const discoverOptions = toDiscoverOptions(options, signal)
    const { entries, instances, reason } = await (options.all ? inspect : listRunning)(discoverOptions)
    if (options.json) stdout().line(json(entries ?? instances))
    else print(instances, entries ?? [])
    if (reason) throw reason
    return 0
  },
}

/**
 * @param {DiscoverOptions} options
 * @returns {Promise<Listing>}
 */
async function listRunning(options) {
  const { listInstances } = require('../../../index.js')
  for (;;) {
    const instances = await listInstances(options)
    if (instances.length) return { instances }
    const reason = await whyNotRunning(options)
    // Without a reason, a server has appeared between the two scans.
    if (reason) return { instances, reason }
  }
}

/**
 * @param {DiscoverOptions} options
 * @returns {Promise<Listing>}
 */
async function inspect(options) {
  const { inspectRuntime } = require('../../../index.js')
  for (;;) {
    const { entries, fallback } = await inspectRuntime(options)
    const running = entries.flatMap((entry) => (entry.status === 'running' ? [entry.instance] : []))
    const instances = running.length || !fallback?.instance ? running : [fallback.instance]
    if (instances.length) return { entries, instances }
    const reason = await whyNotRunning(options)
    if (reason) return { entries, instances, reason }
  }
}

/**
 * Returns the error that says why no instance is running, or undefined if one is.
 * @param {DiscoverOptions} options
 */
async function whyNotRunning(options) {
  const { NOT_RUNNING_CODES } = require('../../defaults.js')
  const { discoverLatestRunningInstance } = require('../../../index.js')
  try {
    await discoverLatestRunningInstance(options)
  } catch (error) {
    const { code = '' } = /** @type {NodeJS.ErrnoException} */ (error)
    if (NOT_RUNNING_CODES.has(code)) return error
    throw error
  }
}

/**
 * @param {OsaurusInstance[]} instances
 * @param {EntryReport[]} entries
 */
function print(instances, entries) {
  const screen = stdout()
  const now = Date.now()
  const rows = instances.map(({ url, exposeToNetwork, updatedAt, instanceId }) => [
    printable(url),
    exposeToNetwork ? 'with key' : 'open',
    instanceId === 'unpublished' ? 'never' : ago(updatedAt, now),
    printable(instanceId),
  ])
  const columns = [
    { title: 'URL', style: (/** @type {string} */ text) => screen.style('green', text) },
    { title: 'ACCESS' },
    { title: 'PUBLISHED' },
    { title: 'INSTANCE', style: (/** @type {string} */ text) => screen.style('dim', text) },
  ]
  if (rows.length) for (const line of table(columns, rows, screen)) screen.line(line)
  const others = entries.filter(({ status }) => status !== 'running')
  if (rows.length && others.length) screen.line()
  if (others.length) screen.line(screen.style('bold', 'IGNORED'))
  for (const entry of others) {
    screen.line(printable(entry.path))
    const why = entry.status === 'ignored' ? `${entry.reason}: ${entry.detail}` : entry.status
    for (const line of wrap(printable(why), screen.columns, '  ')) screen.line(screen.style('yellow', line))
  }
}

module.exports = { list }
