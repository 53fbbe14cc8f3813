// How is the addon built for this machine?
//
//   node scripts/build.js                the release build, put into the root, where index.js finds it
//   node scripts/build.js --panic DIR    one that panics on demand, put into DIR, for the tests of just that
'use strict'

const { copyFileSync, mkdirSync, readdirSync, renameSync } = require('node:fs')
const path = require('node:path')

const { run } = require('./run.js')

const root = path.join(__dirname, '..')
const forPanics = process.argv[2] === '--panic'
const destination = forPanics ? path.resolve(process.argv[3]) : root

const built = path.join(root, 'target', forPanics ? 'addon-panic' : 'addon')
const flavour = forPanics ? ['--features', 'deliberate-panic'] : ['--release']
// The types are written by hand, so those that napi generates go where the rest of the build is.
const output = ['--output-dir', built, '--no-js', '--dts', 'generated.d.ts']
const quiet = /** @type {const} */ (['ignore', 'ignore', 'inherit'])
run('npx', ['napi', 'build', '--platform', ...flavour, ...output], { stdio: [...quiet] })

mkdirSync(destination, { recursive: true })
for (const name of readdirSync(built).filter((each) => each.endsWith('.node'))) {
  // Renamed into place: a process that has the old one loaded keeps it whole.
  const fresh = path.join(destination, `${name}.new`)
  copyFileSync(path.join(built, name), fresh)
  renameSync(fresh, path.join(destination, name))
}
