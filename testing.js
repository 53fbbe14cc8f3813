// The testing kit: a fake Osaurus for the tests of an app.
'use strict'

const { loadAddon } = require('./lib/addon/load.js')
const { createFakeAccessKey } = require('./lib/fake/access-keys.js')
const fake = require('./lib/fake/fake-osaurus.js')

/** @type {typeof import('./testing.js').startFakeOsaurus} */
const startFakeOsaurus = (options) => fake.startFakeOsaurus(options, loadAdvertisement)

/** Loads the addon, which only a fake that advertises itself needs. */
function loadAdvertisement() {
  /** @type {typeof import('./lib/addon/addon.js')} */
  const { Advertisement } = loadAddon(
    `${process.platform}-${process.arch}`,
    // Not defined where a bundler put this file into an ES module.
    typeof __dirname === 'string' ? __dirname : undefined,
    require,
  )
  return Advertisement
}

module.exports = { createFakeAccessKey, startFakeOsaurus }
