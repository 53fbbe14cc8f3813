// Loads the compiled addon of this platform.
'use strict'

const fs = require('fs')
const path = require('path')

/** The builds that may fit a platform, likeliest first. On Linux, npm installs only the one that fits the C library. */
const BUILDS = {
  'darwin-arm64': ['darwin-arm64'],
  'darwin-x64': ['darwin-x64'],
  'linux-arm64': ['linux-arm64-gnu', 'linux-arm64-musl'],
  'linux-x64': ['linux-x64-gnu', 'linux-x64-musl'],
  'win32-arm64': ['win32-arm64-msvc'],
  'win32-x64': ['win32-x64-msvc'],
}

/**
 * One location where the addon may be.
 * @typedef {object} Attempt
 * @property {string} build such as `linux-x64-gnu`
 * @property {string} place the file or package, in words
 * @property {string} id what was required
 * @property {Error} [error] why an addon that exists does not load
 */

/**
 * Returns the addon, or throws an OSAURUS_ADDON_MISSING that explains the cause and the solution.
 * @param {string} platform such as `darwin-arm64`
 * @param {string | undefined} root the directory of the package; a bundle in an ES module has none
 * @param {NodeJS.Require} load the `require` of the package
 */
function loadAddon(platform, root, load) {
  const builds = /** @type {Record<string, string[] | undefined>} */ (BUILDS)[platform] || []
  /** @type {Attempt[]} */
  const attempts = []
  // A checkout, or a bundle with the file beside it, takes precedence over an installed package.
  for (const build of root === undefined ? [] : builds) {
    const id = path.join(/** @type {string} */ (root), addonFile(build))
    const addon = attempt(attempts, { build, place: id, id }, () =>
      fs.existsSync(id) ? load(id) : undefined,
    )
    if (addon) return addon
  }
  for (const build of builds) {
    const id = packageName(build)
    const addon = attempt(attempts, { build, place: `package ${id}`, id }, () => loadPackage(build, load))
    if (addon) return addon
  }
  const { addonMissing } = require('./missing.js')
  throw addonMissing({ platform, root, builds, attempts, platforms: Object.keys(BUILDS), load }, loadAddon)
}

/** @param {string} build */
const packageName = (build) => `osaurus-discovery-${build}`

/** @param {string} build */
const addonFile = (build) => `osaurus-discovery.${build}.node`

/**
 * Returns undefined if the package is not installed; throws if it is and does not load.
 * @param {string} build
 * @param {NodeJS.Require} load
 */
function loadPackage(build, load) {
  try {
    return load(packageName(build))
  } catch (error) {
    if (isNotInstalled(error, packageName(build))) return loadPackageFile(build, load)
    throw error
  }
}

/**
 * Loads the addon by its file name, because executables that Bun compiles do not read the `main` of a package.json.
 * @param {string} build
 * @param {NodeJS.Require} load
 */
function loadPackageFile(build, load) {
  const id = `${packageName(build)}/${addonFile(build)}`
  try {
    return load(id)
  } catch (error) {
    if (isNotInstalled(error, id)) return undefined
    throw error
  }
}

/**
 * Whether `require(id)` failed because nothing is installed by that name. A package that exists but lacks its file fails with
 * the same code and another name.
 * @param {any} error
 * @param {string} id
 */
function isNotInstalled({ code, message, pnpCode }, id) {
  return code === 'MODULE_NOT_FOUND' && (message.includes(`'${id}'`) || pnpCode !== undefined)
}

/**
 * @param {Attempt[]} attempts
 * @param {Attempt} candidate
 * @param {() => any} load returns undefined if the candidate does not exist, and throws if it does not load
 */
function attempt(attempts, candidate, load) {
  try {
    const addon = load()
    if (addon !== undefined) return addon
    attempts.push(candidate)
  } catch (error) {
    attempts.push({ ...candidate, error: /** @type {Error} */ (error) })
  }
}

module.exports = { BUILDS, loadAddon }
