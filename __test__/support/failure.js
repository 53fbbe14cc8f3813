// With what does a call fail?
'use strict'

const assert = require('node:assert/strict')

/** @typedef {Error & { code: string, cause?: unknown }} Failure */

/**
 * What a promise rejects with. One that resolves fails the test.
 * @param {Promise<unknown>} promise
 * @returns {Promise<Failure>}
 */
async function rejection(promise) {
  try {
    await promise
  } catch (error) {
    assert.ok(error instanceof Error)
    return /** @type {Failure} */ (error)
  }
  return assert.fail('it did not reject')
}

/**
 * What a function throws. One that returns fails the test.
 * @param {() => unknown} call
 * @returns {Failure}
 */
function thrown(call) {
  try {
    call()
  } catch (error) {
    assert.ok(error instanceof Error)
    return /** @type {Failure} */ (error)
  }
  return assert.fail('it did not throw')
}

module.exports = { rejection, thrown }
