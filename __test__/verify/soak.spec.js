// Tests that thousands of verified calls leave nothing behind.
'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { evaluate } = require('../support/run-node.js')
const { publishPort, refusedPort, publishedAt, stopAfter } = require('../support/verify-servers.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')

const MEASURE = JSON.stringify(require.resolve('../support/measure'))

const SCRIPT = `
  const { eventually, openHandles, openHandlesAtRest } = require(${MEASURE})
  const assert = require('node:assert/strict')
  require('node:v8').setFlagsFromString('--expose_gc')
  const gc = require('node:vm').runInNewContext('gc')
  const options = { baseDir: data.baseDir, verify: true, probeTimeoutMs: 20000 }
  const { signal } = new AbortController()
  const calls = [
    async () => assert.equal((await discovery.discoverLatestRunningInstance(options)).instanceId, 'LIVES'),
    async () => assert.equal((await discovery.listInstances({ ...options, signal })).length, 1),
  ]
  const run = async (from, to) => {
    for (let i = from; i < to; i++) await calls[i % calls.length]()
  }
  const memory = async () => {
    for (let i = 0; i < 4; i++) {
      gc()
      await new Promise(setImmediate)
    }
    return process.memoryUsage.rss()
  }
  await run(0, data.warm)
  const { threads, descriptors } = await openHandlesAtRest()
  const before = await memory()
  await run(data.warm, data.calls)
  await eventually(() => assert.deepEqual(openHandles(), { threads, descriptors }))
  return (await memory()) - before`

const CALLS = 10_000
const MIB = 2 ** 20

// What a process holds can be counted on Linux alone.
if (process.platform === 'linux') {
  test('ten thousand consecutive calls leave no thread, descriptor or memory behind', async (t) => {
    const runtime = runtimeDirectory(t)
    const fake = await stopAfter(t, startFakeOsaurus())
    publishPort(runtime, await refusedPort(), { instanceId: 'LEFT', updatedAt: publishedAt(1) })
    publishPort(runtime, fake.instance.port, { instanceId: 'LIVES', updatedAt: publishedAt(0) })
    const data = { baseDir: runtime.baseDir, warm: CALLS * 0.3, calls: CALLS }
    const grown = await evaluate(SCRIPT, { data })
    // V8 itself takes and gives back some megabytes as it likes.
    assert.ok(grown < 8 * MIB, `grown by ${(grown / MIB).toFixed(1)} MiB, more than a kilobyte a call`)
    assert.equal(fake.connections, CALLS)
  })

  test('three hundred concurrent calls all return and leave nothing behind', async (t) => {
    const fake = await stopAfter(t, startFakeOsaurus())
    const { baseDir, instance } = fake
    const script = `
      const { eventually, openHandles } = require(${MEASURE})
      const assert = require('node:assert/strict')
      const options = { baseDir: data.baseDir, verify: true, probeTimeoutMs: 20000 }
      await discovery.listInstances({ baseDir: data.baseDir })
      const before = openHandles()
      const all = await Promise.all(Array.from({ length: 300 }, () => discovery.listInstances(options)))
      for (const list of all) assert.deepEqual(list, [data.instance])
      await eventually(() => assert.deepEqual(openHandles(), before))`
    await evaluate(script, { data: { baseDir, instance } })
    assert.equal(fake.connections, 300)
  })
}
