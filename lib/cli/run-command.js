// Runs the command that the arguments name, or prints help or the version.
'use strict'

const { version } = /** @type {any} */ (require('../../package.json'))

const { parseCommandLine } = require('./arguments.js')
const { allCommands } = require('./commands.js')
const { stderr, stdout } = require('./screen.js')

/**
 * Resolves with the exit code.
 * @param {string[]} argv without the names of Node and of the script
 * @param {AbortSignal} signal aborted by Ctrl-C
 */
async function runCommand(argv, signal) {
  const { command, wants, options, argument } = parseCommandLine(argv)
  if (wants === 'version') {
    stdout().line(version)
    return 0
  }
  if (command && wants !== 'help') return command.run({ options, argument, signal, allCommands })
  // Loaded when it is needed, like each command and the report of an error, to keep the start short.
  const { helpFor, overview } = require('./help.js')
  const screen = wants === 'help' ? stdout() : stderr()
  screen.line(command ? helpFor(command, screen) : overview(allCommands(), screen))
  return wants === 'help' ? 0 : 2
}

/** @param {unknown} error @returns {number} the exit code */
function reportError(error) {
  return require('./report-error.js').reportError(error)
}

module.exports = { reportError, runCommand }
