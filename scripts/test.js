'use strict'
// Does everything work that runs without a window? The Rust core first, then the addon in Node.

const { readdirSync } = require('node:fs')
const path = require('node:path')

const { run } = require('./run.js')

const folder = path.join(__dirname, '..', '__test__')

/** Electron has a command of its own, since it needs a display. */
const specs = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.spec.js') && name.split(path.sep)[0] !== 'electron')
  .sort()
  .map((name) => path.join(folder, name))

// Only a test that hangs takes so long; it fails then, and names itself.
const HANGS_AFTER_MS = 240_000

run('cargo', ['test', '--quiet', '--no-default-features'])
run(process.execPath, ['--test', `--test-timeout=${HANGS_AFTER_MS}`, ...specs])
