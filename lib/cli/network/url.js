// Implements `url --network NAME`.
'use strict'

const { UsageError } = require('../options.js')
const { stdout } = require('../screen.js')
const { commandName } = require('../shells.js')
const { json, printable } = require('../text.js')
const { noneOnNetwork, toNetworkOptions } = require('./search.js')

/** @typedef {import('osaurus-discovery/network').NetworkInstance} NetworkInstance */

/** @param {import('../commands.js').Call} call */
async function urlOnNetwork({ options, argument, signal }) {
  const searchOptions = toNetworkOptions(options, signal, 'url')
  if (!argument) {
    const names = `\`${commandName()} list --network\` prints the names.`
    throw new UsageError(`--network requires the name of a Mac: --network NAME. ${names}`, 'url')
  }
  const { listNetworkInstances } = require('../../../network.js')
  const { url } = findByName(await listNetworkInstances(searchOptions), argument)
  stdout().line(options.json ? json(url) : printable(url))
  return 0
}

/**
 * Returns the server of the Mac that has this name or host name. If several servers advertise it, none
 * is chosen: any program on the network can advertise any name.
 * @param {NetworkInstance[]} instances
 * @param {string} wanted
 */
function findByName(instances, wanted) {
  if (!instances.length) throw noneOnNetwork()
  const key = wanted.toLowerCase()
  const found = instances.filter(({ name, host }) =>
    [name.toLowerCase(), host, host.replace(/\.local$/, '')].includes(key),
  )
  if (found.length === 1) return found[0]
  const message = found.length
    ? `Several servers on the local network are called '${wanted}': ${found.map(({ url }) => url).join(', ')}. Use the URL of the one that you mean.`
    : `No server on the local network is called '${wanted}'. These were found: ${instances.map(({ name }) => name).join(', ')}.`
  throw Object.assign(new Error(message), { code: 'OSAURUS_NOT_THE_NAME' })
}

module.exports = { urlOnNetwork }
