// Tells which features the Electron under test has.
'use strict'

const { spawnSync } = require('node:child_process')

const { VERSIONS } = require('../../../scripts/electron.js')

/** @returns {string} the version that the environment selects */
function electronVersion() {
  const { ELECTRON, ELECTRON_VERSION } = process.env
  if (!ELECTRON) return ELECTRON_VERSION || VERSIONS[0]
  // As Node it needs no screen.
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' }
  return spawnSync(ELECTRON, ['-p', 'process.versions.electron'], { encoding: 'utf8', env }).stdout
}

const major = parseInt(electronVersion(), 10)

module.exports = { hasSafeStorage: major >= 15, major }
