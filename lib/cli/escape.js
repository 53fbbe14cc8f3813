// Escapes text from files and names, so that it cannot control the terminal.
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

module.exports = { json, printable }
