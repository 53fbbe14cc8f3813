// Starts a fake Osaurus that stops with the test.
'use strict'

const { startFakeOsaurus } = require('../../../testing.js')

/**
 * @param {{ after(fn: () => unknown): void }} t
 * @param {import('osaurus-discovery/testing').FakeOsaurusOptions} [options]
 */
async function fakeFor(t, options) {
  const fake = await startFakeOsaurus(options)
  t.after(() => fake.stop())
  return fake
}

module.exports = { fakeFor }
