// Who listens where an entry says so, and who does not?
'use strict'

const { once } = require('node:events')
const net = require('node:net')
const os = require('node:os')
const { silent } = require('./stub-servers.js')

/**
 * @typedef {InstanceType<typeof import('./runtime-directory.js').RuntimeFolder>} RuntimeFolder
 * @typedef {{ after(fn: () => unknown): void }} Test
 */

/**
 * Verifies, and is patient: however busy the machine, no server that lives looks dead.
 * @type {Readonly<{ verify: true, probeTimeoutMs: number }>}
 */
const VERIFY = Object.freeze({ verify: true, probeTimeoutMs: 20_000 })

/**
 * A time that Osaurus may publish: so many seconds into 2026.
 * @param {number} seconds
 */
const second = (seconds) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString().replace('.000', '')

/**
 * A running instance on a port of 127.0.0.1, but for what the test says otherwise.
 * @param {RuntimeFolder} runtime
 * @param {number} port
 * @param {Record<string, unknown>} [fields]
 * @param {string} [name]
 */
function publishAt(runtime, port, fields = {}, name) {
  const published = { instanceId: `AT-${port}`, port, url: `http://127.0.0.1:${port}`, ...fields }
  runtime.publish(published, name)
}

/**
 * Ends a server with the test.
 * @template {{ stop(): Promise<void> }} S
 * @param {Test} t
 * @param {Promise<S>} starting
 * @returns {Promise<S>}
 */
async function untilEnd(t, starting) {
  const server = await starting
  t.after(() => server.stop())
  return server
}

/**
 * Servers that accept and never answer.
 * @param {Test} t
 * @param {number} count
 */
function hungServers(t, count) {
  return Promise.all(Array.from({ length: count }, () => untilEnd(t, silent())))
}

// Outside of what systems hand out to outgoing connections, and of what fakes choose from: so nobody comes to listen
// on them while a test runs.
const FIRST_REFUSED = 10000
const END_OF_REFUSED = 20000
let next = FIRST_REFUSED + Math.floor(Math.random() * (END_OF_REFUSED - FIRST_REFUSED))

/** A port of 127.0.0.1 that nobody listens on; another one at each call. */
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

/** An address of this machine that is not the one that is asked. */
function secondAddress() {
  // All of 127.0.0.0/8 is this machine on Linux, and only there.
  if (process.platform === 'linux') return '127.0.0.2'
  const all = Object.values(os.networkInterfaces()).flatMap((each) => each ?? [])
  const other = all.find(({ family, internal }) => family === 'IPv4' && !internal)
  if (!other)
    throw new Error('This machine has no second IPv4 address, which the test needs: connect it to a network.')
  return other.address
}

module.exports = {
  VERIFY,
  hungServers,
  publishAt,
  refusedPort,
  refusedPorts,
  second,
  secondAddress,
  untilEnd,
}
