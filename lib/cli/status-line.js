// Shows a status line on a terminal while the command waits.
'use strict'

const { widthOf } = require('./text.js')

const ERASE = '\r\x1b[K'

/** Rewrites the last line of a terminal every second. Prints nothing if the screen is not a terminal. */
class StatusLine {
  #screen
  #text
  /** @type {NodeJS.Timeout | undefined} */
  #timer

  /**
   * @param {import('./screen.js').Screen} screen
   * @param {() => string} text printable
   */
  constructor(screen, text) {
    this.#screen = screen
    this.#text = text
  }

  /** Returns whether the line is shown. */
  show() {
    // A dumb terminal cannot erase a line.
    if (!this.#screen.isTerminal || process.env.TERM === 'dumb') return false
    this.#draw()
    this.#timer = setInterval(() => this.#draw(), 1000)
    this.#timer.unref()
    return true
  }

  hide() {
    if (!this.#timer) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#screen.write(ERASE)
  }

  /** Hides the line while `write` prints to the same terminal. @param {() => void} write */
  pauseFor(write) {
    const shown = this.#timer !== undefined
    this.hide()
    write()
    if (shown) this.show()
  }

  #draw() {
    // A line that reached the last column would wrap, and only its second part would be erased.
    const text = this.#text()
    let available = this.#screen.columns - 1
    let line = ''
    for (const character of text) {
      available -= widthOf(character)
      if (available < 0) break
      line += character
    }
    this.#screen.write(ERASE + this.#screen.style('dim', line))
  }
}

module.exports = { StatusLine }
