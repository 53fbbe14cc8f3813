// How does a test have the core panic?
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { after, before } = require('node:test')
const { PROJECT } = require('./run-node.js')
const { temporaryFolder } = require('./runtime-directory.js')

/**
 * The package, for all tests of a file, with an addon that panics where OSAURUS_DISCOVERY_PANIC says.
 * @returns {string} its folder, which is filled before the first test
 */
function panickingPackage() {
  const folder = temporaryFolder({ after })
  before(() => {
    execFileSync(process.execPath, [path.join(PROJECT, 'scripts', 'build.js'), '--panic', folder], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    for (const name of ['index.js', 'lib', 'package.json'])
      fs.cpSync(path.join(PROJECT, name), path.join(folder, name), { recursive: true })
  })
  return folder
}

module.exports = { panickingPackage }
