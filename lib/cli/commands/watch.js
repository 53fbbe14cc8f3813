// Implements the command `watch`.
'use strict'

const { formatChange } = require('../change-lines.js')
const { describeError, describeReason } = require('../error-messages.js')
const { DISCOVERY_OPTIONS, toDiscoverOptions } = require('../options.js')
const { printNotice, stderr, stdout } = require('../screen.js')
const { StatusLine } = require('../status-line.js')
const { elapsed, json } = require('../text.js')

/** @typedef {import('osaurus-discovery').InstanceChange} InstanceChange */

/** @type {import('../commands.js').Command} */
const watch = {
  name: 'watch',
  summary: 'print a line for every change, until Ctrl-C',
  takes: ['network', ...DISCOVERY_OPTIONS],
  about:
    'Prints a line for every running server, and then one for every server that appears, changes or disappears.\n' +
    'With --network: for those of other Macs on the local network.\n' +
    "With --json: one JSON value per line, each a 'change' of watchInstances() or watchNetworkInstances(). The first one is the initial state.",
  exitCodes: '1 the system refused an operation, 2 wrong usage, 130 after Ctrl-C.',
  examples: [
    'osaurus-discovery watch',
    'osaurus-discovery watch --json | jq --unbuffered ".instances[0].url"',
  ],
  async run(call) {
    const { options, signal } = call
    if (options.network !== undefined) return require('../network/watch.js').watchNetwork(call)
    const { watchInstances } = require('../../../index.js')
    const watcher = watchInstances(toDiscoverOptions(options, signal))
    /** The last change and its time, undefined before the initial state. @type {{ change: InstanceChange, at: number } | undefined} */
    let last
    const status = new StatusLine(stderr(), () => statusText(last))
    const print = options.json ? printJson : createLinePrinter()
    status.show()
    return new Promise((resolve) => {
      watcher.on('change', (change) => {
        last = { change, at: performance.now() }
        status.pauseFor(() => print(change))
      })
      watcher.on('warning', (warning) => {
        status.pauseFor(() => printNotice(describeError(warning), 'yellow'))
      })
      watcher.on('close', () => {
        status.hide()
        resolve(0)
      })
    })
  },
}

/** @param {InstanceChange} change */
function printJson(change) {
  stdout().line(json(change, 0))
}

function createLinePrinter() {
  /** @type {InstanceChange['instances']} */
  let before = []
  return (/** @type {InstanceChange} */ change) => {
    for (const line of formatChange(change, before, new Date(), stdout())) stdout().line(line)
    before = change.instances
  }
}

/** @param {{ change: InstanceChange, at: number } | undefined} last */
function statusText(last) {
  if (last === undefined) return 'Scanning for Osaurus. Press Ctrl-C to stop.'
  const { instances, reason } = last.change
  const state = instances.length ? `${instances.length} running` : describeReason(reason ?? '')
  return `${state}, unchanged for ${elapsed(performance.now() - last.at)}. Press Ctrl-C to stop.`
}

module.exports = { watch }
