// Runs every test that needs neither a window nor packages: the Rust core first, then the addon in Node.
//
//   npm test                      the sources
//   npm test -- --packed          the JavaScript as it is published, in a copy of the checkout, without the Rust core
//   npm test -- --packed api cli  only these parts
'use strict'

const { readdirSync } = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { run } = require('./run.js')
const { stageCheckout } = require('./stage-checkout.js')

const directory = path.join(__dirname, '..', '__test__')
const [packed, ...parts] = process.argv.slice(2)
if (packed !== undefined && packed !== '--packed') {
  console.error('Usage: npm test [-- --packed [PART...]]')
  process.exit(2)
}

/** Tests with commands of their own: Electron needs a display, and the packages are packed first. */
const SEPARATE = ['electron', 'package']

/** Tests of sources, scripts and the packing itself, which a copy with the published JavaScript says nothing about. */
const OF_SOURCES = ['loader', 'addon-types', 'bench', 'dependencies', 'imports', 'startup', 'words'].map(
  (name) => `${name}.spec.js`,
)

/** These compare processor time, which tests beside them would distort. */
const ALONE = [path.join('cli', 'startup.spec.js')]

const specs = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.spec.js') && !SEPARATE.includes(name.split(path.sep)[0]))
  .sort()

// Only a hung test takes this long; it fails and is named.
const HUNG_AFTER_MS = 240_000

// Most tests wait for a child process or a file event rather than compute, so each processor serves two files at a time.
const filesAtOnce = 2 * os.cpus().length

if (packed) {
  const copy = path.join(__dirname, '..', 'target', 'packed')
  stageCheckout(copy)
  const chosen = specs.filter(
    (name) =>
      !OF_SOURCES.includes(path.basename(name)) &&
      (parts.length === 0 || parts.includes(name.split(path.sep)[0])),
  )
  runAll(chosen, copy)
} else {
  run('cargo', ['test', '--quiet', '--no-default-features'])
  // The network, and its binding for Node.
  run('cargo', ['test', '--quiet', '--lib', 'network'])
  runAll(specs, path.join(__dirname, '..'))
}

/** @param {string[]} names @param {string} root of the checkout or its copy */
function runAll(names, root) {
  runSpecs(
    names.filter((name) => !ALONE.includes(name)),
    root,
    filesAtOnce,
  )
  runSpecs(
    names.filter((name) => ALONE.includes(name)),
    root,
    1,
  )
}

/** @param {string[]} names @param {string} root @param {number} concurrency */
function runSpecs(names, root, concurrency) {
  if (names.length === 0) return
  run(
    process.execPath,
    [
      '--test',
      `--test-concurrency=${concurrency}`,
      `--test-timeout=${HUNG_AFTER_MS}`,
      ...names.map((name) => path.join('__test__', name)),
    ],
    { cwd: root },
  )
}
