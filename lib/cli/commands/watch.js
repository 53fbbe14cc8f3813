// What changes, line by line?
'use strict'

const { elapsed } = require('../duration.js')
const { json } = require('../escape.js')
const { messageOf, say } = require('../failure.js')
const { LiveLine } = require('../status-line.js')
const { DISCOVERY, discoverOptions } = require('../options.js')
const { stderr, stdout } = require('../screen.js')
const { linesOf } = require('../change-lines.js')

/** @typedef {import('osaurus-discovery').InstanceChange} InstanceChange */

/** @type {import('../commands.js').Command} */
const watch = {
  name: 'watch',
  summary: 'a line for every change, until Ctrl-C',
  takes: DISCOVERY,
  about:
    'Prints a line for every server that runs now, and then for every one that comes, changes or goes.\n' +
    "With --json: one JSON value a line, each a 'change' of watchInstances(), the first one the state at the start.",
  exitCodes: '1 the system refused something, 2 wrong usage, 130 after Ctrl-C.',
  examples: [
    'osaurus-discovery watch',
    'osaurus-discovery watch --json | jq --unbuffered ".instances[0].url"',
  ],
  async run({ options, signal }) {
    const { watchInstances } = require('../../../index.js')
    const watcher = watchInstances(discoverOptions(options, signal))
    /** Of the last change; none before the first one, which is the state at the start. @type {number | undefined} */
    let since
    const line = new LiveLine(stderr(), () => waitingWords(watcher.instances.length, since))
    const print = options.json ? printJson : printLines()
    line.show()
    return new Promise((resolve) => {
      watcher.on('change', (change) => {
        since = performance.now()
        line.beside(() => print(change))
      })
      watcher.on('warning', (warning) => line.beside(() => say(messageOf(warning), 'yellow')))
      watcher.on('close', () => {
        line.hide()
        resolve(0)
      })
    })
  },
}

/** @param {InstanceChange} change */
function printJson(change) {
  stdout().line(json(change, 0))
}

function printLines() {
  /** @type {InstanceChange['instances']} */
  let before = []
  return (/** @type {InstanceChange} */ change) => {
    for (const line of linesOf(change, before, new Date(), stdout())) stdout().line(line)
    before = change.instances
  }
}

/**
 * @param {number} count
 * @param {number | undefined} since
 */
function waitingWords(count, since) {
  if (since === undefined) return 'Looking for Osaurus. Ctrl-C ends it.'
  const state = count === 0 ? 'No Osaurus runs' : `${count} ${count === 1 ? 'runs' : 'run'}`
  return `${state}, unchanged for ${elapsed(performance.now() - since)}. Ctrl-C ends it.`
}

module.exports = { watch }
