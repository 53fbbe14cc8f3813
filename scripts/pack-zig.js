'use strict'
// Where does cargo-zigbuild come from, which links against a glibc as old as one likes? From two Python wheels, kept in the
// user's cache folder.

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { run } = require('./run.js')

const WHEELS = ['cargo-zigbuild==0.24.0', 'ziglang==0.17.0']

/** @returns {NodeJS.ProcessEnv} an environment in which `cargo zigbuild` works */
function zigEnvironment() {
  const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache')
  const home = path.join(cache, 'osaurus-discovery', WHEELS.join('-').replaceAll('==', '-'))
  if (!fs.existsSync(home)) bring(home)
  return {
    ...process.env,
    PATH: `${path.join(home, 'bin')}${path.delimiter}${process.env.PATH}`,
    PYTHONPATH: home,
  }
}

/** Put together beside its place, so that a half of it is never taken for the whole. @param {string} home */
function bring(home) {
  fs.mkdirSync(path.dirname(home), { recursive: true })
  const scratch = fs.mkdtempSync(`${home}-`)
  const pip = ['-m', 'pip', '--quiet', '--disable-pip-version-check', 'install', '--root-user-action=ignore']
  run('python3', [...pip, '--no-deps', '--target', scratch, ...WHEELS], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  fs.renameSync(scratch, home)
}

module.exports = { zigEnvironment }
