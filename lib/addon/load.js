// Where is the compiled addon for this machine?
'use strict'

const fs = require('fs')
const path = require('path')

/** The builds that may fit a platform, likeliest first: npm installs only the one that fits its C library. */
const BUILDS = {
  'darwin-arm64': ['darwin-arm64'],
  'darwin-x64': ['darwin-x64'],
  'linux-arm64': ['linux-arm64-gnu', 'linux-arm64-musl'],
  'linux-x64': ['linux-x64-gnu', 'linux-x64-musl'],
  'win32-arm64': ['win32-arm64-msvc'],
  'win32-x64': ['win32-x64-msvc'],
}

/**
 * One place that was tried; `error` is what the system said of a file that is there and does not load.
 * @typedef {{ place: string, error?: Error }} Attempt
 */

/**
 * @param {string} platform such as `darwin-arm64`
 * @param {string} root the package's own folder
 * @param {(id: string) => any} load
 */
function loadAddon(platform, root, load) {
  const builds = /** @type {Record<string, string[] | undefined>} */ (BUILDS)[platform] || []
  /** @type {Attempt[]} */
  const attempts = []
  // A checkout, or an app that was given the file alone, before what npm installed.
  for (const build of builds) {
    const file = path.join(root, `osaurus-discovery.${build}.node`)
    const addon = attempt(attempts, file, () => (fs.existsSync(file) ? load(file) : undefined))
    if (addon) return addon
  }
  for (const build of builds) {
    const name = `osaurus-discovery-${build}`
    const addon = attempt(attempts, `package ${name}`, () => loadPackage(name, load))
    if (addon) return addon
  }
  const { addonMissing } = require('./missing.js')
  throw addonMissing({ platform, root, builds, attempts, platforms: Object.keys(BUILDS) })
}

/**
 * @param {string} name
 * @param {(id: string) => any} load
 */
function loadPackage(name, load) {
  try {
    return load(name)
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
    // A package that is there without its file lacks another module, and is broken.
    if (code === 'MODULE_NOT_FOUND' && message.includes(`'${name}'`)) return undefined
    throw error
  }
}

/**
 * @param {Attempt[]} attempts
 * @param {string} place
 * @param {() => any} load gives undefined where nothing is there, throws where it is and does not load
 */
function attempt(attempts, place, load) {
  try {
    const addon = load()
    if (addon !== undefined) return addon
    attempts.push({ place })
  } catch (error) {
    attempts.push({ place, error: /** @type {Error} */ (error) })
  }
}

module.exports = { BUILDS, loadAddon }
