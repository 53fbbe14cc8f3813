// How does a person see that something is being waited for?
'use strict'

const { widthOf } = require('./layout.js')

const ERASE = '\r\x1b[K'

/** The last line of a terminal, rewritten every second; elsewhere nothing at all. */
class LiveLine {
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

  show() {
    // A terminal that calls itself dumb can erase nothing.
    if (!this.#screen.isTerminal || process.env.TERM === 'dumb') return
    this.#draw()
    this.#timer = setInterval(() => this.#draw(), 1000)
    this.#timer.unref()
  }

  hide() {
    if (!this.#timer) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#screen.write(ERASE)
  }

  /** Other words may share its terminal: they are written where it was. @param {() => void} write */
  beside(write) {
    const shown = this.#timer !== undefined
    this.hide()
    write()
    if (shown) this.show()
  }

  #draw() {
    // One that reached the last column would wrap, and only its end be erased.
    const text = this.#text()
    let room = this.#screen.columns - 1
    let line = ''
    for (const character of text) {
      room -= widthOf(character)
      if (room < 0) break
      line += character
    }
    this.#screen.write(ERASE + this.#screen.style('dim', line))
  }
}

module.exports = { LiveLine }
