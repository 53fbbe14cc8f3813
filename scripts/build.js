// Builds the addon for this machine.
//
//   node scripts/build.js                a release build in the root, where lib/addon/load.js finds it
//   node scripts/build.js --panic DIR    a build in DIR that panics on demand, for tests
'use strict'

const { copyFileSync, mkdirSync, readdirSync, renameSync } = require('node:fs')
const path = require('node:path')

const { run } = require('./run.js')

const root = path.join(__dirname, '..')
const forPanics = process.argv[2] === '--panic'
const destination = forPanics ? path.resolve(process.argv[3]) : root

const built = path.join(root, 'target', forPanics ? 'addon-panic' : 'addon')
const flavour = forPanics ? ['--features', 'deliberate-panic'] : ['--release']
// The types are written by hand, so the generated ones go to the build directory.
const output = ['--output-dir', built, '--no-js', '--dts', 'generated.d.ts']
const quiet = /** @type {const} */ (['ignore', 'ignore', 'inherit'])
run('npx', ['napi', 'build', '--platform', ...flavour, ...output], { stdio: [...quiet] })

mkdirSync(destination, { recursive: true })
for (const name of readdirSync(built).filter((each) => each.endsWith('.node'))) {
  // Renamed into place, so that a process that has loaded the old one keeps it intact.
  const fresh = path.join(destination, `${name}.new`)
  copyFileSync(path.join(built, name), fresh)
  renameSync(fresh, path.join(destination, name))
}
