// Where does the latest server listen?
'use strict'

const { json, printable } = require('../escape.js')
const { DISCOVERY, discoverOptions } = require('../options.js')
const { stdout } = require('../screen.js')

/** @type {import('../commands.js').Command} */
const url = {
  name: 'url',
  summary: "the latest server's URL and nothing else",
  takes: DISCOVERY,
  about: 'Prints the URL of the Osaurus that runs; of several, of the one that published last.',
  examples: ['curl "$(osaurus-discovery url)/v1/models"'],
  async run({ options, signal }) {
    const { discoverLatestRunningInstance } = require('../../../index.js')
    const instance = await discoverLatestRunningInstance(discoverOptions(options, signal))
    stdout().line(options.json ? json(instance.url) : printable(instance.url))
    return 0
  },
}

module.exports = { url }
