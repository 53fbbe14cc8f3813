// What becomes of a test where the machine lacks a program or a right that it needs? It is skipped, and says why; in CI
// it fails, so that it is never missed there.
'use strict'

const { spawnSync } = require('node:child_process')

/**
 * @param {string} program
 * @param {string[]} args with which it succeeds where the test can do what it needs
 * @returns {{ skip: string | false }} options of a test
 */
function needs(program, ...args) {
  if (process.env.CI) return { skip: false }
  const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (error) return { skip: `there is no ${program}` }
  return { skip: status !== 0 && `${[program, ...args].join(' ')}: ${stderr.trim()}` }
}

/** Looks at system calls of processes. */
const withStrace = () => needs('strace', '-o', '/dev/null', 'true')

/** Sets limits of the system in a namespace of its own. */
const withUserNamespace = () => needs('unshare', '-Ur', 'true')

/** Has a network of its own. */
const withNetwork = () => needs('unshare', '-Ur', '--net', 'ip', 'link', 'set', 'lo', 'up')

/** Moves the clock that a process sees. */
const withFaketime = () => needs('faketime', '-m', '-f', '+0', 'true')

module.exports = { withFaketime, withNetwork, withStrace, withUserNamespace }
