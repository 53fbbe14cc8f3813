// Implements the command `url`.
'use strict'

const {
  DISCOVERY_OPTIONS,
  NETWORK_TIMEOUT_HELP,
  refuseWithoutNetwork,
  toDiscoverOptions,
} = require('../options.js')
const { stdout } = require('../screen.js')
const { json, printable } = require('../text.js')

/** @type {import('../commands.js').Command} */
const url = {
  name: 'url',
  summary: "print the newest server's URL and nothing else",
  takes: ['launch', 'network', 'timeout', ...DISCOVERY_OPTIONS],
  helps: {
    network: 'print the URL of the Mac on the local network that has this name or host name',
    timeout: NETWORK_TIMEOUT_HELP,
  },
  argument: { name: 'NAME', of: 'network' },
  about:
    'Prints the URL of the running Osaurus. If several are running, prints that of the one that published last.',
  examples: [
    'curl "$(osaurus-discovery url)/v1/models"',
    'osaurus-discovery url --launch',
    'osaurus-discovery url --network "Big Studio"',
  ],
  async run(call) {
    const { options } = call
    if (options.network !== undefined) return require('../network/url.js').urlOnNetwork(call)
    refuseWithoutNetwork(options, 'url')
    const instance = await (options.launch ? require('../waiting.js').launch(call, 'url') : discover(call))
    stdout().line(options.json ? json(instance.url) : printable(instance.url))
    return 0
  },
}

/** @param {import('../commands.js').Call} call */
function discover({ options, signal }) {
  const { discoverLatestRunningInstance } = require('../../../index.js')
  return discoverLatestRunningInstance(toDiscoverOptions(options, signal))
}

module.exports = { url }
