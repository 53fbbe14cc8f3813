// Do the Electron helpers and the example app work in a real Electron? Brings one where it is missing; see scripts/electron.js.
//
//   npm run test:electron [-- FILE...]
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const { electronPath } = require('./electron.js')
const { run } = require('./run.js')

// Only a test that hangs takes so long; it fails then, and names itself.
const HANGS_AFTER_MS = 240_000

const folder = path.join('__test__', 'electron')
const all = fs.readdirSync(path.join(__dirname, '..', folder)).filter((name) => name.endsWith('.spec.js'))
const files = process.argv.length > 2 ? process.argv.slice(2) : all.map((name) => path.join(folder, name))

electronPath()
// One file after the other: each has windows on a screen, and this machine other work.
run(process.execPath, ['--test', '--test-concurrency=1', `--test-timeout=${HANGS_AFTER_MS}`, ...files])
