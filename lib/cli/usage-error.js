// What is wrong with the way a command was called?
'use strict'

/** Ends the command line with exit code 2; its message names what is wrong and the next step. */
class UsageError extends Error {
  /**
   * @param {string} message
   * @param {string} [command] whose help tells more
   */
  constructor(message, command) {
    super(message)
    this.command = command
  }
}

module.exports = { UsageError }
