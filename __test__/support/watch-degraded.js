// Runs watchers in processes to which the system refuses file events.
'use strict'

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { text } = require('node:stream/consumers')
const { PROJECT, fixtureArguments } = require('./run-node.js')

/** Limits per user namespace, which its root can change without an effect outside of it. */
const INSTANCES = '/proc/sys/user/max_inotify_instances'
const WATCHES = '/proc/sys/user/max_inotify_watches'

/**
 * Runs a fixture in a Node.js process under a command, and returns its result.
 * @param {string[]} command
 * @param {string} fixture its path below __test__/fixtures
 * @param {Record<string, unknown>} data
 * @returns {Promise<any>}
 */
async function runFixtureUnder([command, ...args], fixture, data) {
  const child = spawn(command, [...args, process.execPath, ...fixtureArguments(fixture, data)], {
    cwd: PROJECT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  assert.equal(code, 0, stderr + stdout)
  return JSON.parse(stdout)
}

/**
 * Returns a command that sets a limit to zero in a user namespace of its own.
 * @param {string} limit
 */
const without = (limit) => ['unshare', '-Ur', 'sh', '-c', `echo 0 > ${limit} && exec "$0" "$@"`]

/**
 * Returns a command that injects a result into a system call, in strace's syntax.
 * @param {string} injection
 */
const injected = (injection) => [
  'strace',
  ...['-f', '-qq', '-o', '/dev/null', '-e', `trace=${injection.split(':')[0]}`, '-e', `inject=${injection}`],
]

module.exports = { INSTANCES, WATCHES, injected, runFixtureUnder, without }
