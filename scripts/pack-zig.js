// Provides cargo-zigbuild, which links against any old glibc, from two Python wheels.
'use strict'

const path = require('node:path')

const { installWheels } = require('./wheels.js')

/** @returns {NodeJS.ProcessEnv} an environment in which `cargo zigbuild` works */
function zigEnvironment() {
  const home = installWheels(['cargo-zigbuild==0.24.0', 'ziglang==0.17.0'])
  const programs = path.join(home, 'bin')
  return { ...process.env, PATH: `${programs}${path.delimiter}${process.env.PATH}`, PYTHONPATH: home }
}

module.exports = { zigEnvironment }
