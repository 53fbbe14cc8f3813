// Implements the command `wait`.
'use strict'

const { DISCOVERY_OPTIONS } = require('../options.js')
const { stdout } = require('../screen.js')
const { json, printable } = require('../text.js')
const { launch, waitForServer } = require('../waiting.js')

/** @type {import('../commands.js').Command} */
const wait = {
  name: 'wait',
  summary: 'wait for a server, then print its URL',
  takes: ['timeout', 'launch', ...DISCOVERY_OPTIONS],
  about: 'Prints the URL of the running Osaurus. If none is running, waits for the first one.',
  exitCodes: '0 found, 1 none in time, 2 wrong usage, 130 after Ctrl-C.',
  examples: ['curl "$(osaurus-discovery wait --timeout 2m)/v1/models"', 'osaurus-discovery wait --launch'],
  async run(call) {
    const { options, signal } = call
    const { url } = await (options.launch ? launch(call, 'wait') : waitForServer(options, signal))
    stdout().line(options.json ? json(url) : printable(url))
    return 0
  },
}

module.exports = { wait }
