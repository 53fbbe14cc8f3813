// Where does cargo-zigbuild come from, which links against a glibc as old as one likes? From two Python wheels.
'use strict'

const path = require('node:path')

const { bringWheels } = require('./wheels.js')

/** @returns {NodeJS.ProcessEnv} an environment in which `cargo zigbuild` works */
function zigEnvironment() {
  const home = bringWheels(['cargo-zigbuild==0.24.0', 'ziglang==0.17.0'])
  const programs = path.join(home, 'bin')
  return { ...process.env, PATH: `${programs}${path.delimiter}${process.env.PATH}`, PYTHONPATH: home }
}

module.exports = { zigEnvironment }
