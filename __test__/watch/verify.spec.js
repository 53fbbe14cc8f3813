// Tests that a verifying watcher notices what no file reports, and sends no other requests.
'use strict'

const assert = require('node:assert/strict')
const { once } = require('node:events')
const fs = require('node:fs')
const http = require('node:http')
const test = require('node:test')
const { setTimeout: delay } = require('node:timers/promises')
const { listInstances } = require('../..')
const { startFakeOsaurus } = require('../../testing.js')
const { startFakeProcess } = require('../support/fake-process.js')
const { eventually } = require('../support/measure.js')
const { testOnLinux } = require('../support/on-linux.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const stubServers = require('../support/stub-servers.js')
const { VERIFY, publishPort, refusedPort, publishedAt, stopAfter } = require('../support/verify-servers.js')
const { QUIET_MS, recordChanges } = require('../support/change-recorder.js')

const BANNER = 'Osaurus Server is running! 🦕'

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
 * @param {http.Server} server
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

test('the state has live servers and no stale entries', async (t) => {
  const runtime = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir: runtime.baseDir }))
  publishPort(runtime, await refusedPort())
  const record = await verifying(t, runtime.baseDir, [fake.instance.instanceId])
  assert.deepEqual(record.watcher.instances, [fake.instance])
})

for (const [name, die] of /** @type {const} */ ([
  ['killed without cleaning up', (/** @type {any} */ fake) => fake.kill('SIGKILL')],
  ['crashed', (/** @type {any} */ fake) => fake.crash()],
])) {
  test(`a server that has ${name} is removed, and added when it comes back`, async (t) => {
    const { baseDir } = runtimeDirectory(t)
    const fake = await stopAfter(t, startFakeProcess({ baseDir }))
    const record = await verifying(t, baseDir, [fake.instance.instanceId])
    const began = performance.now()
    await die(fake)
    await record.until([])
    const took = performance.now() - began
    t.diagnostic(`removed after ${took.toFixed(1)} ms`)
    assert.ok(took < 5000, `${took} ms, and a second is promised`)

    const url = new URL(fake.url)
    const again = await stopAfter(t, startFakeOsaurus({ port: Number(url.port) }))
    await record.until([fake.instance.instanceId])
    assert.equal(again.url, fake.url, 'found behind the old file')
  })
}

test('a server that quits, starts again and is exposed is reported as it publishes', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir }))
  const record = await verifying(t, baseDir, [fake.instance.instanceId])
  await fake.setHealth('restarting')
  await record.until([])
  await fake.setHealth('running')
  await record.until([fake.instance.instanceId])
  await fake.setExposed(true)
  await eventually(() => assert.equal(record.state?.[0].exposeToNetwork, true))
  assert.equal(record.state?.[0].url, fake.url, 'the url that answers')
  await fake.relaunch()
  await record.until([fake.instance.instanceId])
  await fake.stop()
  await record.until([])
})

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

for (const [name, answerBadly] of /** @type {[string, (response: http.ServerResponse) => unknown][]} */ ([
  ['answers 503 for a while', (response) => response.writeHead(503).end()],
  ['cuts a connection now and then', (response) => response.socket?.resetAndDestroy()],
])) {
  test(`a server that ${name} is found after it recovers`, async (t) => {
    const runtime = runtimeDirectory(t)
    let well = true
    const server = http.createServer((_request, response) => {
      if (well) response.setHeader('Content-Type', 'text/plain').end(BANNER)
      else answerBadly(response)
    })
    const { port } = await listening(t, server)
    publishPort(runtime, port)
    const record = await verifying(t, runtime.baseDir, [`AT-${port}`])
    well = false
    publishPort(runtime, await refusedPort())
    await record.until([])
    well = true
    await record.until([`AT-${port}`])
  })
}

test('watchers with different probe timeouts each reach the right state', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir }))
  const ids = [fake.instance.instanceId]
  const patient = await verifying(t, baseDir, ids)
  fake.suspend()
  const hasty = await verifying(t, baseDir, [], { verify: true, probeTimeoutMs: 200 })
  fake.resume()
  await hasty.until(ids)
  await patient.until(ids)
})

test('a new entry on the port of a stale one does not wait for the backoff of the stale one', async (t) => {
  const runtime = runtimeDirectory(t)
  const port = await refusedPort()
  publishPort(runtime, port)
  const record = await verifying(t, runtime.baseDir, [])
  // It was tried after 1 and 3 seconds by now, and would be again only after 7 and 15.
  await delay(8000)
  publishPort(runtime, port, { instanceId: 'NEW', updatedAt: publishedAt(5) }, 'NEW')
  await record.quiet()
  const began = performance.now()
  await stopAfter(t, startFakeOsaurus({ port }))
  await record.until(['NEW'])
  const took = performance.now() - began
  assert.ok(took < 5000, `${took} ms, and a second is meant`)
})

test('a suspended server is noticed with the next change, and when it resumes', async (t) => {
  const runtime = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir: runtime.baseDir }))
  const ids = [fake.instance.instanceId]
  const record = await verifying(t, runtime.baseDir, ids, { ...VERIFY, probeTimeoutMs: 300 })
  fake.suspend()
  await delay(1000)
  assert.deepEqual(record.ids, ids, 'nothing tells that it is suspended')
  publishPort(runtime, await refusedPort())
  await record.until([])
  await delay(500)
  fake.resume()
  await record.until(ids)
})

test('a process under SIGSTOP is found again after SIGCONT', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeProcess({ baseDir }))
  const ids = [fake.instance.instanceId]
  await fake.kill('SIGSTOP')
  const record = await verifying(t, baseDir, [], { ...VERIFY, probeTimeoutMs: 300 })
  await fake.kill('SIGCONT')
  await record.until(ids)
  await fake.kill('SIGSTOP')
  await fake.kill('SIGKILL')
  await record.until([])
})

test('a server that hangs does not delay the reports of others', async (t) => {
  const runtime = runtimeDirectory(t)
  const hung = await stopAfter(t, stubServers.silent())
  publishPort(runtime, hung.port)
  const record = recordChanges(t, { baseDir: runtime.baseDir, verify: true, probeTimeoutMs: 60_000 })
  await delay(300)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir: runtime.baseDir }))
  await record.until([fake.instance.instanceId])
  await fake.crash()
  await record.until([])
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

test('an entry on the port of a newer one is the same server', async (t) => {
  const runtime = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir: runtime.baseDir }))
  const record = await verifying(t, runtime.baseDir, [fake.instance.instanceId])
  await fake.crash()
  await record.until([])
  await fake.relaunch()
  await record.until([fake.instance.instanceId])
  await record.quiet()
  assert.deepEqual(record.watcher.instances, await listInstances({ baseDir: runtime.baseDir, ...VERIFY }))
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
