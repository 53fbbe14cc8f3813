// Where does the latest server listen, once there is one?
'use strict'

const { elapsed } = require('../duration.js')
const { json, printable } = require('../escape.js')
const { LiveLine } = require('../status-line.js')
const { DISCOVERY, discoverOptions } = require('../options.js')
const { stderr, stdout } = require('../screen.js')

const TIMEOUT_MS = 30_000

/** @type {import('../commands.js').Command} */
const wait = {
  name: 'wait',
  summary: 'the same, once there is one',
  takes: ['timeout', ...DISCOVERY],
  about: 'Prints the URL of the Osaurus that runs, at once where one does; else waits for the first.',
  exitCodes: '0 found, 1 none in time, 2 wrong usage, 130 after Ctrl-C.',
  examples: ['curl "$(osaurus-discovery wait --timeout 2m)/v1/models"'],
  async run({ options, signal }) {
    const { waitForRunningInstance } = require('../../../index.js')
    const timeoutMs = options.timeout ?? TIMEOUT_MS
    const begin = performance.now()
    const limit = timeoutMs === Infinity ? '' : ` of ${elapsed(timeoutMs)}`
    const line = new LiveLine(
      stderr(),
      () => `Waiting for Osaurus, ${elapsed(performance.now() - begin)}${limit}. Ctrl-C ends it.`,
    )
    line.show()
    try {
      const instance = await waitForRunningInstance({ ...discoverOptions(options, signal), timeoutMs })
      line.hide()
      stdout().line(options.json ? json(instance.url) : printable(instance.url))
      return 0
    } finally {
      line.hide()
    }
  },
}

module.exports = { wait }
