// Starts servers and publishes entries for tests of verification.
'use strict'

const { once } = require('node:events')
const net = require('node:net')
const os = require('node:os')
const { recordChanges } = require('./change-recorder.js')
const { silent } = require('./stub-servers.js')

/**
 * @typedef {InstanceType<typeof import('./runtime-directory.js').RuntimeDirectory>} RuntimeDirectory
 * @typedef {{ after(fn: () => unknown): void }} Test
 */

/**
 * Options that verify with a timeout long enough for a busy machine.
 * @type {Readonly<{ verify: true, probeTimeoutMs: number }>}
 */
const VERIFY = Object.freeze({ verify: true, probeTimeoutMs: 20_000 })

/**
 * Returns a value for `updatedAt`: a number of seconds into 2026.
 * @param {number} seconds
 */
const publishedAt = (seconds) =>
  new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString().replace('.000', '')

/**
 * Publishes a running instance on a port of 127.0.0.1.
 * @param {RuntimeDirectory} runtime
 * @param {number} port
 * @param {Record<string, unknown>} [fields]
 * @param {string} [name]
 */
function publishPort(runtime, port, fields = {}, name) {
  const published = { instanceId: `AT-${port}`, port, url: `http://127.0.0.1:${port}`, ...fields }
  runtime.publish(published, name)
}

/**
 * Stops a server when the test ends.
 * @template {{ stop(): Promise<void> }} S
 * @param {Test} t
 * @param {Promise<S>} starting
 * @returns {Promise<S>}
 */
async function stopAfter(t, starting) {
  const server = await starting
  t.after(() => server.stop())
  return server
}

/**
 * Starts servers that accept connections and never answer.
 * @param {Test} t
 * @param {number} count
 */
function unresponsiveServers(t, count) {
  return Promise.all(Array.from({ length: count }, () => stopAfter(t, silent())))
}

/**
 * A verifying watcher that has seen the state at the start.
 * @param {any} t
 * @param {string} baseDir
 * @param {string[]} ids
 * @param {import('../..').WatchOptions} options
 */
async function verifying(t, baseDir, ids, options = VERIFY) {
  const record = recordChanges(t, { baseDir, ...options })
  await record.until(ids)
  return record
}

/**
 * Has a server listen until it is closed, or the test ends.
 * @param {import('node:test').TestContext} t
 * @param {import('node:http').Server} server
 */
async function listening(t, server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  t.after(close)
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return { port, close }
}

// Neither an ephemeral port of any system nor a port that fakes choose, so these stay free while a test runs.
const FIRST_REFUSED = 10000
const END_OF_REFUSED = 20000
let next = FIRST_REFUSED + Math.floor(Math.random() * (END_OF_REFUSED - FIRST_REFUSED))

/** Returns a port of 127.0.0.1 without a listener; a different one at each call. */
async function refusedPort() {
  for (;;) {
    next = next + 1 < END_OF_REFUSED ? next + 1 : FIRST_REFUSED
    const port = next
    const server = net.createServer()
    try {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    } catch {
      continue
    }
    server.close()
    await once(server, 'close')
    return port
  }
}

/** @param {number} count */
function refusedPorts(count) {
  return Promise.all(Array.from({ length: count }, refusedPort))
}

/** Returns an IPv4 address of this machine that is not 127.0.0.1. */
function secondAddress() {
  // Only on Linux does all of 127.0.0.0/8 belong to this machine.
  if (process.platform === 'linux') return '127.0.0.2'
  const all = Object.values(os.networkInterfaces()).flatMap((each) => each ?? [])
  const other = all.find(({ family, internal }) => family === 'IPv4' && !internal)
  if (!other) throw new Error('The test needs a second IPv4 address: connect this machine to a network.')
  return other.address
}

module.exports = {
  VERIFY,
  listening,
  publishPort,
  publishedAt,
  refusedPort,
  refusedPorts,
  secondAddress,
  stopAfter,
  unresponsiveServers,
  verifying,
}
