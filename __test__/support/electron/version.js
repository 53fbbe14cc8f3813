// Tells which features the Electron under test has.
'use strict'

const { spawnSync } = require('node:child_process')

const { VERSIONS } = require('../../../scripts/electron.js')

/** @returns {string} the version that the environment selects */
function electronVersion() {
  const { ELECTRON, ELECTRON_VERSION } = process.env
  if (!ELECTRON) return ELECTRON_VERSION || VERSIONS[0]
  return spawnSync(ELECTRON, ['--version', '--no-sandbox'], { encoding: 'utf8' }).stdout.replace(/^v/, '')
}

const major = parseInt(electronVersion(), 10)

module.exports = { hasSafeStorage: major >= 15, major }
