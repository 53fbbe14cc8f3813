// How is the addon built that others install: for one platform, and for systems as old as we promise?
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
 * Why this machine cannot build for a platform; nothing where it can.
 * @param {Platform} platform
 * @returns {string | undefined}
 */
function whyNotHere({ os, target }) {
  if (os === 'darwin' && process.platform !== 'darwin') return 'it is linked with the SDK of Xcode, on a Mac'
  if (os === 'win32' && process.platform !== 'win32')
    return 'it is linked with the build tools of Visual Studio, on Windows'
  if (os === 'linux' && process.platform === 'win32') return 'it is linked with zig, on Linux or a Mac'
  const library = execFileSync('rustc', ['--print', 'target-libdir', '--target', target], {
    cwd: root,
    encoding: 'utf8',
  })
  if (!fs.existsSync(library.trim()))
    return `Rust's standard library for it is missing: rustup target add ${target}`
}

/**
 * @param {Platform} platform one that can be built here
 * @returns {string} the file
 */
function buildAddon({ os, target, libc }) {
  const args = ['--release', '--lib', '--quiet', '--target']
  if (os === 'linux') {
    const env = zigEnvironment()
    // An addon is loaded into a program that has brought its libc along.
    if (libc === 'musl') env.RUSTFLAGS = `${env.RUSTFLAGS ?? ''} -Ctarget-feature=-crt-static`.trim()
    const floor = libc === 'glibc' ? `${target}.${OLDEST_GLIBC}` : target
    run('cargo', ['zigbuild', ...args, floor], { env })
  } else {
    run('cargo', ['build', ...args, target], {
      env: { ...process.env, MACOSX_DEPLOYMENT_TARGET: OLDEST_MACOS },
    })
  }
  const name = {
    darwin: 'libosaurus_discovery.dylib',
    linux: 'libosaurus_discovery.so',
    win32: 'osaurus_discovery.dll',
  }
  const folder = process.env.CARGO_TARGET_DIR ?? path.join(root, 'target')
  return path.join(folder, target, 'release', name[/** @type {keyof typeof name} */ (os)])
}

module.exports = { OLDEST_GLIBC, buildAddon, whyNotHere }
