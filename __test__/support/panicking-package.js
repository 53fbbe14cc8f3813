// Builds a copy of the package whose core panics on demand.
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { after, before } = require('node:test')
const { PROJECT } = require('./run-node.js')
const { temporaryDirectory } = require('./temporary-directory.js')

/**
 * Copies the package, for all tests of a file, with an addon that panics at the failpoint in OSAURUS_DISCOVERY_PANIC.
 * @returns {string} its directory, which is filled before the first test
 */
function panickingPackage() {
  const directory = temporaryDirectory({ after })
  before(() => {
    execFileSync(process.execPath, [path.join(PROJECT, 'scripts', 'build.js'), '--panic', directory], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    for (const name of ['index.js', 'network.js', 'lib', 'package.json'])
      fs.cpSync(path.join(PROJECT, name), path.join(directory, name), { recursive: true })
  })
  return directory
}

module.exports = { panickingPackage }
