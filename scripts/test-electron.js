// Runs the Electron tests in real versions of Electron, which it installs first; see scripts/electron.js.
//
//   npm run test:electron [-- [--electron VERSION] [FILE...]]
//
// Without a version: every test in 33.2.1 and 9.4.1, and the most important ones in 22.3.25.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const { VERSIONS, installElectron } = require('./electron.js')
const { run } = require('./run.js')

/** Only a test that hangs takes this long. It then fails and is named. */
const TEST_TIMEOUT_MS = 240_000

/** Each file has an Electron and a screen of its own. */
const CONCURRENCY = 2

/** The tests that also run in an Electron between the newest and the oldest. */
const SMOKE = { version: '22.3.25', files: ['listening', 'page-fetch', 'pages', 'registration', 'untrusted'] }

const directory = path.join('__test__', 'electron')

/** @param {string} version */
function filesFor(version) {
  const files =
    version === SMOKE.version
      ? SMOKE.files.map((name) => `${name}.spec.js`)
      : fs.readdirSync(path.join(__dirname, '..', directory)).filter((name) => name.endsWith('.spec.js'))
  return files.map((name) => path.join(directory, name))
}

async function main() {
  const args = process.argv.slice(2)
  const at = args.indexOf('--electron')
  const versions = at < 0 ? VERSIONS : args.splice(at, 2).slice(1)
  for (const version of process.env.ELECTRON ? ['ELECTRON'] : versions) {
    if (version !== 'ELECTRON') process.env.ELECTRON_VERSION = version
    await installElectron()
    console.log(`Electron ${version}`)
    run(process.execPath, [
      '--test',
      `--test-concurrency=${CONCURRENCY}`,
      `--test-timeout=${TEST_TIMEOUT_MS}`,
      ...(args.length > 0 ? args : filesFor(version)),
    ])
  }
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
