// Carries out calls one after the other, and lets some of them interrupt a wait.
'use strict'

const { setTimeout: delay } = require('node:timers/promises')

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
   * Waits within an action.
   * @param {number} ms
   * @returns {Promise<boolean>} false where it was interrupted
   */
  async wait(ms) {
    if (ms === 0) return true
    const { signal } = this.#interruption
    await delay(ms, undefined, { signal }).catch(() => {})
    return !signal.aborted
  }
}

module.exports = { Turns }
