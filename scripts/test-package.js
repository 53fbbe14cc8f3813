// Tests the published packages as a user installs them, without Rust and without this checkout.
//
//   npm run test:package            packs what can be built here, then tests the tarballs
//   npm run test:package -- DIR     tests the tarballs that npm run pack:all left in DIR
//
// --no-electron skips the tests that need a real Electron.
'use strict'

const { readdirSync, rmSync } = require('node:fs')
const path = require('node:path')

const { run } = require('./run.js')

const NEED_ELECTRON = ['electron.spec.js', 'packers.spec.js']

/** Only a test that hangs takes this long. It then fails and is named. */
const TEST_TIMEOUT_MS = 480_000

const root = path.join(__dirname, '..')
const args = process.argv.slice(2)
const given = args.find((arg) => !arg.startsWith('-'))
const withElectron = !args.includes('--no-electron')
const packages = path.resolve(given ?? path.join(root, 'target', 'packages'))
if (!given) {
  rmSync(packages, { recursive: true, force: true })
  run(process.execPath, [path.join(__dirname, 'pack-all.js'), packages])
}

const directory = path.join('__test__', 'package')
const specs = readdirSync(path.join(root, directory)).filter(
  (name) => name.endsWith('.spec.js') && (withElectron || !NEED_ELECTRON.includes(name)),
)
run(
  process.execPath,
  [
    '--test',
    '--test-concurrency=2',
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    ...specs.map((name) => path.join(directory, name)),
  ],
  {
    env: { ...process.env, OSAURUS_PACKAGES: packages },
  },
)
