// Runs the Electron tests in real versions of Electron, which it installs first; see scripts/electron.js.
//
//   npm run test:electron [-- [--electron VERSION] [FILE...]]
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const { VERSIONS, installElectron } = require('./electron.js')
const { run } = require('./run.js')

/** Only a test that hangs takes this long. It then fails and is named. */
const TEST_TIMEOUT_MS = 240_000

/** Each file has an Electron and a screen of its own. */
const CONCURRENCY = 2

const directory = path.join('__test__', 'electron')

async function main() {
  const args = process.argv.slice(2)
  const at = args.indexOf('--electron')
  const versions = at < 0 ? VERSIONS : args.splice(at, 2).slice(1)
  const names = fs
    .readdirSync(path.join(__dirname, '..', directory))
    .filter((name) => name.endsWith('.spec.js'))
  const files = args.length > 0 ? args : names.map((name) => path.join(directory, name))
  for (const version of process.env.ELECTRON ? ['ELECTRON'] : versions) {
    if (version !== 'ELECTRON') process.env.ELECTRON_VERSION = version
    await installElectron()
    console.log(`Electron ${version}`)
    run(process.execPath, [
      '--test',
      `--test-concurrency=${CONCURRENCY}`,
      `--test-timeout=${TEST_TIMEOUT_MS}`,
      ...files,
    ])
  }
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
