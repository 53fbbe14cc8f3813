// How does a test get a fake Osaurus that goes with it?
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
