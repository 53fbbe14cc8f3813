// Tests ports on which another program listens.
'use strict'

const assert = require('node:assert/strict')
const { once } = require('node:events')
const http = require('node:http')
const https = require('node:https')
const net = require('node:net')
const test = require('node:test')
const { discoverLatestRunningInstance, inspectRuntime, listInstances } = require('../..')
const { startFakeOsaurus } = require('../../testing.js')
const { rejection } = require('../support/failure.js')
const { timed } = require('../support/measure.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const stubServers = require('../support/stub-servers.js')
const { VERIFY, publishPort, publishedAt, stopAfter } = require('../support/verify-servers.js')

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {() => Promise<{ port: number, stop(): Promise<void> }>} start
 * @property {RegExp} [says] what it is recognised by, as soon as it has said it; without, it is waited for
 */

/** @param {net.Server} server */
async function listening(server) {
  /** @type {Set<net.Socket>} */
  const sockets = new Set()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {net.AddressInfo} */ (server.address())
  const stop = async () => {
    server.close()
    for (const socket of sockets) socket.destroy()
    await once(server, 'close')
  }
  return { port, stop }
}

/**
 * Sends this after the request, and keeps the connection open or closes it.
 * @param {string} text
 * @param {boolean} stays
 */
const sends = (text, stays) =>
  listening(
    net.createServer((socket) => {
      socket.once('data', () => (stays ? socket.write(text) : socket.end(text)))
    }),
  )

const BANNER = 'Osaurus Server is running! 🦕'

/** @type {Row[]} */
const ROWS = [
  {
    name: 'answers 200 to everything',
    start: stubServers.anotherServer,
    says: /^answered, but not as Osaurus$/,
  },
  {
    name: 'answers the banner with status 500',
    start: stubServers.failing,
    says: /^answered with status 500$/,
  },
  { name: 'sends garbage', start: stubServers.garbage, says: /^does not speak HTTP/ },
  { name: 'sends gigabytes', start: stubServers.endless, says: /^answered, but not as Osaurus$/ },
  {
    name: 'sends endless headers',
    start: stubServers.endlessHead,
    says: /^sent headers of more than 4096 bytes$/,
  },
  {
    name: 'redirects to another host',
    start: () => stubServers.redirect({ location: 'http://192.0.2.1/' }),
    says: /^answered with status 302$/,
  },
  {
    name: 'closes immediately',
    start: stubServers.closing,
    says: /^closed the connection without an answer$/,
  },
  {
    name: 'closes after the request',
    start: () => listening(net.createServer((socket) => socket.once('data', () => socket.destroy()))),
    says: /^closed the connection without an answer$/,
  },
  {
    name: 'resets the connection',
    start: () => listening(net.createServer((socket) => socket.resetAndDestroy())),
    says: /^closed the connection without an answer$/,
  },
  { name: 'sends half a header and keeps the connection open', start: stubServers.halfHead },
  {
    name: 'sends half a header and closes',
    start: () => sends('HTTP/1.1 200 OK\r\nContent-Ty', false),
    says: /^closed the connection in mid-answer$/,
  },
  { name: 'sends the banner byte by byte', start: stubServers.trickle },
  { name: 'accepts and never answers', start: stubServers.silent },
  {
    name: 'sends a head and half the banner, and keeps the connection open',
    start: () => sends('HTTP/1.1 200 OK\r\n\r\nOsaurus Ser', true),
  },
  {
    name: 'sends a head and half the banner, and closes',
    start: () => sends('HTTP/1.1 200 OK\r\n\r\nOsaurus Ser', false),
    says: /^answered, but not as Osaurus$/,
  },
  {
    name: 'answers 200 without a body',
    start: () => listening(http.createServer((_, response) => response.end())),
    says: /^answered, but not as Osaurus$/,
  },
  {
    name: 'answers 204, as Osaurus does to HEAD alone',
    start: () => listening(http.createServer((_, response) => response.writeHead(204).end())),
    says: /^answered with status 204$/,
  },
  {
    name: 'has the banner later in its body',
    start: () => listening(http.createServer((_, response) => response.end(`Hello. ${BANNER}`))),
    says: /^answered, but not as Osaurus$/,
  },
  {
    name: 'sends the banner with status 404',
    start: () => listening(http.createServer((_, response) => response.writeHead(404).end(BANNER))),
    says: /^answered with status 404$/,
  },
  {
    name: 'sends the banner without HTTP',
    start: () => sends(BANNER, true),
    says: /^does not speak HTTP/,
  },
  {
    name: 'greets as SSH does and waits',
    start: () => listening(net.createServer((socket) => socket.write('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'))),
    says: /^does not speak HTTP/,
  },
  {
    name: 'speaks TLS',
    start: () => listening(https.createServer()),
    says: /^(does not speak HTTP|closed the connection|answered with status 400)/,
  },
]

for (const { name, start, says } of ROWS) {
  test(`a server that ${name} is not Osaurus`, async (t) => {
    const runtime = runtimeDirectory(t)
    const { baseDir } = runtime
    const other = await stopAfter(t, start())
    publishPort(runtime, other.port, { instanceId: 'TAKEN', updatedAt: publishedAt(1) })
    const probeTimeoutMs = says ? 20_000 : 200
    const options = { baseDir, verify: true, probeTimeoutMs }

    const { value, ms } = await timed(() => inspectRuntime(options))
    assert.ok(ms < probeTimeoutMs * 3, `${ms} ms: it ends at the deadline`)
    const [entry] = value.entries
    assert.ok(entry.status === 'ignored' && entry.probe)
    assert.equal(entry.reason, 'not-responding')
    assert.equal(entry.probe.url, `http://127.0.0.1:${other.port}`)
    const { outcome, durationMs, detail } = entry.probe
    if (says) {
      assert.equal(outcome, 'not-osaurus')
      assert.match(detail ?? '', says)
      assert.ok(entry.detail.endsWith(`127.0.0.1:${other.port} ${detail}`), entry.detail)
      assert.ok(durationMs < probeTimeoutMs / 2, `${durationMs} ms: what it said was enough`)
    } else {
      assert.equal(outcome, 'timed-out')
      assert.ok(durationMs >= probeTimeoutMs, `${durationMs} ms: it had all its time`)
      assert.equal(entry.detail, `its server 127.0.0.1:${other.port} did not answer in time`)
    }
    assert.equal('accessKey' in entry.probe, false)

    const { code, message } = await rejection(discoverLatestRunningInstance(options))
    assert.equal(code, 'OSAURUS_NOT_RESPONDING')
    assert.ok(message.includes(`127.0.0.1:${other.port} ${detail ?? 'did not answer in time'}`), message)
    assert.deepEqual(await listInstances(options), [])

    const fake = await stopAfter(t, startFakeOsaurus())
    publishPort(runtime, fake.instance.port, { instanceId: 'LIVES', updatedAt: publishedAt(0) })
    assert.equal((await discoverLatestRunningInstance(options)).instanceId, 'LIVES')
    assert.deepEqual(
      (await listInstances(options)).map(({ instanceId }) => instanceId),
      ['LIVES'],
    )
  })
}

test('a redirect is not followed, not even to a live Osaurus', async (t) => {
  const runtime = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus())
  const other = await stopAfter(t, stubServers.redirect({ location: fake.url }))
  publishPort(runtime, other.port)
  assert.deepEqual(await listInstances({ baseDir: runtime.baseDir, ...VERIFY }), [])
  assert.equal(other.connections, 1)
  assert.equal(fake.connections, 0)
})

test('another program on the port of a crashed Osaurus is not Osaurus', async (t) => {
  const fake = await stopAfter(t, startFakeOsaurus())
  const { baseDir, instance } = fake
  await fake.crash()
  const jan = await stopAfter(t, stubServers.anotherServer({ port: instance.port }))
  const { code, message } = await rejection(discoverLatestRunningInstance({ baseDir, ...VERIFY }))
  assert.equal(code, 'OSAURUS_NOT_RESPONDING')
  assert.match(message, /answered, but not as Osaurus/)
  assert.equal(jan.connections, 1)
})
