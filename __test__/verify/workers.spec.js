// Tests workers that end during a probe, at any moment and in any way.
'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { evaluate } = require('../support/run-node.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const { unresponsiveServers, publishPort, stopAfter } = require('../support/verify-servers.js')

const MEASURE = JSON.stringify(require.resolve('../support/measure'))

/**
 * Starts workers that verify, ends each in a random way at a random moment, and checks what is left.
 * In a process of its own, since one that crashes takes the test along.
 * @param {{ baseDir: string, workers: number, calls: number, seed: number }} data
 */
const endWorkers = (data) =>
  evaluate(
    `const { Worker } = require('node:worker_threads')
    const { eventually, openHandles } = require(${MEASURE})
    const assert = require('node:assert/strict')
    const source = \`
      const { parentPort, workerData } = require('node:worker_threads')
      const { index, calls, how, options } = workerData
      const discovery = require(index)
      const ask = [discovery.discoverLatestRunningInstance, discovery.listInstances, discovery.inspectRuntime]
      for (let i = 0; i < calls; i++) ask[i % 3](options).catch(() => {})
      parentPort.postMessage('asked')
      if (how === 'exit') setTimeout(() => process.exit(3), 2)
      if (how === 'throw') setTimeout(() => { throw new Error('mine') }, 2)
    \`
    const options = { baseDir: data.baseDir, verify: true, probeTimeoutMs: 60000 }
    const index = require.resolve(${JSON.stringify(require.resolve('../..'))})
    // Warm: Node's own pool and platform threads are there for good.
    await discovery.listInstances({ baseDir: data.baseDir })
    await new Worker('', { eval: true }).terminate()
    const before = openHandles()
    let random = data.seed
    const next = (below) => (random = (random * 48271) % 2147483647) % below
    let longest = 0
    for (let round = 0; round < data.workers; round++) {
      const how = ['terminate', 'terminate', 'terminate', 'exit', 'throw'][next(5)]
      const worker = new Worker(source, { eval: true, workerData: { index, calls: data.calls, how, options } })
      worker.on('error', () => {})
      const ended = new Promise((resolve) => worker.once('exit', resolve))
      await Promise.race([ended, new Promise((resolve) => worker.once('message', resolve))])
      const began = performance.now()
      if (how === 'terminate') {
        const moment = next(4)
        if (moment === 1) await new Promise(setImmediate)
        if (moment > 1) await new Promise((resolve) => setTimeout(resolve, moment * 2))
        await worker.terminate()
      }
      await ended
      longest = Math.max(longest, performance.now() - began)
    }
    await eventually(() => assert.deepEqual(openHandles(), before))
    return { longest, published: (await discovery.listInstances({ baseDir: data.baseDir })).length }`,
    { data },
  )

const seed = 1 + Math.floor(Math.random() * 2 ** 31 - 2)

// What a process holds can be counted on Linux alone.
if (process.platform === 'linux') {
  test(`workers that end during a probe end at once and leave no thread or socket (seed ${seed})`, async (t) => {
    const runtime = runtimeDirectory(t)
    for (const { port } of await unresponsiveServers(t, 10)) publishPort(runtime, port)
    const { baseDir } = runtime
    const { longest, published } = await endWorkers({ baseDir, workers: 40, calls: 6, seed })
    assert.ok(longest < 20_000, `${longest} ms, where the probes had 60000`)
    assert.equal(published, 10, 'the process works on')
  })

  test(`workers that end while answers arrive leave nothing behind (seed ${seed})`, async (t) => {
    const { baseDir } = await stopAfter(t, startFakeOsaurus())
    const { published } = await endWorkers({ baseDir, workers: 40, calls: 30, seed })
    assert.equal(published, 1)
  })
}
