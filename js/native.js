'use strict'
// Where is the compiled addon for this machine, and what is to be done where it is missing?

const fs = require('fs')
const path = require('path')

const { osaurusError } = require('./errors.js')

/** The builds that may fit a platform, likeliest first: npm installs only the one that fits its C library. */
const BUILDS = {
  'darwin-arm64': ['darwin-arm64'],
  'darwin-x64': ['darwin-x64'],
  'linux-arm64': ['linux-arm64-gnu', 'linux-arm64-musl'],
  'linux-x64': ['linux-x64-gnu', 'linux-x64-musl'],
  'win32-arm64': ['win32-arm64-msvc'],
  'win32-x64': ['win32-x64-msvc'],
}

/** @typedef {{ place: string, found: boolean, error: Error | null }} Attempt */

/**
 * @param {string} platform such as `darwin-arm64`
 * @param {string} root the package's own folder
 * @param {(id: string) => any} load
 */
function loadAddon(platform, root, load) {
  const builds = /** @type {Record<string, string[] | undefined>} */ (BUILDS)[platform]
  if (!builds) {
    const known = Object.keys(BUILDS).join(', ')
    throw missing(`it is not built for ${platform}, only for ${known}`, [])
  }
  /** @type {Attempt[]} */
  const attempts = []
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
  throw missing(`none was found for ${platform}`, attempts)
}

/**
 * @param {string} name
 * @param {(id: string) => any} load
 */
function loadPackage(name, load) {
  try {
    return load(name)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'MODULE_NOT_FOUND') return undefined
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
    attempts.push({ place, found: false, error: null })
  } catch (error) {
    attempts.push({ place, found: true, error: /** @type {Error} */ (error) })
  }
}

/**
 * @param {string} what
 * @param {Attempt[]} attempts
 */
function missing(what, attempts) {
  const broken = attempts.filter((each) => each.found)
  const looked = attempts.map(({ place, error }) => `  ${place}: ${error ? error.message : 'not there'}`)
  const mend = broken.length
    ? [
        'What is there does not load here: reinstall on this machine with `npm install --force osaurus-discovery`',
      ]
    : [
        'To mend it, run `npm install osaurus-discovery` on this machine, without --omit=optional or --no-optional:',
        'the addon is an optional dependency, which a lock file from another system may leave out.',
        'In a packed Electron app, unpack *.node from the asar. In a checkout of osaurus-discovery, run `npm run setup`.',
      ]
  const lines = [`The compiled addon of osaurus-discovery cannot be loaded: ${what}.`]
  if (looked.length) lines.push('Looked for', ...looked)
  const error = osaurusError('OSAURUS_ADDON_MISSING', [...lines, ...(looked.length ? mend : [])].join('\n'))
  if (broken.length) Object.defineProperty(error, 'cause', { value: broken[0].error, configurable: true })
  return error
}

module.exports = { loadAddon }
