// Writes to stdout and stderr, each with its own width and colours.
'use strict'

const fs = require('node:fs')
const { styleText } = require('node:util')

const { printable, wrap } = require('./text.js')

/**
 * @typedef {Parameters<typeof styleText>[0]} Format
 * @typedef {StandardStream} Screen
 */

/** One of the two standard streams. */
class StandardStream {
  #stream
  /** @type {boolean | undefined} */
  #hasColours

  /**
   * @param {NodeJS.WriteStream} stream
   * @param {() => void} onClosed called when the reader of the stream has closed it
   */
  constructor(stream, onClosed) {
    this.#stream = stream
    stream.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EPIPE') return onClosed()
      // A full disk behind `> file`, for example. stderr may be the stream that failed, so this bypasses it.
      try {
        fs.writeSync(2, `Cannot write: ${error.message}\n`)
      } catch {}
      process.exit(1)
    })
  }

  get isTerminal() {
    return this.#stream.isTTY === true
  }

  /** The width of the terminal, or Infinity if the stream is not a terminal. */
  get columns() {
    // A pseudo-terminal without a size reports 0.
    return this.isTerminal ? this.#stream.columns || 80 : Infinity
  }

  /** The width for running text, at most 80 columns. */
  get proseColumns() {
    return Math.min(this.columns, 80)
  }

  /**
   * @param {Format} format
   * @param {string} text
   */
  style(format, text) {
    this.#hasColours ??= hasColours(this.#stream)
    return this.#hasColours && text ? styleText(format, text, { validateStream: false }) : text
  }

  /** @param {string} [text] one line or several */
  line(text = '') {
    this.#stream.write(`${text}\n`)
  }

  /** @param {string} text */
  write(text) {
    this.#stream.write(text)
  }

  /** Resolves when everything is written, and never if the reader has closed the stream. @returns {Promise<void>} */
  flushed() {
    return new Promise((resolve) => {
      this.#stream.write('', (error) => {
        if (!error) resolve()
      })
    })
  }
}

/**
 * Follows the rules of Node: FORCE_COLOR decides; otherwise a terminal with colours has them unless NO_COLOR is set.
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

// Created on first use, because each takes a millisecond of the start.

/** The screen for what the user requested. When its reader closes it (`| head -1`), the command has nothing left to do. */
function stdout() {
  return (out ??= new StandardStream(process.stdout, () => process.exit(0)))
}

/** The screen for notices and errors. */
function stderr() {
  return (err ??= new StandardStream(process.stderr, () => {}))
}

/**
 * Prints a paragraph on stderr.
 * @param {string} text
 * @param {Format} [format]
 */
function printNotice(text, format) {
  const screen = stderr()
  for (const line of wrap(printable(text), screen.columns)) {
    screen.line(format ? screen.style(format, line) : line)
  }
}

module.exports = { printNotice, stderr, stdout }
