// Formats text for a terminal: escapes, wraps, tables and durations.
//
// One file, because every file that is loaded delays the start of the command.
'use strict'

/** Matches most texts, without compiling the Unicode patterns below, which takes longer than the rest of the start. */
const PLAIN = /^[ -~]*$/
const PLAIN_JSON = /^[\n -~]*$/

/** @type {Record<string, string>} */
const SHORT = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/**
 * Returns the text on one line, with unsafe characters as JavaScript escapes: `\n`, `\x1b`, `\u202e`, `\u{e0001}`.
 * @param {string} text
 */
function printable(text) {
  if (PLAIN.test(text)) return text
  // All invisible characters: controls (which begin escape sequences), format characters (direction marks, zero-width
  // characters), lone surrogates, private-use and unassigned characters, and both line separators.
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = /** @type {number} */ (character.codePointAt(0))
    if (code > 0xffff) return `\\u{${code.toString(16)}}`
    return SHORT[character] ?? (code > 0xff ? unit(character) : `\\x${code.toString(16).padStart(2, '0')}`)
  })
}

/**
 * Returns JSON without unsafe characters. It parses back to the same value.
 * @param {unknown} value
 * @param {number} [indent] default 2 spaces; 0 for one line
 */
function json(value, indent = 2) {
  const text = JSON.stringify(value, null, indent)
  if (PLAIN_JSON.test(text)) return text
  // JSON.stringify() escapes line feeds in strings, so those that remain are its own.
  return text.replace(/(?!\n)[\p{C}\p{Zl}\p{Zp}]/gu, (character) => character.split('').map(unit).join(''))
}

/** @param {string} character one UTF-16 unit */
function unit(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/**
 * Returns the number of terminal columns that a printable text occupies.
 * @param {string} text
 */
function widthOf(text) {
  // Most texts are ASCII, and the patterns below are slow to compile.
  if (/^[ -~]*$/.test(text)) return text.length
  // East Asian wide and full-width characters, and emoji.
  const wide =
    /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
  const combining = /\p{M}/u
  let width = 0
  for (const character of text) {
    if (wide.test(character)) width += 2
    else if (!combining.test(character)) width++
  }
  return width
}

/**
 * Breaks a text at spaces. A word that is longer than a line stays in one piece on a line of its own, because a broken
 * URL or path could not be clicked or copied.
 * @param {string} text
 * @param {number} columns
 * @param {string} [first] before the first line
 * @param {string} [rest] before all other lines; default: spaces, as wide as `first`
 */
function wrap(text, columns, first = '', rest = ' '.repeat(widthOf(first))) {
  const lines = []
  let line = first
  let empty = true
  for (const word of text.split(' ')) {
    if (!empty && widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line)
      line = rest
      empty = true
    }
    line += empty ? word : ` ${word}`
    empty = false
  }
  return [...lines, line]
}

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {(text: string) => string} [style] of its cells
 */

/**
 * Lays out a table, or, if that is wider than the screen, one block of lines per row that begins with the first cell.
 * @param {Column[]} columns
 * @param {string[][]} rows printable texts
 * @param {import('./screen.js').Screen} screen
 */
function table(columns, rows, screen) {
  const titles = columns.map(({ title }) => title)
  const widths = columns.map((_, at) => Math.max(...[titles, ...rows].map((row) => widthOf(row[at]))))
  const total = widths.reduce((sum, width) => sum + width + 2, -2)
  if (total > screen.columns) return rows.flatMap((row) => block(columns, row, screen)).slice(0, -1)
  const styles = columns.map(({ style = String }) => style)
  const bold = titles.map(() => (/** @type {string} */ text) => screen.style('bold', text))
  const line = (/** @type {string[]} */ row, /** @type {((text: string) => string)[]} */ formats) =>
    row.map((cell, at) => formats[at](cell) + padding(cell, at)).join('')
  const padding = (/** @type {string} */ cell, /** @type {number} */ at) =>
    at === widths.length - 1 ? '' : ' '.repeat(widths[at] - widthOf(cell) + 2)
  return [line(titles, bold), ...rows.map((row) => line(row, styles))]
}

/**
 * @param {Column[]} columns
 * @param {string[]} row
 * @param {import('./screen.js').Screen} screen
 */
function block(columns, row, screen) {
  const lines = []
  for (const [at, { title, style = String }] of columns.entries()) {
    const label = title.toLowerCase()
    if (at === 0) lines.push(style(row[at]))
    else if (widthOf(row[at]) + label.length + 4 <= screen.columns)
      lines.push(`  ${label}  ${style(row[at])}`)
    else {
      const text = wrap(row[at], screen.columns, '    ')
      lines.push(`  ${label}`, ...text.map((each) => style(each)))
    }
  }
  return [...lines, '']
}

/**
 * Formats a time relative to now, in whole numbers of one unit: `just now`, `3 minutes ago`, `in 2 hours`.
 * @param {number} then in milliseconds since the epoch
 * @param {number} now
 */
function ago(then, now) {
  const length = formatLength(Math.abs(now - then))
  if (!length) return 'just now'
  return then < now ? `${length} ago` : `in ${length}`
}

/** Returns an empty string for less than a second. @param {number} ms */
function formatLength(ms) {
  const seconds = Math.floor(ms / 1000)
  const units = /** @type {const} */ ([
    ['year', 365 * 86400],
    ['day', 86400],
    ['hour', 3600],
    ['minute', 60],
    ['second', 1],
  ])
  for (const [name, length] of units) {
    const count = Math.floor(seconds / length)
    if (count) return `${count} ${name}${count === 1 ? '' : 's'}`
  }
  return ''
}

/**
 * Formats an elapsed time: `7s`, `2m 07s`, `1h 02m`.
 * @param {number} ms
 */
function elapsed(ms) {
  const seconds = Math.floor(ms / 1000)
  const two = (/** @type {number} */ number) => String(number).padStart(2, '0')
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`
  return `${Math.floor(seconds / 3600)}h ${two(Math.floor(seconds / 60) % 60)}m`
}

module.exports = { ago, elapsed, json, printable, table, widthOf, wrap }
