// Tests that a verifying watcher sends no more requests and holds no more connections than it has to.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const http = require('node:http')
const test = require('node:test')
const { setTimeout: delay } = require('node:timers/promises')
const { startFakeOsaurus } = require('../../testing.js')
const { QUIET_MS, recordChanges } = require('../support/change-recorder.js')
const { eventually } = require('../support/measure.js')
const { testOnLinux } = require('../support/on-linux.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const stubServers = require('../support/stub-servers.js')
const {
  VERIFY,
  listening,
  publishPort,
  refusedPort,
  stopAfter,
  verifying,
} = require('../support/verify-servers.js')

const BANNER = 'Osaurus Server is running! 🦕'

test('an idle live server receives no request, and one connection for all watchers with the same options', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir }))
  const ids = [fake.instance.instanceId]
  const records = []
  for (let i = 0; i < 5; i++) records.push(await verifying(t, baseDir, ids))
  records.push(await verifying(t, baseDir, ids, { ...VERIFY, probeTimeoutMs: 10_000 }))
  await delay(QUIET_MS)
  const asked = fake.requests.length
  const { connections } = fake
  assert.equal(asked, 6, 'once for each watcher')
  assert.equal(connections, asked + 2)
  await delay(3000)
  assert.equal(fake.requests.length, asked)
  assert.equal(fake.connections, connections)
  assert.deepEqual(
    fake.requests.map(({ method, url, headers }) => [method, url, headers.connection]),
    Array(asked).fill(['GET', '/', 'close']),
  )
})

test('a file that is touched or written again without a change causes at most one probe', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir }))
  const record = await verifying(t, baseDir, [fake.instance.instanceId])
  await record.quiet()
  const before = fake.requests.length
  await fake.setHealth('running')
  await eventually(() => assert.deepEqual(record.watcher.instances, [fake.instance]))
  await record.quiet()
  assert.ok(fake.requests.length - before <= 1, `${fake.requests.length - before} requests`)
})

test('the death of a server causes no request to the others', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const survivor = await stopAfter(t, startFakeOsaurus({ baseDir }))
  const victim = await stopAfter(t, startFakeOsaurus({ baseDir }))
  const both = [survivor, victim].map(({ instance }) => instance.instanceId)
  const record = recordChanges(t, { baseDir, ...VERIFY })
  await eventually(() => assert.deepEqual(record.ids?.toSorted(), both.toSorted()))
  await record.quiet()
  const before = survivor.requests.length
  await victim.crash()
  await record.until([survivor.instance.instanceId])
  await record.quiet()
  assert.equal(survivor.requests.length, before)
})

test('a stale entry is probed only after its port accepts a bare connect', async (t) => {
  const runtime = runtimeDirectory(t)
  const port = await refusedPort()
  publishPort(runtime, port)
  const record = await verifying(t, runtime.baseDir, [])
  const other = await stopAfter(t, stubServers.anotherServer({ port }))
  await eventually(() => assert.match(other.received, /^GET \/ HTTP/))
  assert.equal(other.connections, 2, 'a bare connect, and the probe')
  assert.deepEqual(record.ids, [])
})

test('a silent server receives one request, and the next one after it answers', async (t) => {
  const runtime = runtimeDirectory(t)
  const silent = await stopAfter(t, stubServers.silent())
  publishPort(runtime, silent.port)
  await verifying(t, runtime.baseDir, [], { ...VERIFY, probeTimeoutMs: 100 })
  await delay(2500)
  const asked = silent.received.split('GET / HTTP').length - 1
  assert.deepEqual(
    [asked, silent.connections],
    [2, 2],
    'the one that timed out, and the one that is left with it',
  )
})

test('another program on the port is probed less and less often, and so is its successor', async (t) => {
  const runtime = runtimeDirectory(t)
  const other = await stopAfter(t, stubServers.anotherServer())
  publishPort(runtime, other.port)
  const record = await verifying(t, runtime.baseDir, [])
  await delay(6000)
  const asked = other.received.split('GET / HTTP').length - 1
  assert.ok(asked >= 2 && asked <= 3, `after 1 and 3 seconds, and not yet after 7: ${asked} requests`)

  await other.stop()
  await stopAfter(t, startFakeOsaurus({ port: other.port }))
  await record.until([`AT-${other.port}`])
})

test('a server that closes idle connections receives one probe for that, and its death is still noticed', async (t) => {
  const runtime = runtimeDirectory(t)
  let asked = 0
  let connections = 0
  const server = http.createServer((request, response) => {
    asked++
    response.setHeader('Content-Type', 'text/plain').end(BANNER)
  })
  server.on('connection', (socket) => {
    connections++
    const timer = setTimeout(() => socket.destroy(), 400)
    socket.on('close', () => clearTimeout(timer))
  })
  const { port, close } = await listening(t, server)
  publishPort(runtime, port)
  const record = await verifying(t, runtime.baseDir, [`AT-${port}`])
  await eventually(() => assert.ok(connections >= 6, `${connections} connections`))
  assert.ok(asked <= 3, `asked ${asked} times`)
  assert.equal(record.changes.length, 1)
  close()
  await record.until([])
})

testOnLinux('a closed watcher closes every connection', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir }))
  const record = await verifying(t, baseDir, [fake.instance.instanceId])
  await eventually(() => assert.equal(openTo(fake.url), 1))
  record.watcher.close()
  await eventually(() => assert.equal(openTo(fake.url), 0))
})

/** How many connections to a server of 127.0.0.1 are open on this machine. @param {string} url */
function openTo(url) {
  const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, '0')
  const lines = fs.readFileSync('/proc/net/tcp', 'utf8').split('\n')
  const ESTABLISHED = '01'
  return lines.filter(
    (line) => line.trim().split(/\s+/)[2] === `0100007F:${port}` && line.includes(` ${ESTABLISHED} `),
  ).length
}
