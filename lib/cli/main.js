#!/usr/bin/env node
// Runs the command line and sets the exit code. It has only syntax that Node 12 can parse, to name the version it needs.
'use strict'

const INTERRUPTED = 130

const [major, minor] = process.versions.node.split('.').map(Number)
if (major > 20 || (major === 20 && minor >= 12)) {
  void main(process.argv.slice(2))
} else {
  process.exitCode = 1
  process.stderr.write(
    `The command osaurus-discovery needs Node 20.12 or newer, and this is ${process.version}.\n` +
      'The package itself, require("osaurus-discovery"), runs on Node 12.14 and newer.\n',
  )
}

/** @param {string[]} argv without the names of Node and of the script */
async function main(argv) {
  const interrupt = new AbortController()
  process.on('SIGINT', () => {
    // The first Ctrl-C lets the command clean up; the second one ends the process at once.
    if (interrupt.signal.aborted) process.exit(INTERRUPTED)
    interrupt.abort()
  })
  const { reportError, runCommand } = require('./run-command.js')
  let code
  try {
    code = await runCommand(argv, interrupt.signal)
  } catch (error) {
    if (!interrupt.signal.aborted) code = reportError(error)
  }
  // process.exit() would discard output that a pipe has not accepted yet.
  process.exitCode = interrupt.signal.aborted ? INTERRUPTED : code
}
