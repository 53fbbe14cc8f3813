// Captures the error of a failing call.
'use strict'

const assert = require('node:assert/strict')

/** @typedef {Error & { code: string, cause?: unknown }} Failure */

/**
 * Returns the error that a promise rejects with. A promise that resolves fails the test.
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
  return assert.fail('the promise did not reject')
}

/**
 * Returns the error that a function throws. A function that returns fails the test.
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
  return assert.fail('the function did not throw')
}

module.exports = { rejection, thrown }
