// Runs the tests that need a real Electron, and installs one if it is missing; see scripts/electron.js.
//
//   npm run test:electron [-- FILE...]
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const { electronPath } = require('./electron.js')
const { run } = require('./run.js')

// Only a hung test takes this long; it fails and is named.
const HANGS_AFTER_MS = 240_000

const directory = path.join('__test__', 'electron')
const all = fs.readdirSync(path.join(__dirname, '..', directory)).filter((name) => name.endsWith('.spec.js'))
const files = process.argv.length > 2 ? process.argv.slice(2) : all.map((name) => path.join(directory, name))

electronPath()
// One file at a time, because each opens windows on a screen.
run(process.execPath, ['--test', '--test-concurrency=1', `--test-timeout=${HANGS_AFTER_MS}`, ...files])
