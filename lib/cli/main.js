#!/usr/bin/env node
// Can this Node run the command line? All else is in run.js, which an old Node could not even read.
'use strict'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major > 20 || (major === 20 && minor >= 12)) {
  require('./run.js').run(process.argv.slice(2))
} else {
  process.exitCode = 1
  process.stderr.write(
    `The command osaurus-discovery needs Node 20.12 or newer, and this is ${process.version}.\n` +
      'The package itself, require("osaurus-discovery"), runs on Node 12.14 and newer.\n',
  )
}
