// Installs the Electron that the tests run, and prints its path.
//
//   node scripts/electron.js [VERSION]     one of those in electron-builds.js, by default the newest
//
// The tests take the version from ELECTRON_VERSION, or any other Electron from ELECTRON=/path/to/electron. Builds are kept in the
// user's cache directory. Xvfb provides a screen where there is none.
'use strict'

const { spawn, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { BUILDS, installBuild } = require('./electron-builds.js')
const { run } = require('./run.js')

const VERSIONS = Object.keys(BUILDS)

const SYSTEM_PACKAGES = [
  ...['xvfb', 'libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'libxss1', 'libxtst6', 'libx11-xcb1'],
  'fonts-inter', // The font of the pictures in the documentation.
]

/** @type {import('node:child_process').SpawnSyncOptions} */
const QUIET = { stdio: ['ignore', 'ignore', 'inherit'] }

/**
 * Resolves with the path of the program under test, after installing what is missing of it and its system packages.
 * @param {string} [version]
 */
async function installElectron(version = process.env.ELECTRON_VERSION || VERSIONS[0]) {
  if (process.env.ELECTRON) return assertExists(path.resolve(process.env.ELECTRON))
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      `No build of Electron for ${process.platform}-${process.arch} is known: set ELECTRON=/path/to/electron`,
    )
  const program = programOf(version)
  if (!fs.existsSync(program)) await installBuild(version, directoryOf(version))
  installSystemPackages(program)
  return program
}

/** @param {string} version */
function directoryOf(version) {
  const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache')
  return path.join(cache, 'osaurus-discovery', `electron-${version}`)
}

/** @param {string} version */
function programOf(version) {
  if (!Object.hasOwn(BUILDS, version))
    throw new Error(`Electron ${version} is not available. Available versions: ${VERSIONS.join(', ')}`)
  return path.join(directoryOf(version), BUILDS[version].program)
}

/** @param {string} file */
function assertExists(file) {
  if (!fs.existsSync(file)) throw new Error(`ELECTRON names ${file}, which does not exist`)
  return file
}

/** @param {string} program */
function installSystemPackages(program) {
  const libraries = spawnSync('ldd', [program], { encoding: 'utf8' }).stdout
  const display = spawnSync('Xvfb', ['-help'], { stdio: 'ignore' })
  if (!libraries.includes('not found') && !display.error) return
  const install = ['install', '-y', '--no-install-recommends', ...SYSTEM_PACKAGES]
  if (process.getuid?.() !== 0)
    throw new Error(`Electron needs system packages: sudo apt-get ${install.join(' ')}`)
  run('apt-get', ['update', '-qq'], QUIET)
  run('apt-get', ['-qq', ...install], {
    ...QUIET,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}

/**
 * Starts Xvfb on a display number of its own choice.
 * @returns {Promise<{ display: string, stop: () => void }>}
 */
function startScreen() {
  const args = ['-displayfd', '3', '-screen', '0', '2560x2048x24', '-nolisten', 'tcp']
  // The shell waits for the end of its input, which comes even if this process is killed.
  const script = 'Xvfb "$@" & exec 3>&-; read _; kill $!; wait $!'
  const server = spawn('sh', ['-c', script, 'sh', ...args], { stdio: ['pipe', 'ignore', 'ignore', 'pipe'] })
  const stop = () => void server.stdin?.end()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    const output = server.stdio[3]
    output?.once('data', (number) => resolve({ display: `:${String(number).trim()}`, stop }))
    output?.once('close', () => reject(new Error('Xvfb ended without naming its display')))
  })
}

module.exports = { VERSIONS, installElectron, startScreen }

if (require.main === module)
  installElectron(process.argv[2]).then(console.log, (error) => {
    console.error(error.message)
    process.exitCode = 1
  })
