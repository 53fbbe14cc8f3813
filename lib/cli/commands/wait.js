// Implements the command `wait`.
'use strict'

const { elapsed } = require('../duration.js')
const { json, printable } = require('../escape.js')
const { DISCOVERY_OPTIONS, toDiscoverOptions } = require('../options.js')
const { stderr, stdout } = require('../screen.js')
const { StatusLine } = require('../status-line.js')

const DEFAULT_TIMEOUT_MS = 30_000

/** @type {import('../commands.js').Command} */
const wait = {
  name: 'wait',
  summary: 'wait for a server, then print its URL',
  takes: ['timeout', ...DISCOVERY_OPTIONS],
  about: 'Prints the URL of the running Osaurus. If none is running, waits for the first one.',
  exitCodes: '0 found, 1 none in time, 2 wrong usage, 130 after Ctrl-C.',
  examples: ['curl "$(osaurus-discovery wait --timeout 2m)/v1/models"'],
  async run({ options, signal }) {
    const { waitForRunningInstance } = require('../../../index.js')
    const timeoutMs = options.timeout ?? DEFAULT_TIMEOUT_MS
    const began = performance.now()
    const limit = timeoutMs === Infinity ? '' : ` of ${elapsed(timeoutMs)}`
    const status = new StatusLine(
      stderr(),
      () => `Waiting for Osaurus, ${elapsed(performance.now() - began)}${limit}. Press Ctrl-C to stop.`,
    )
    status.show()
    try {
      const instance = await waitForRunningInstance({ ...toDiscoverOptions(options, signal), timeoutMs })
      status.hide()
      stdout().line(options.json ? json(instance.url) : printable(instance.url))
      return 0
    } finally {
      status.hide()
    }
  },
}

module.exports = { wait }
