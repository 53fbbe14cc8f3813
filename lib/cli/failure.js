// How is a failure told, and which exit code does it mean?
'use strict'

const { printable } = require('./escape.js')
const { itself } = require('./itself.js')
const { wrap } = require('./layout.js')
const { stderr } = require('./screen.js')
const { UsageError } = require('./usage-error.js')

/**
 * What helps next on the command line, where the error's own words speak to a programmer.
 * @type {Record<string, string>}
 */
const NEXT = {
  OSAURUS_NOT_FOUND:
    '`osaurus-discovery doctor` tells what was looked at, `osaurus-discovery wait` waits for one.',
  OSAURUS_STARTING: '`osaurus-discovery wait` waits until it runs.',
  OSAURUS_NOT_RESPONDING: '`osaurus-discovery doctor` tells what each server answered.',
  OSAURUS_ACCESS_DENIED: '`osaurus-discovery doctor` tells which folders were looked at.',
  OSAURUS_IO: '`osaurus-discovery doctor` tells which folders were looked at.',
  OSAURUS_TIMEOUT: '`osaurus-discovery doctor` tells what is there now.',
}

/** What core and fake advise a programmer, in the words of this command; nothing where NEXT says it. */
const ADVICE = /** @type {[RegExp, string][]} */ ([
  [/, or ask inspectRuntime\(\)[^.]*$/, ''],
  [/\. Wait for it \(waitForRunningInstance\)[^.]*$/, ''],
  [/Give this app access to it; a sandboxed app has to ask its user[^.]*$/, 'Let your user read it'],
  [/ \(baseDir\)$/, ' (--base-dir)'],
  [/ another `baseDir`, or leave it out/, ' another --base-dir, or leave it out'],
  [/ leave `port` out for a free one/, ' leave --port out for a free one'],
])

/** The error's message, as it helps on the command line. @param {Error} error */
const messageOf = ({ message }) => ADVICE.reduce((words, [api, ours]) => words.replace(api, ours), message)

/**
 * @param {unknown} thrown
 * @returns {number} the exit code
 */
function tell(thrown) {
  const error = /** @type {Error & { code?: string }} */ (thrown)
  if (error instanceof UsageError) {
    say(error.message, 'red')
    say(`Try \`${itself()} ${error.command ? `${error.command} ` : ''}--help\`.`)
    return 2
  }
  // Whatever has no code is a mistake of ours, and where it happened is what helps then.
  const words = error.code ? messageOf(error) : (error.stack ?? String(error))
  // Line ends of our own are kept; elsewhere one can only be part of a name.
  const isList = !error.code || error.code === 'OSAURUS_ADDON_MISSING'
  for (const line of isList ? words.split('\n') : [words]) say(line, 'red')
  const next = NEXT[error.code ?? '']
  if (next) say(next.replaceAll('osaurus-discovery', itself()))
  return 1
}

/**
 * @param {string} text
 * @param {import('./screen.js').Format} [format]
 */
function say(text, format) {
  const screen = stderr()
  for (const line of wrap(printable(text), screen.columns))
    screen.line(format ? screen.style(format, line) : line)
}

module.exports = { messageOf, say, tell }
