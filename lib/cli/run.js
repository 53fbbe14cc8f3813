// Which command was asked for, and with which exit code does it end?
'use strict'

const { parseCommandLine } = require('./arguments.js')

const INTERRUPTED = 130

/** @param {string[]} argv without the names of Node and of the script */
async function run(argv) {
  const interrupt = new AbortController()
  process.on('SIGINT', () => {
    // The second Ctrl-C means now.
    if (interrupt.signal.aborted) process.exit(INTERRUPTED)
    interrupt.abort()
  })
  let code
  try {
    code = await answer(argv, interrupt.signal)
  } catch (error) {
    if (!interrupt.signal.aborted) code = require('./failure.js').tell(error)
  }
  // Not process.exit(), which would cut off what a pipe has not taken yet.
  process.exitCode = interrupt.signal.aborted ? INTERRUPTED : code
}

/**
 * @param {string[]} argv
 * @param {AbortSignal} signal aborted by Ctrl-C
 */
async function answer(argv, signal) {
  const { command, wants, ...call } = parseCommandLine(argv)
  const { stdout, stderr } = require('./screen.js')
  if (wants === 'version') {
    stdout().line(require('../../package.json').version)
    return 0
  }
  if (command && wants !== 'help') return command.run({ ...call, signal })
  const { helpFor, overview } = require('./help.js')
  const screen = wants === 'help' ? stdout() : stderr()
  screen.line(command ? helpFor(command, screen) : overview(screen))
  return wants === 'help' ? 0 : 2
}

module.exports = { run }
