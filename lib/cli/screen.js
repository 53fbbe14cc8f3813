// Where do words go, how wide is it there, and does it show colours?
'use strict'

const fs = require('node:fs')
const { styleText } = require('node:util')

/**
 * @typedef {Parameters<typeof styleText>[0]} Format
 * @typedef {StandardStream} Screen
 */

/** One of the two standard streams. */
class StandardStream {
  #stream
  /** @type {boolean | undefined} */
  #colours

  /**
   * @param {NodeJS.WriteStream} stream
   * @param {() => void} onClosed when nobody reads it any more
   */
  constructor(stream, onClosed) {
    this.#stream = stream
    stream.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EPIPE') return onClosed()
      // A full disk, behind `> file`. Written by itself, since stderr may be what has failed.
      try {
        fs.writeSync(2, `Cannot write: ${error.message}\n`)
      } catch {}
      process.exit(1)
    })
  }

  get isTerminal() {
    return this.#stream.isTTY === true
  }

  /** How many fit beside each other; any number where it is no terminal. */
  get columns() {
    // A pseudo-terminal that nobody gave a size says 0.
    return this.isTerminal ? this.#stream.columns || 80 : Infinity
  }

  /** For running text: no line longer than is good to read. */
  get proseColumns() {
    return Math.min(this.columns, 80)
  }

  /**
   * @param {Format} format
   * @param {string} text
   */
  style(format, text) {
    this.#colours ??= hasColours(this.#stream)
    return this.#colours && text ? styleText(format, text, { validateStream: false }) : text
  }

  /** @param {string} [text] one line or several */
  line(text = '') {
    this.#stream.write(`${text}\n`)
  }

  /** @param {string} text */
  write(text) {
    this.#stream.write(text)
  }

  /** Resolves once all is written; where nobody reads it any more, never. @returns {Promise<void>} */
  written() {
    return new Promise((resolve) => {
      this.#stream.write('', (error) => {
        if (!error) resolve()
      })
    })
  }
}

/**
 * As Node decides it: FORCE_COLOR, else a terminal, without NO_COLOR and of a kind that has colours.
 * @param {NodeJS.WriteStream} stream
 */
function hasColours(stream) {
  if (process.env.FORCE_COLOR !== undefined) {
    return require('node:tty').WriteStream.prototype.getColorDepth() > 2
  }
  return stream.isTTY === true && stream.getColorDepth() > 2
}

/** @type {Screen | undefined} */
let out
/** @type {Screen | undefined} */
let err

// Made when they are first used: each costs a millisecond of the start.

/** For what was asked for. When its reader has enough (`| head -1`), all is said. */
function stdout() {
  return (out ??= new StandardStream(process.stdout, () => process.exit(0)))
}

/** For the words beside it. */
function stderr() {
  return (err ??= new StandardStream(process.stderr, () => {}))
}

module.exports = { stderr, stdout }
