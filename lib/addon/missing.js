// Why is there no addon that loads, and which command mends it?
'use strict'

const fs = require('fs')
const path = require('path')

const { osaurusError } = require('../errors.js')

const { version, optionalDependencies } = /** @type {any} */ (require('../../package.json'))

/**
 * @typedef {object} Search
 * @property {string} platform such as `darwin-arm64`
 * @property {string} root the package's own folder
 * @property {string[]} builds that may fit the platform
 * @property {import('./load.js').Attempt[]} attempts
 * @property {string[]} platforms that the addon is built for
 */

/** @param {Search} search */
function addonMissing(search) {
  const { platform, attempts } = search
  const broken = attempts.find((each) => each.error)
  const lines = [
    `The compiled addon of osaurus-discovery cannot be loaded on ${platform}${libc(platform)}.`,
    ...attempts.map(({ place, error }) => `  ${place}: ${error ? error.message : 'not there'}`),
    ...(broken ? whyBroken(/** @type {Error} */ (broken.error)) : whyAbsent(search)),
  ]
  const error = osaurusError('OSAURUS_ADDON_MISSING', lines.join('\n'), require('./load.js').loadAddon)
  if (broken) Object.defineProperty(error, 'cause', { value: broken.error, configurable: true })
  return error
}

/** @param {Error} error */
function whyBroken({ message }) {
  if (/code signature|Team ID/i.test(message))
    return [
      "macOS refuses the file for its signature: sign every .node file of the app with the app's own certificate.",
    ]
  return [
    'The file is there, but it is damaged, or meant for another system. Delete node_modules and install anew, on this machine;',
    'with a package-lock.json one command does both:',
    '  npm ci',
  ]
}

/** @param {Search} search */
function whyAbsent({ platform, root, builds, platforms }) {
  if (builds.length === 0)
    return [
      `It is built for ${platforms.join(', ')} only. Osaurus itself runs on macOS, so on other systems an app can leave`,
      'the package out: load it with require() inside try, and take this error for "no Osaurus".',
    ]
  if (fs.existsSync(path.join(root, 'Cargo.toml')))
    return ['This is a checkout in which the addon was not built yet:', '  npm run setup']
  if (/\.asar([\\/]|$)/.test(root))
    return [
      'The app is packed in an asar without it. Before packing, install it beside osaurus-discovery,',
      `  ${installCommand(platform, builds)} --force`,
      'and keep it outside of the archive: asarUnpack: ["**/*.node"] (electron-builder), asar: { unpack: "**/*.node" } (Forge).',
      'A bundled main process brings no node_modules along by itself: osaurus-discovery has to be external and copied.',
    ]
  if (!fs.existsSync(path.join(root, 'js', 'native.js')))
    return [
      `The code of osaurus-discovery was bundled into a file of ${root}, and no bundler brings the addon along.`,
      'Name osaurus-discovery external in the settings of the bundler (esbuild: --external:osaurus-discovery), and keep its folder and',
      `that of osaurus-discovery-${builds[0]} in a node_modules beside the bundle or above.`,
    ]
  if (!optionalDependencies)
    return [
      'This package was packed from a checkout by npm pack, which leaves the addon out. In the checkout, this packs both, to be',
      'installed in one go:',
      `  npm run pack:all -- packages main ${builds[0]}`,
    ]
  const others = otherBuilds(root, builds)
  if (others.length > 0)
    return [
      `Only ${others.join(', ')} is installed: node_modules comes from another system, or another kind of Node. Install on this`,
      'machine, with the Node that runs here; for this moment that is',
      `  ${installCommand(platform, builds)} --force`,
      'and for good: delete node_modules, then npm install.',
    ]
  return [
    'It is an optional dependency of osaurus-discovery. It was left out by --omit=optional, --no-optional or `omit` in an .npmrc, or',
    'by a package-lock.json that an older npm wrote on another system. To bring it:',
    `  ${installCommand(platform, builds)}`,
    'and for good: install without that option, or delete node_modules and package-lock.json, then npm install.',
  ]
}

/**
 * @param {string} platform
 * @param {string[]} builds
 */
function installCommand(platform, builds) {
  const build = libc(platform) === ' (musl)' ? builds[builds.length - 1] : builds[0]
  return `npm install --no-save --include=optional osaurus-discovery-${build}@${version}`
}

/** The packages of other systems that are installed beside this one. @param {string} root @param {string[]} builds */
function otherBuilds(root, builds) {
  const fitting = builds.map((build) => `osaurus-discovery-${build}`)
  try {
    return fs
      .readdirSync(path.dirname(root))
      .filter((name) => name.startsWith('osaurus-discovery-') && !fitting.includes(name))
  } catch {
    return []
  }
}

/** Which C library this Linux has; nothing on other systems. @param {string} platform */
function libc(platform) {
  if (!platform.startsWith('linux')) return ''
  // Electron is built for glibc alone, and its report does not say.
  if (process.versions.electron) return ' (glibc)'
  const report = /** @type {any} */ (process.report && process.report.getReport())
  return report && !report.header.glibcVersionRuntime ? ' (musl)' : ' (glibc)'
}

module.exports = { addonMissing }
