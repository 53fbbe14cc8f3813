// Skips tests on machines that lack a program or a permission they need.
//
// The reason is part of the report. In CI such tests run and fail instead, so that none is skipped there unnoticed.
'use strict'

const { spawnSync } = require('node:child_process')

/**
 * @param {string} program
 * @param {string[]} args with which it succeeds if the test can run
 * @returns {{ skip: string | false }} options of a test
 */
function needs(program, ...args) {
  if (process.env.CI) return { skip: false }
  const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (error) return { skip: `${program} is not installed` }
  return { skip: status !== 0 && `${[program, ...args].join(' ')}: ${stderr.trim()}` }
}

/** For tests that trace system calls. */
const withStrace = () => needs('strace', '-o', '/dev/null', 'true')

/** For tests that set limits of the system in a namespace of their own. */
const withUserNamespace = () => needs('unshare', '-Ur', 'true')

/** For tests with a network of their own. */
const withNetwork = () => needs('unshare', '-Ur', '--net', 'ip', 'link', 'set', 'lo', 'up')

/** For tests that move the clock of a process. */
const withFaketime = () => needs('faketime', '-m', '-f', '+0', 'true')

/**
 * For tests with hosts of their own: network namespaces, each with Avahi. Only root may make them, so a CI job of another user
 * leaves them to one of root by OSAURUS_TEST_NETWORK=0.
 */
function withNetworkHosts() {
  if (process.platform !== 'linux') return { skip: 'network namespaces exist on Linux only' }
  if (process.env.OSAURUS_TEST_NETWORK === '0') return { skip: 'OSAURUS_TEST_NETWORK is 0' }
  if (!process.env.CI && process.getuid?.() !== 0) return { skip: 'only root makes network namespaces' }
  // A name for each process: test files run at the same time.
  return needs(
    'sh',
    '-c',
    'dbus-daemon --version && avahi-daemon --version && avahi-publish --version && ip netns add "$0" && ip netns delete "$0"',
    `osaurus-try-${process.pid}`,
  )
}

module.exports = { withFaketime, withNetwork, withNetworkHosts, withStrace, withUserNamespace }
