// Does it hold under load: thousands of calls in flight, hung servers, workers that come and go, forced collections?
//
// How much is for all these tests together small enough for every run; npm run soak goes on for as long as one likes.
'use strict'

const assert = require('node:assert/strict')
const { setMaxListeners } = require('node:events')
const fs = require('node:fs')
const test = require('node:test')
const { Worker } = require('node:worker_threads')

const discovery = require('../..')
const { evaluate, PROJECT } = require('../support/run-node.js')
const { RUNNING_INSTANCE, runtimeDirectory } = require('../support/runtime-directory.js')
const { IN_MEMORY } = require('../support/temporary-directory.js')
const stubServers = require('../support/stub-servers.js')

const CALLS = 10_000

test(`${CALLS} calls in flight at once are all answered, each with its own`, async (t) => {
  const folders = [1, 2, 3].map((port) => {
    const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
    for (let index = 0; index < port; index++) runtime.publish({ instanceId: `${port}-${index}`, port })
    return runtime
  })
  const calls = Array.from({ length: CALLS }, (_, index) => {
    const { baseDir } = folders[index % 3]
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

test(`${CALLS} calls in flight, every other one aborted, are all settled as they should be`, async (t) => {
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

test('100 verified calls in flight, half the servers hung: each finds just those that live', async (t) => {
  const servers = await Promise.all([
    ...Array.from({ length: 5 }, () => stubServers.osaurus()),
    ...Array.from({ length: 5 }, () => stubServers.silent()),
  ])
  t.after(() => Promise.all(servers.map((server) => server.stop())))
  const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
  for (const [index, { port }] of servers.entries()) {
    // Newest first, one that hangs after one that lives.
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
    // The pool of Node, the collector and the main thread; a hundred were added.
    while (threads() > 20 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20))
    assert.ok(threads() <= 20, `${threads()} threads are left`)
  }
})

const WORKERS = 300

test(`${WORKERS} workers start, ask and end, in mid-call too, and leave nothing behind`, async (t) => {
  const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
  runtime.publish()
  const source = `
    const { parentPort, workerData } = require('worker_threads')
    const discovery = require(workerData.project)
    const { baseDir } = workerData
    const calls = Array.from({ length: 20 }, () => discovery.listInstances({ baseDir }))
    parentPort.postMessage(discovery.discoverLatestRunningInstanceSync({ baseDir }).port)
    Promise.all(calls).then((all) => parentPort.postMessage(all.length))`
  const open = () => (process.platform === 'linux' ? fs.readdirSync('/proc/self/fd').length : 0)
  /** @param {number} index */
  const one = (index) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(source, {
        eval: true,
        workerData: { project: PROJECT, baseDir: runtime.baseDir },
      })
      /** @type {number[]} */
      const said = []
      worker.on('message', (message) => {
        said.push(message)
        // Every other one ends while its calls are under way.
        if (index % 2 === 0) worker.terminate()
      })
      worker.on('error', reject)
      worker.on('exit', () => resolve(said))
    })
  await one(1)
  const before = open()
  for (let index = 0; index < WORKERS; index += 4) {
    const all = await Promise.all([0, 1, 2, 3].map((offset) => one(index + offset)))
    for (const [offset, said] of all.entries()) {
      assert.equal(said[0], 1337)
      if ((index + offset) % 2 === 1) assert.deepEqual(said, [1337, 20])
    }
  }
  assert.ok(open() <= before + 4, `${open()} descriptors are open, ${before} were`)
  assert.deepEqual(await discovery.listInstances({ baseDir: runtime.baseDir }), [RUNNING_INSTANCE])
})

test('garbage collections forced in mid-call cost no call, no result and no memory', async (t) => {
  const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
  for (let index = 0; index < 50; index++) runtime.publish({ instanceId: `I${index}`, port: 1 + index })
  const script = `
    const v8 = require('v8')
    v8.setFlagsFromString('--expose-gc')
    const gc = require('vm').runInNewContext('gc')
    const { baseDir } = data
    const round = async () => {
      const abort = new AbortController()
      const calls = []
      for (let i = 0; i < 20; i++) {
        calls.push(discovery.listInstances({ baseDir, signal: i % 2 ? abort.signal : undefined }))
        discovery.listInstances({ baseDir }) // dropped at once, with its promise
        if (i % 5 === 0) gc()
      }
      await new Promise(setImmediate)
      gc()
      abort.abort()
      const settled = await Promise.allSettled(calls)
      gc()
      for (const { status, value, reason } of settled) {
        if (status === 'rejected' && reason.code !== 'ABORT_ERR') throw reason
        if (status === 'fulfilled' && value.length !== 50) throw new Error('lost instances')
      }
    }
    const used = []
    for (let i = 0; i < 60; i++) {
      await round()
      if (i % 20 === 19) used.push(process.memoryUsage().heapUsed + process.memoryUsage().external)
    }
    return used`
  const used = await evaluate(script, { data: { baseDir: runtime.baseDir } })
  assert.ok(used[2] - used[0] < 2 ** 20, `bytes in use after 20, 40 and 60 rounds: ${used}`)
})

test('watchers that nobody holds on to tell on through forced collections, and leave no memory', async (t) => {
  const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
  const script = `
    require('v8').setFlagsFromString('--expose-gc')
    const gc = require('vm').runInNewContext('gc')
    const { publish, withdraw } = require('./__test__/support/watch-publisher')
    const { baseDir } = data
    const round = async (at) => {
      const abort = new AbortController()
      const states = []
      const open = (index) => discovery
        .watchInstances({ baseDir, verify: index % 2 === 1, signal: abort.signal })
        .on('change', ({ instances }) => (states[index] = instances.length))
      for (let index = 0; index < 8; index++) open(index)
      discovery.watchInstances({ baseDir }).close()
      gc()
      const reach = async (length) => {
        // Those that ask find nobody at the port.
        const expected = Array.from({ length: 8 }, (_, index) => (index % 2 ? 0 : length)).join()
        while (states.join() !== expected) {
          await new Promise(setImmediate)
          gc()
        }
      }
      await reach(0)
      publish(baseDir, 'I' + at, { port: 1 })
      await reach(1)
      withdraw(baseDir, 'I' + at)
      await reach(0)
      abort.abort()
    }
    const used = []
    for (let i = 0; i < 30; i++) {
      await round(i)
      gc()
      if (i % 10 === 9) used.push(process.memoryUsage().heapUsed + process.memoryUsage().external)
    }
    return used`
  const used = await evaluate(script, { data: { baseDir: runtime.baseDir } })
  assert.ok(used[2] - used[0] < 2 ** 20, `bytes in use after 10, 20 and 30 rounds: ${used}`)
})
