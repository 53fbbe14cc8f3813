// Runs every test that needs neither a window nor packages: the Rust core first, then the addon in Node.
'use strict'

const { readdirSync } = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { run } = require('./run.js')

const directory = path.join(__dirname, '..', '__test__')

/** Tests with commands of their own: Electron needs a display, and the packages are packed first. */
const SEPARATE = ['electron', 'package']

/** These compare processor time, which tests beside them would distort. */
const ALONE = [path.join('cli', 'startup.spec.js')]

const specs = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.spec.js') && !SEPARATE.includes(name.split(path.sep)[0]))
  .sort()

// Only a hung test takes this long; it fails and is named.
const HUNG_AFTER_MS = 240_000

// Most tests wait for a child process or a file event rather than compute, so each processor serves two files at a time.
const filesAtOnce = 2 * os.cpus().length

run('cargo', ['test', '--quiet', '--no-default-features'])
run('cargo', ['test', '--quiet', '--no-default-features', '--features', 'network', '--lib', 'network'])
runSpecs(
  specs.filter((name) => !ALONE.includes(name)),
  filesAtOnce,
)
runSpecs(ALONE, 1)

/** @param {string[]} names @param {number} concurrency */
function runSpecs(names, concurrency) {
  const files = names.map((name) => path.join(directory, name))
  run(process.execPath, [
    '--test',
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${HUNG_AFTER_MS}`,
    ...files,
  ])
}
