// Carries out calls one after the other, and lets some of them interrupt a wait.
'use strict'

const { setTimeout: delay } = require('node:timers/promises')
const { invalidState } = require('./life.js')

class Turns {
  /** @type {Promise<unknown>} */
  #last = Promise.resolve()
  #interruption = new AbortController()

  /**
   * Runs an action when all earlier ones have settled.
   * @param {() => Promise<void>} action
   * @returns {Promise<void>}
   */
  run(action) {
    const turn = this.#last.then(action)
    this.#last = turn.catch(() => {}) // The caller gets the error; the next action still runs.
    return turn
  }

  /** Runs an action, and ends the waits of the earlier ones. @param {() => Promise<void>} action */
  interrupt(action) {
    this.#interruption.abort()
    return this.run(() => {
      this.#interruption = new AbortController()
      return action()
    })
  }

  /**
   * Waits within an action. Throws if that is interrupted.
   * @param {number} ms
   * @param {string} method the public method that waits
   */
  async wait(ms, method) {
    if (ms === 0) return
    const { signal } = this.#interruption
    await delay(ms, undefined, { signal }).catch(() => {})
    if (signal.aborted) throw invalidState(`${method}() was interrupted by crash() or stop().`)
  }
}

module.exports = { Turns }
