// Does everything work that runs without a window? The Rust core first, then the addon in Node.
'use strict'

const { readdirSync } = require('node:fs')
const path = require('node:path')

const { run } = require('./run.js')

const folder = path.join(__dirname, '..', '__test__')

/** These have commands of their own: Electron needs a display, the packages have to be packed first. */
const OF_THEIR_OWN = ['electron', 'package']
const specs = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.spec.js') && !OF_THEIR_OWN.includes(name.split(path.sep)[0]))
  .sort()
  .map((name) => path.join(folder, name))

// Only a test that hangs takes so long; it fails then, and names itself.
const HANGS_AFTER_MS = 240_000

run('cargo', ['test', '--quiet', '--no-default-features'])
run(process.execPath, ['--test', `--test-timeout=${HANGS_AFTER_MS}`, ...specs])
