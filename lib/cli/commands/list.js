// Which servers run, and with --all: what was left out, and why?
'use strict'

const { ago } = require('../duration.js')
const { json, printable } = require('../escape.js')
const { table, wrap } = require('../layout.js')
const { DISCOVERY, discoverOptions } = require('../options.js')
const { stdout } = require('../screen.js')

/**
 * @typedef {import('osaurus-discovery').OsaurusInstance} OsaurusInstance
 * @typedef {import('osaurus-discovery').EntryReport} EntryReport
 * @typedef {import('osaurus-discovery').DiscoverOptions} DiscoverOptions
 */

/** Errors that say: none. */
const NONE = ['OSAURUS_NOT_FOUND', 'OSAURUS_STARTING', 'OSAURUS_NOT_RESPONDING']

/** @type {import('../commands.js').Command} */
const list = {
  name: 'list',
  summary: 'running servers as a table, newest first',
  takes: ['all', ...DISCOVERY],
  about:
    'Prints the Osaurus servers that run on this machine, newest first.\n' +
    'With --json: an array as listInstances() resolves it, [] where none runs; with --all the entries of inspectRuntime().',
  examples: ['osaurus-discovery list', 'osaurus-discovery list --json | jq -r ".[].url"'],
  async run({ options, signal }) {
    const asked = discoverOptions(options, signal)
    const { entries, instances, reason } = await (options.all ? everything(asked) : running(asked))
    if (options.json) stdout().line(json(entries ?? instances))
    else print(instances, entries ?? [])
    return reason ? require('../failure.js').tell(reason) : 0
  },
}

/**
 * @typedef {{ instances: OsaurusInstance[], entries?: EntryReport[], reason?: unknown }} Found
 *   with the reason where there is none
 */

/**
 * @param {DiscoverOptions} asked
 * @returns {Promise<Found>}
 */
async function running(asked) {
  const { listInstances } = require('../../../index.js')
  for (;;) {
    const instances = await listInstances(asked)
    if (instances.length) return { instances }
    const reason = await whyNone(asked)
    // None: one came up in between, and is listed by another look.
    if (reason) return { instances, reason }
  }
}

/**
 * @param {DiscoverOptions} asked
 * @returns {Promise<Found>}
 */
async function everything(asked) {
  const { inspectRuntime } = require('../../../index.js')
  for (;;) {
    const { entries } = await inspectRuntime(asked)
    const instances = entries.flatMap((entry) => (entry.status === 'running' ? [entry.instance] : []))
    if (instances.length) return { entries, instances }
    const reason = await whyNone(asked)
    if (reason) return { entries, instances, reason }
  }
}

/** @param {DiscoverOptions} asked */
async function whyNone(asked) {
  const { discoverLatestRunningInstance } = require('../../../index.js')
  try {
    await discoverLatestRunningInstance(asked)
  } catch (error) {
    if (NONE.includes(/** @type {NodeJS.ErrnoException} */ (error).code ?? '')) return error
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
    ago(updatedAt, now),
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
  if (others.length) screen.line(screen.style('bold', 'LEFT OUT'))
  for (const entry of others) {
    screen.line(printable(entry.path))
    const why = entry.status === 'ignored' ? `${entry.reason}: ${entry.detail}` : entry.status
    for (const line of wrap(printable(why), screen.columns, '  ')) screen.line(screen.style('yellow', line))
  }
}

module.exports = { list }
