// Tests discovery under load: thousands of calls, hung servers, ending workers, and forced garbage collections.
//
// The amounts are small enough for every run; npm run soak runs as long as you like.
'use strict'

const assert = require('node:assert/strict')
const { setMaxListeners } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { Worker } = require('node:worker_threads')

const discovery = require('../..')
const { PROJECT, runFixture } = require('../support/run-node.js')
const { RUNNING_INSTANCE, runtimeDirectory } = require('../support/runtime-directory.js')
const { IN_MEMORY } = require('../support/temporary-directory.js')
const stubServers = require('../support/stub-servers.js')

const CALLS = 10_000

test(`${CALLS} concurrent calls each return their own result`, async (t) => {
  const runtimes = [1, 2, 3].map((port) => {
    const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
    for (let index = 0; index < port; index++) runtime.publish({ instanceId: `${port}-${index}`, port })
    return runtime
  })
  const calls = Array.from({ length: CALLS }, (_, index) => {
    const { baseDir } = runtimes[index % 3]
    return index % 2 === 0
      ? discovery.listInstances({ baseDir })
      : discovery.discoverLatestRunningInstance({ baseDir }).then((instance) => [instance])
  })
  for (const [index, found] of (await Promise.all(calls)).entries()) {
    const port = (index % 3) + 1
    assert.equal(found.length, index % 2 === 0 ? port : 1)
    assert.ok(found.every((instance) => instance.port === port))
  }
})

test(`${CALLS} concurrent calls, every second of which is aborted, all settle`, async (t) => {
  const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
  runtime.publish()
  const abort = new AbortController()
  setMaxListeners(0, abort.signal)
  const calls = Array.from({ length: CALLS }, (_, index) =>
    discovery.listInstances({ baseDir: runtime.baseDir, ...(index % 2 === 0 && { signal: abort.signal }) }),
  )
  abort.abort()
  for (const [index, settled] of (await Promise.allSettled(calls)).entries()) {
    if (index % 2 === 0) assert.equal(settled.status === 'rejected' && settled.reason.code, 'ABORT_ERR')
    else assert.deepEqual(settled.status === 'fulfilled' && settled.value, [RUNNING_INSTANCE])
  }
})

test('100 concurrent verified calls find exactly the live servers when half of them hang', async (t) => {
  const servers = await Promise.all([
    ...Array.from({ length: 5 }, () => stubServers.osaurus()),
    ...Array.from({ length: 5 }, () => stubServers.silent()),
  ])
  t.after(() => Promise.all(servers.map((server) => server.stop())))
  const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
  for (const [index, { port }] of servers.entries()) {
    // Sorted newest first, hung and live servers alternate.
    const updatedAt = new Date(Date.UTC(2025, 0, 1, 0, index % 5, index < 5 ? 1 : 0)).toISOString()
    runtime.publish({ instanceId: `I${index}`, port, updatedAt })
  }
  const options = { baseDir: runtime.baseDir, verify: true, probeTimeoutMs: 3000 }
  const calls = Array.from({ length: 100 }, (_, index) =>
    index % 2 === 0
      ? discovery.listInstances(options)
      : discovery.discoverLatestRunningInstance(options).then((instance) => [instance]),
  )
  for (const [index, found] of (await Promise.all(calls)).entries()) {
    const ids = found.map(({ instanceId }) => instanceId)
    assert.deepEqual(ids, index % 2 === 0 ? ['I4', 'I3', 'I2', 'I1', 'I0'] : ['I4'])
  }
  const threads = () => fs.readdirSync('/proc/self/task').length
  if (process.platform === 'linux') {
    const until = Date.now() + 20_000
    // Node's pool, the garbage collector and the main thread remain; a hundred were added.
    while (threads() > 20 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20))
    assert.ok(threads() <= 20, `${threads()} threads are left`)
  }
})

const WORKERS = 300
const WORKER = path.join(PROJECT, '__test__', 'fixtures', 'robust', 'worker.js')

test(`${WORKERS} workers that end during and after their calls leave nothing behind`, async (t) => {
  const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
  runtime.publish()
  const open = () => (process.platform === 'linux' ? fs.readdirSync('/proc/self/fd').length : 0)
  /** @param {number} index */
  const one = (index) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(WORKER, { workerData: { baseDir: runtime.baseDir } })
      /** @type {number[]} */
      const messages = []
      worker.on('message', (message) => {
        messages.push(message)
        // Every second worker ends while its calls are in flight.
        if (index % 2 === 0) worker.terminate()
      })
      worker.on('error', reject)
      worker.on('exit', () => resolve(messages))
    })
  await one(1)
  const before = open()
  for (let index = 0; index < WORKERS; index += 4) {
    const all = await Promise.all([0, 1, 2, 3].map((offset) => one(index + offset)))
    for (const [offset, messages] of all.entries()) {
      assert.equal(messages[0], 1337)
      if ((index + offset) % 2 === 1) assert.deepEqual(messages, [1337, 20])
    }
  }
  assert.ok(open() <= before + 4, `${open()} descriptors are open, ${before} were`)
  assert.deepEqual(await discovery.listInstances({ baseDir: runtime.baseDir }), [RUNNING_INSTANCE])
})

test('garbage collections during calls lose no call and leak no memory', async (t) => {
  const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
  for (let index = 0; index < 50; index++) runtime.publish({ instanceId: `I${index}`, port: 1 + index })
  const used = await runFixture('robust/collect-garbage.js', { data: { baseDir: runtime.baseDir } })
  assert.ok(used[2] - used[0] < 2 ** 20, `bytes in use after 20, 40 and 60 rounds: ${used}`)
})

test('watchers without references report changes through garbage collections and leak no memory', async (t) => {
  const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
  const used = await runFixture('robust/collect-watchers.js', { data: { baseDir: runtime.baseDir } })
  assert.ok(used[2] - used[0] < 2 ** 20, `bytes in use after 10, 20 and 30 rounds: ${used}`)
})
