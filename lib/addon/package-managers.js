// Recognises the package manager that installed the package, and words its commands.
'use strict'

const path = require('path')

const { exists } = require('./exists.js')
const { version } = /** @type {any} */ (require('../../package.json'))

/**
 * Each function returns the lines that solve one problem; lines that begin with two spaces are commands or settings.
 * @typedef {object} PackageManager
 * @property {string} name
 * @property {(build: string) => string[]} leftOut the addon was not installed
 * @property {(build: string) => string[]} foreign only addons of other platforms were installed
 * @property {(build: string) => string[]} damaged the installed file is damaged or incomplete
 */

/** @param {string} build */
const npmInstall = (build) =>
  `  npm install --no-save --include=optional osaurus-discovery-${build}@${version}`

/** @type {PackageManager} */
const NPM = {
  name: 'npm',
  leftOut: (build) => [
    'It is an optional dependency of osaurus-discovery. It was left out by --omit=optional, --no-optional or `omit` in an .npmrc,',
    'or by a package-lock.json that an older npm wrote on another system. To install it once:',
    npmInstall(build),
    'Permanently: install without that option, or delete node_modules and package-lock.json, then run npm install.',
  ],
  foreign: (build) => [
    'Install on this machine, with the Node that runs here. To install the addon once:',
    `${npmInstall(build)} --force`,
    'Permanently: delete node_modules, then run npm install.',
  ],
  damaged: () => [
    'Delete node_modules and install again on this machine. With a package-lock.json, one command does both:',
    '  npm ci',
  ],
}

/** @type {PackageManager} */
const PNPM = {
  name: 'pnpm',
  leftOut: () => [
    'It is an optional dependency of osaurus-discovery. It was left out by --no-optional, or by `optional: false` in',
    'pnpm-workspace.yaml. Install without that option:',
    '  pnpm install',
  ],
  foreign: () => [
    'Install on this machine. Where pnpm-workspace.yaml has supportedArchitectures, add `current` to its lists first:',
    '  pnpm install --force',
  ],
  damaged: () => ['Install again on this machine:', '  pnpm install --force'],
}

/** @type {PackageManager} */
const YARN_CLASSIC = {
  name: 'yarn 1',
  leftOut: () => [
    'It is an optional dependency of osaurus-discovery. It was left out by --ignore-optional. Install without that option:',
    '  yarn install --force',
  ],
  foreign: () => ['Install on this machine:', '  yarn install --force'],
  damaged: () => ['Install again on this machine:', '  yarn install --force'],
}

/** What Yarn 2 and later need where it installed for other platforms only. */
const YARN_ARCHITECTURES = () => [
  'Yarn installed for other platforms only. Install on this machine. Where .yarnrc.yml has supportedArchitectures, its lists must',
  'contain `current`, beside the other platforms:',
  '  supportedArchitectures: { os: [current], cpu: [current], libc: [current] }',
  'Then run:',
  '  yarn install',
]

/** @type {PackageManager} */
const YARN = {
  name: 'yarn',
  leftOut: YARN_ARCHITECTURES,
  foreign: YARN_ARCHITECTURES,
  damaged: () => [
    'Delete node_modules and .yarn/unplugged, then install again on this machine:',
    '  yarn install',
  ],
}

/** @type {PackageManager} */
const BUN = {
  name: 'bun',
  leftOut: () => [
    'It is an optional dependency of osaurus-discovery. It was left out by --omit=optional, or by `optional = false` in',
    'bunfig.toml. Install without that option:',
    '  bun install',
  ],
  foreign: () => ['Install on this machine:', '  bun install --force'],
  damaged: () => [
    "Install again on this machine, without Bun's cache, which contains the same file:",
    '  bun pm cache rm',
    '  bun install --force',
  ],
}

/**
 * Files that a package manager leaves beside or in a node_modules. What it writes while installing precedes lock files, which
 * may be those of another one.
 * @type {[file: string, manager: PackageManager][]}
 */
const MARKERS = [
  ['node_modules/.modules.yaml', PNPM],
  ['node_modules/.yarn-integrity', YARN_CLASSIC],
  ['node_modules/.yarn-state.yml', YARN],
  ['.pnp.cjs', YARN],
  ['node_modules/.package-lock.json', NPM],
  ['bun.lock', BUN],
  ['bun.lockb', BUN],
  ['pnpm-lock.yaml', PNPM],
  ['.yarnrc.yml', YARN],
  ['yarn.lock', YARN_CLASSIC],
]

/**
 * Searches a directory and those above it; returns npm if no package manager left a trace.
 * @param {string} from
 * @param {boolean} isPnp whether Yarn Plug'n'Play resolves modules, which may be outside of the project
 * @returns {PackageManager}
 */
function findPackageManager(from, isPnp) {
  if (isPnp) return YARN
  // With a global virtual store, the real path of the package is outside of the project.
  if (/[\\/]pnpm[\\/]store[\\/]/.test(from)) return PNPM
  for (let directory = from, parent; ; directory = parent) {
    const marker = MARKERS.find(([file]) => exists(path.join(directory, file)))
    if (marker) return marker[1]
    parent = path.dirname(directory)
    if (parent === directory) return NPM
  }
}

module.exports = { findPackageManager }
