// Tests that a verifying watcher notices what no file reports.
'use strict'

const assert = require('node:assert/strict')
const http = require('node:http')
const test = require('node:test')
const { setTimeout: delay } = require('node:timers/promises')
const { listInstances } = require('../..')
const { startFakeOsaurus } = require('../../testing.js')
const { recordChanges } = require('../support/change-recorder.js')
const { startFakeProcess } = require('../support/fake-process.js')
const { eventually } = require('../support/measure.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const stubServers = require('../support/stub-servers.js')
const {
  VERIFY,
  listening,
  publishPort,
  publishedAt,
  refusedPort,
  stopAfter,
  verifying,
} = require('../support/verify-servers.js')

const BANNER = 'Osaurus Server is running! 🦕'

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
