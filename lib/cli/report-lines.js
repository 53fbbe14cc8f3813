// Prints the headings, paragraphs and commands of the reports of `doctor`.
'use strict'

const { stdout } = require('./screen.js')
const { printable, wrap } = require('./text.js')

/** @typedef {import('./screen.js').Format} Format */

/** @param {string} text */
function printHeading(text) {
  stdout().line(`\n${stdout().style('bold', text)}`)
}

/**
 * @param {string} text
 * @param {Format} [format]
 * @param {string} [indent]
 */
function printParagraph(text, format, indent = '    ') {
  const screen = stdout()
  for (const line of wrap(printable(text), screen.proseColumns, indent)) {
    screen.line(format ? screen.style(format, line) : line)
  }
}

/**
 * Prints a path or a command in one piece, so that it can be copied.
 * @param {string} text
 * @param {Format} [format]
 * @param {string} [indent]
 */
function printUnwrapped(text, format, indent = '    ') {
  const line = indent + printable(text)
  stdout().line(format ? stdout().style(format, line) : line)
}

module.exports = { printHeading, printParagraph, printUnwrapped }
