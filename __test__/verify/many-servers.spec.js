// Tests the cost of many unresponsive servers for the call, the live server and the rest of the app.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const test = require('node:test')
const { setTimeout: delay } = require('node:timers/promises')
const { discoverLatestRunningInstance, inspectRuntime, listInstances } = require('../..')
const { startFakeOsaurus } = require('../../testing.js')
const { rejection } = require('../support/failure.js')
const { median, timed } = require('../support/measure.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const {
  VERIFY,
  unresponsiveServers,
  publishPort,
  refusedPorts,
  publishedAt,
  stopAfter,
} = require('../support/verify-servers.js')

/**
 * Creates a runtime directory full of unresponsive servers; the first is the oldest.
 * @param {import('node:test').TestContext} t
 * @param {number} count
 */
async function hungRuntime(t, count) {
  const runtime = runtimeDirectory(t)
  const servers = await unresponsiveServers(t, count)
  servers.forEach(({ port }, index) => publishPort(runtime, port, { updatedAt: publishedAt(1000 + index) }))
  return { runtime, baseDir: runtime.baseDir, servers }
}

/**
 * The least of some runs: what the machine does beside them only adds to it.
 * @param {() => Promise<number>} run
 */
async function least(run) {
  return Math.min(await run(), await run(), await run())
}

test('a hundred unresponsive servers take as long as one', async (t) => {
  const one = await hungRuntime(t, 1)
  const hundred = await hungRuntime(t, 100)
  const list = (/** @type {string} */ baseDir) => async () => {
    const { value, ms } = await timed(() => listInstances({ baseDir, verify: true, probeTimeoutMs: 200 }))
    assert.deepEqual(value, [])
    return ms
  }
  const [short, long] = [await least(list(one.baseDir)), await least(list(hundred.baseDir))]
  assert.ok(long < short * 1.5, `${long} ms, and one takes ${short}`)
})

test('at most 128 servers are probed at once, and the next ones when those are done', async (t) => {
  const all = await hungRuntime(t, 128)
  const more = await hungRuntime(t, 129)
  const list = (/** @type {string} */ baseDir) => async () => {
    const { ms } = await timed(() => listInstances({ baseDir, verify: true, probeTimeoutMs: 200 }))
    return ms
  }
  const [once, twice] = [await least(list(all.baseDir)), await least(list(more.baseDir))]
  assert.ok(once < 399, `${once} ms for 128: not two times 200`)
  assert.ok(twice >= 399, `${twice} ms for 129: two times 200`)
})

test('the oldest of three hundred servers is found although the others hang', async (t) => {
  const { runtime, baseDir, servers } = await hungRuntime(t, 300)
  const fake = await stopAfter(t, startFakeOsaurus())
  publishPort(runtime, fake.instance.port, { instanceId: 'LIVES', updatedAt: publishedAt(0) })
  // Long enough for a live server on a busy machine; three times that is waited for.
  const options = { baseDir, verify: true, probeTimeoutMs: 400 }
  assert.equal((await discoverLatestRunningInstance(options)).instanceId, 'LIVES')
  assert.ok(servers.every(({ connections }) => connections === 1))
  assert.equal(fake.connections, 1)

  const { entries } = await inspectRuntime(options)
  assert.equal(entries[0].status, 'running')
  const probes = entries.flatMap((entry) => ('probe' in entry && entry.probe ? [entry.probe] : []))
  assert.equal(probes.length, 301)
  const hung = probes.filter(({ outcome }) => outcome === 'timed-out')
  assert.equal(hung.length, 300)
  for (const { durationMs } of hung)
    assert.ok(
      durationMs >= 400 && durationMs < 1200,
      `${durationMs} ms: each has its own time, from its connect`,
    )
})

test('the oldest of five hundred servers is found although the others refuse', async (t) => {
  const runtime = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus())
  publishPort(runtime, fake.instance.port, { instanceId: 'LIVES', updatedAt: publishedAt(0) })
  const ports = await refusedPorts(500)
  ports.forEach((port, index) => publishPort(runtime, port, { updatedAt: publishedAt(1000 + index) }))
  const { baseDir } = runtime
  assert.equal((await discoverLatestRunningInstance({ baseDir, ...VERIFY })).instanceId, 'LIVES')
  assert.equal((await listInstances({ baseDir, ...VERIFY })).length, 1)
})

test('the newest live server is returned without waiting for older ones that hang', async (t) => {
  const { runtime, baseDir } = await hungRuntime(t, 100)
  const fake = await stopAfter(t, startFakeOsaurus())
  publishPort(runtime, fake.instance.port, { instanceId: 'LIVES', updatedAt: publishedAt(5000) })
  const { value, ms } = await timed(() => discoverLatestRunningInstance({ baseDir, ...VERIFY }))
  assert.equal(value.instanceId, 'LIVES')
  assert.ok(ms < VERIFY.probeTimeoutMs / 4, `${ms} ms: those that hang were not waited for`)
})

test('a live server behind newer ones that refuse is returned without waiting for older ones that hang', async (t) => {
  const { runtime, baseDir } = await hungRuntime(t, 50)
  const fake = await stopAfter(t, startFakeOsaurus())
  publishPort(runtime, fake.instance.port, { instanceId: 'LIVES', updatedAt: publishedAt(5000) })
  for (const port of await refusedPorts(50))
    publishPort(runtime, port, { updatedAt: publishedAt(10_000 + port) })
  const { value, ms } = await timed(() => discoverLatestRunningInstance({ baseDir, ...VERIFY }))
  assert.equal(value.instanceId, 'LIVES')
  assert.ok(ms < VERIFY.probeTimeoutMs / 4, `${ms} ms`)
})

test('a newer server that hangs is waited for, since it may be the latest', async (t) => {
  const { runtime, baseDir } = await hungRuntime(t, 1)
  const fake = await stopAfter(t, startFakeOsaurus())
  publishPort(runtime, fake.instance.port, { instanceId: 'LIVES', updatedAt: publishedAt(0) })
  const { value, ms } = await timed(() =>
    discoverLatestRunningInstance({ baseDir, verify: true, probeTimeoutMs: 500 }),
  )
  assert.equal(value.instanceId, 'LIVES')
  assert.ok(ms >= 499)
})

test('unresponsive servers do not slow down the file access of the app', async (t) => {
  const { baseDir, servers } = await hungRuntime(t, 100)
  const stats = async () => {
    const times = []
    for (let i = 0; i < 100; i++) times.push((await timed(() => fs.promises.stat(__filename))).ms)
    return median(times)
  }
  await stats()
  /** @type {number[]} */
  const idle = []
  /** @type {number[]} */
  const meanwhile = []
  for (let round = 1; round <= 5; round++) {
    idle.push(await stats())
    const { signal, abort } = aborting()
    // More calls than Node's pool has threads: they would block all file access if they ran there.
    const calls = Array.from({ length: 8 }, () => rejection(listInstances({ baseDir, ...VERIFY, signal })))
    while (servers.some(({ connections }) => connections < round * 8)) await delay(1)
    await delay(50) // The servers hang in this process: until all requests have come in.
    meanwhile.push(await stats())
    abort()
    for (const { code } of await Promise.all(calls)) assert.equal(code, 'ABORT_ERR')
  }
  const ratio = median(meanwhile) / median(idle)
  // On the pool it would be some ten thousand times.
  assert.ok(ratio < 5, `${ratio.toFixed(2)} times as long: ${median(meanwhile)} ms and ${median(idle)} ms`)
})

function aborting() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}
