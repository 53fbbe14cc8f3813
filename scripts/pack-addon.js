// Builds the addon of one platform for publication, for the oldest systems supported.
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const { zigEnvironment } = require('./pack-zig.js')
const { run } = require('./run.js')

const root = path.join(__dirname, '..')

const OLDEST_GLIBC = '2.17'
const OLDEST_MACOS = '11.0'

/** @typedef {import('./platforms.js').Platform} Platform */

/**
 * Explains why this machine cannot build for a platform; undefined where it can.
 * @param {Platform} platform
 * @returns {string | undefined}
 */
function whyNotHere({ os, target }) {
  if (os === 'darwin' && process.platform !== 'darwin') return 'it is linked with the SDK of Xcode, on a Mac'
  if (os === 'win32' && process.platform !== 'win32')
    return 'it is linked with the build tools of Visual Studio, on Windows'
  if (os === 'linux' && process.platform === 'win32') return 'it is linked with zig, on Linux or a Mac'
  if (!sourceOfStd() && !fs.existsSync(rustc('--print', 'target-libdir', '--target', target)))
    return `Rust's standard library for it is missing: rustup target add ${target}, or rustup component add rust-src`
}

/** @param {string[]} args */
const rustc = (...args) => execFileSync('rustc', args, { cwd: root, encoding: 'utf8' }).trim()

/** Whether the source of Rust's standard library is installed, so that it can be compiled with the addon. */
const sourceOfStd = () =>
  fs.existsSync(path.join(rustc('--print', 'sysroot'), 'lib', 'rustlib', 'src', 'rust', 'library'))

/**
 * Flags that compile Rust's standard library for size. The prebuilt one is optimized for speed and contains what names
 * functions in backtraces, which a stripped addon does not need. Compiled without that, and without unwind tables for every
 * instruction, which only profilers read, the whole addon is a quarter smaller. Cargo considers this unstable even in a
 * stable release, hence RUSTC_BOOTSTRAP.
 */
const SMALL_STD = {
  crates: 'std,panic_unwind',
  features: 'panic-unwind,optimize_for_size',
  flags: '-Zuse-sync-unwind=yes',
  env: { RUSTC_BOOTSTRAP: '1' },
}

/**
 * Builds the addon.
 * @param {Platform} platform one that can be built here
 * @returns {string} the compiled file
 */
function buildAddon({ os, target, libc }) {
  const small = sourceOfStd()
  const { crates, features } = SMALL_STD
  const std = small ? [`-Zbuild-std=${crates}`, `-Zbuild-std-features=${features}`] : []
  const args = ['--release', '--lib', '--quiet', ...std, '--target']
  const flags = [
    process.env.RUSTFLAGS,
    small && SMALL_STD.flags,
    // The program that loads the addon brings its own libc.
    libc === 'musl' && '-Ctarget-feature=-crt-static',
  ]
  const env = {
    ...(os === 'linux' ? zigEnvironment() : process.env),
    ...(small ? SMALL_STD.env : {}),
    RUSTFLAGS: flags.filter(Boolean).join(' '),
    MACOSX_DEPLOYMENT_TARGET: OLDEST_MACOS,
  }
  if (os === 'linux')
    run('cargo', ['zigbuild', ...args, libc === 'glibc' ? `${target}.${OLDEST_GLIBC}` : target], { env })
  else run('cargo', ['build', ...args, target], { env })
  const name = {
    darwin: 'libosaurus_discovery.dylib',
    linux: 'libosaurus_discovery.so',
    win32: 'osaurus_discovery.dll',
  }
  const targetDirectory = process.env.CARGO_TARGET_DIR ?? path.join(root, 'target')
  return path.join(targetDirectory, target, 'release', name[/** @type {keyof typeof name} */ (os)])
}

module.exports = { OLDEST_GLIBC, SMALL_STD, buildAddon, whyNotHere }
