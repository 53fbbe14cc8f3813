// Knows whether a fake is alive, and words the errors of calls that it cannot carry out.
'use strict'

class Life {
  /** @type {'alive' | 'crashed' | 'stopped'} */
  state = 'alive'

  /** @param {string} method that only a fake that is alive has */
  assertAlive(method) {
    if (this.state === 'alive') return
    const next =
      this.state === 'crashed' ? 'relaunch() starts it again' : 'startFakeOsaurus() starts another one'
    throw invalidState(`The fake Osaurus cannot ${method}(): it has ${this.state}. ${next}.`)
  }
}

/** @param {string} message */
function invalidState(message) {
  return Object.assign(new Error(message), { code: 'ERR_INVALID_STATE' })
}

module.exports = { Life, invalidState }
