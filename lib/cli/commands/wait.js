// Implements the command `wait`.
'use strict'

const { WAIT_TIMEOUT_MS } = require('../../defaults.js')
const { describeReason } = require('../error-messages.js')
const { DISCOVERY_OPTIONS, toDiscoverOptions } = require('../options.js')
const { stderr, stdout } = require('../screen.js')
const { StatusLine } = require('../status-line.js')
const { elapsed, json, printable } = require('../text.js')

/** @typedef {import('osaurus-discovery').InstanceChange & { reason?: string | null }} InstanceChange */

/** @type {import('../commands.js').Command} */
const wait = {
  name: 'wait',
  summary: 'wait for a server, then print its URL',
  takes: ['timeout', ...DISCOVERY_OPTIONS],
  about: 'Prints the URL of the running Osaurus. If none is running, waits for the first one.',
  exitCodes: '0 found, 1 none in time, 2 wrong usage, 130 after Ctrl-C.',
  examples: ['curl "$(osaurus-discovery wait --timeout 2m)/v1/models"'],
  async run({ options, signal }) {
    const { waitForRunningInstance, watchInstances } = require('../../../index.js')
    const discoverOptions = toDiscoverOptions(options, signal)
    const timeoutMs = options.timeout ?? WAIT_TIMEOUT_MS
    const began = performance.now()
    const limit = timeoutMs === Infinity ? '' : ` of ${elapsed(timeoutMs)}`
    let reason = ''
    const status = new StatusLine(
      stderr(),
      () =>
        `Waiting for Osaurus, ${elapsed(performance.now() - began)}${limit}. ${reason}Press Ctrl-C to stop.`,
    )
    // It shares the work of the call below.
    const watcher = status.show() ? watchInstances(discoverOptions) : undefined
    watcher?.on('warning', () => {})
    watcher?.on('change', (/** @type {InstanceChange} */ change) => (reason = reasonText(change)))
    try {
      const instance = await waitForRunningInstance({ ...discoverOptions, timeoutMs })
      status.hide()
      stdout().line(options.json ? json(instance.url) : printable(instance.url))
      return 0
    } finally {
      watcher?.close()
      status.hide()
    }
  },
}

/**
 * Returns a sentence for the status line, unless Osaurus is simply not running.
 * @param {InstanceChange} change
 */
function reasonText({ reason }) {
  return reason && reason !== 'OSAURUS_NOT_FOUND' ? `${describeReason(reason)}. ` : ''
}

module.exports = { wait }
