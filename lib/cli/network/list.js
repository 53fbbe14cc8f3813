// Implements `list --network`.
'use strict'

const { stdout } = require('../screen.js')
const { json, printable, table } = require('../text.js')
const { describeAgents, noneOnNetwork, toNetworkOptions } = require('./search.js')

/** @param {import('../commands.js').Call} call */
async function listNetwork({ options, signal }) {
  const searchOptions = toNetworkOptions(options, signal, 'list')
  const { listNetworkInstances } = require('../../../network.js')
  const instances = await listNetworkInstances(searchOptions)
  if (options.json) stdout().line(json(instances))
  else if (instances.length) print(instances)
  if (!instances.length) throw noneOnNetwork()
  return 0
}

/** @param {import('osaurus-discovery/network').NetworkInstance[]} instances */
function print(instances) {
  const screen = stdout()
  const columns = [
    { title: 'URL', style: (/** @type {string} */ text) => screen.style('green', text) },
    { title: 'NAME' },
    { title: 'AGENTS', style: (/** @type {string} */ text) => screen.style('dim', text) },
  ]
  const rows = instances.map(({ url, name, agents }) => [
    printable(url),
    printable(name),
    printable(describeAgents(agents) || 'none advertised'),
  ])
  for (const line of table(columns, rows, screen)) screen.line(line)
}

module.exports = { listNetwork }
