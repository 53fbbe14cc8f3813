// Reports an error on stderr and returns its exit code.
'use strict'

const { describeError, nextSteps } = require('./error-messages.js')
const { UsageError } = require('./options.js')
const { printNotice } = require('./screen.js')
const { commandName } = require('./shells.js')

/**
 * @param {unknown} thrown
 * @returns {number} the exit code
 */
function reportError(thrown) {
  const error = /** @type {Error & { code?: string }} */ (thrown)
  if (error instanceof UsageError) {
    printNotice(error.message, 'red')
    printNotice(`Try \`${commandName()} ${error.command ? `${error.command} ` : ''}--help\`.`)
    return 2
  }
  // An error without a code is a bug in this package, whose stack helps to find it.
  const message = error.code ? describeError(error) : (error.stack ?? String(error))
  // These have several lines. Elsewhere a line feed can only be part of a name, and is escaped.
  const hasLines = !error.code || error.code === 'OSAURUS_ADDON_MISSING'
  for (const line of hasLines ? message.split('\n') : [message]) printNotice(line, 'red')
  const next = nextSteps(error, commandName())
  if (next) printNotice(next)
  return 1
}

module.exports = { reportError }
