// Collects what the runtime and the file system say about an addon that does not load.
'use strict'

const fs = require('fs')
const path = require('path')

const { exists } = require('./exists.js')
const { findPackageManager } = require('./package-managers.js')

/**
 * What the loader tried.
 * @typedef {object} Search
 * @property {string} platform such as `darwin-arm64`
 * @property {string | undefined} root the directory of the package
 * @property {string[]} builds that may fit the platform
 * @property {import('./load.js').Attempt[]} attempts
 * @property {string[]} platforms that the addon is built for
 * @property {NodeJS.Require} load
 */

/**
 * What is known about the JavaScript runtime.
 * @typedef {object} Runtime
 * @property {boolean} hasPermissionModel whether Node's permission model is on
 * @property {boolean} isDeno
 * @property {boolean} isBunExecutable whether `bun build --compile` made this program
 * @property {boolean} isPnp whether Yarn Plug'n'Play resolves modules
 * @property {'glibc' | 'musl' | undefined} libc the C library of Linux, where it is known
 */

/**
 * @typedef {object} Failure
 * @property {Error | undefined} error why the first addon that exists does not load
 * @property {string | undefined} code its code
 * @property {string | undefined} build the build of that addon
 * @property {string | undefined} file its path, where it can be determined
 * @property {'foreign' | 'damaged' | undefined} fault what is wrong with the file
 */

/**
 * @typedef {object} Installation
 * @property {string} build the build to install
 * @property {string[]} otherBuilds the packages of other platforms that are installed
 * @property {boolean} isBundled whether the code runs from a bundle
 * @property {import('./package-managers.js').PackageManager} manager
 */

/** @typedef {Search & Runtime & Failure & Installation} Facts */

/** The bytes that programs and libraries begin with. */
const MAGIC_NUMBERS = {
  linux: ['7f454c46'],
  darwin: ['cffaedfe', 'cafebabe'],
  win32: ['4d5a'],
}

/** The number of a processor in an ELF file, at offset 18. */
const ELF_MACHINES = { x64: 62, arm64: 183 }

/**
 * @param {Search} search
 * @param {Runtime} [runtime]
 * @returns {Facts}
 */
function collectFacts(search, runtime = currentRuntime(search.platform)) {
  const { root, builds } = search
  const failure = describeFailure(search, runtime)
  return {
    ...search,
    ...runtime,
    ...failure,
    build: failure.build || (runtime.libc === 'musl' ? builds[builds.length - 1] : builds[0]),
    otherBuilds: root === undefined ? [] : otherBuilds(root, builds),
    isBundled: root === undefined || !isPackage(root),
    manager: findPackageManager(root === undefined ? '.' : root, runtime.isPnp),
  }
}

/**
 * @param {string} platform
 * @returns {Runtime}
 */
function currentRuntime(platform) {
  const { permission, versions } = /** @type {any} */ (process)
  const { Bun } = /** @type {any} */ (globalThis)
  return {
    hasPermissionModel: permission !== undefined,
    isDeno: versions.deno !== undefined,
    isBunExecutable: Bun !== undefined && /^(\/\$bunfs\/|\w:[\\/]~BUN[\\/])/.test(Bun.main),
    isPnp: versions.pnp !== undefined,
    libc: platform.startsWith('linux') ? currentLibc() : undefined,
  }
}

/** Returns undefined where the runtime refuses to report it. */
function currentLibc() {
  // Electron is built for glibc only, and its report does not contain the version.
  if (process.versions.electron) return 'glibc'
  try {
    const { header } = /** @type {any} */ (process.report).getReport()
    return header.glibcVersionRuntime ? 'glibc' : 'musl'
  } catch {
    return undefined
  }
}

/**
 * @param {Search} search
 * @param {Runtime} runtime
 * @returns {Failure}
 */
function describeFailure({ platform, attempts, load }, { libc }) {
  const failed = attempts.find(({ error }) => error)
  if (!failed)
    return { error: undefined, code: undefined, build: undefined, file: undefined, fault: undefined }
  const { error, build, id } = failed
  const { code } = /** @type {NodeJS.ErrnoException} */ (error)
  const file = resolve(id, load)
  const isOtherLibc = libc !== undefined && build.endsWith(libc === 'musl' ? '-gnu' : '-musl')
  const fault = code === 'MODULE_NOT_FOUND' ? 'damaged' : isOtherLibc ? 'foreign' : fileFault(file, platform)
  return { error, code, build: isOtherLibc ? undefined : build, file, fault }
}

/**
 * @param {string} id
 * @param {NodeJS.Require} load
 */
function resolve(id, load) {
  try {
    return path.isAbsolute(id) ? id : load.resolve(id)
  } catch {
    return undefined
  }
}

/**
 * Compares the header of a file with what the platform loads.
 * @param {string | undefined} file
 * @param {string} platform
 * @returns {'foreign' | 'damaged' | undefined}
 */
function fileFault(file, platform) {
  if (file === undefined) return undefined
  const header = Buffer.alloc(20)
  try {
    const descriptor = fs.openSync(file, 'r')
    fs.readSync(descriptor, header, 0, header.length, 0)
    fs.closeSync(descriptor)
  } catch {
    return undefined
  }
  const [system, processor] = platform.split('-')
  const magic = header.toString('hex')
  const found = Object.entries(MAGIC_NUMBERS).find(([, numbers]) =>
    numbers.some((each) => magic.startsWith(each)),
  )
  if (!found) return 'damaged'
  if (found[0] !== system) return 'foreign'
  const machine = /** @type {Record<string, number>} */ (ELF_MACHINES)[processor]
  return system === 'linux' && header.readUInt16LE(18) !== machine ? 'foreign' : undefined
}

/** Whether a directory is that of the package, and not of an app that it was bundled into. @param {string} directory */
function isPackage(directory) {
  try {
    return (
      JSON.parse(fs.readFileSync(path.join(directory, 'package.json'), 'utf8')).name === 'osaurus-discovery'
    )
  } catch {
    return false
  }
}

/**
 * The packages of other platforms that are installed beside this one. pnpm leaves dangling links for those that are not.
 * @param {string} root
 * @param {string[]} builds
 */
function otherBuilds(root, builds) {
  const directory = path.dirname(root)
  const fitting = builds.map((build) => `osaurus-discovery-${build}`)
  try {
    return fs
      .readdirSync(directory)
      .filter((name) => name.startsWith('osaurus-discovery-') && !fitting.includes(name))
      .filter((name) => exists(path.join(directory, name, 'package.json')))
  } catch {
    return []
  }
}

module.exports = { collectFacts }
