// How is text that comes from a file or a folder's name shown, so that it cannot command the terminal?
'use strict'

/** Most texts: nothing to escape, and to build the patterns below takes longer than the rest of the start. */
const PLAIN = /^[ -~]*$/
const PLAIN_JSON = /^[\n -~]*$/

/** @type {Record<string, string>} */
const SHORT = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/**
 * The text on one line, every unsafe character as JavaScript writes it: `\n`, `\x1b`, `\u202e`, `\u{e0001}`.
 * @param {string} text
 */
function printable(text) {
  if (PLAIN.test(text)) return text
  // Whatever is no visible character: controls (escape sequences begin with one), formats (marks that turn the direction
  // of writing, characters of no width), halves of surrogate pairs, private and unassigned ones, both line separators.
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = /** @type {number} */ (character.codePointAt(0))
    if (code > 0xffff) return `\\u{${code.toString(16)}}`
    return SHORT[character] ?? (code > 0xff ? unit(character) : `\\x${code.toString(16).padStart(2, '0')}`)
  })
}

/**
 * The value as JSON that is as safe to look at; it parses back to the same value.
 * @param {unknown} value
 * @param {number} [indent] default 2 spaces; 0 for one line
 */
function json(value, indent = 2) {
  const text = JSON.stringify(value, null, indent)
  if (PLAIN_JSON.test(text)) return text
  // The only line ends that JSON.stringify leaves are its own.
  return text.replace(/(?!\n)[\p{C}\p{Zl}\p{Zp}]/gu, (character) => character.split('').map(unit).join(''))
}

/** @param {string} character one UTF-16 unit */
function unit(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

module.exports = { json, printable }
