// Tests that watchers leave nothing behind, however many there are and however they end.
'use strict'

const assert = require('node:assert/strict')
const path = require('node:path')
const test = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { eventually, openHandles } = require('../support/measure.js')
const { testOnLinux } = require('../support/on-linux.js')
const { PROJECT, evaluate, runNode } = require('../support/run-node.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const { silent } = require('../support/stub-servers.js')
const { stopAfter } = require('../support/verify-servers.js')
const { recordChanges } = require('../support/change-recorder.js')
const { publish } = require('../support/watch-publisher.js')

const INDEX = JSON.stringify(path.join(PROJECT, 'index.js'))

/** Threads of ours, and notify's. */
const ours = () => openHandles().threads.filter((name) => /osaurus|notify/.test(name))

testOnLinux(
  'there is one thread of ours and one of notify however many watch, and none after the last close',
  async (t) => {
    assert.deepEqual(ours(), [])
    const runtimes = Array.from({ length: 5 }, () => runtimeDirectory(t))
    const records = runtimes.flatMap(({ baseDir }) => [
      recordChanges(t, { baseDir }),
      recordChanges(t, { baseDir }),
    ])
    await Promise.all(records.map((record) => record.until([])))
    const threads = ours()
    assert.equal(threads.length, 2, `${threads}`)
    for (const { watcher } of records.slice(1)) watcher.close()
    publish(runtimes[0].baseDir, 'ONE')
    await records[0].until(['ONE'])
    records[0].watcher.close()
    await eventually(() => assert.deepEqual(ours(), []))
  },
)

/** Opens and closes watchers in a process of its own, and gives what it holds before and after. */
const OPEN_AND_CLOSE = `
  const { openHandles, eventually } = require('./__test__/support/measure')
  const { once } = require('node:events')
  const assert = require('node:assert/strict')
  const ours = () => openHandles().threads.filter((name) => /osaurus|notify/.test(name))
  const closed = () => eventually(() => assert.deepEqual(ours(), []))
  require('node:v8').setFlagsFromString('--expose-gc')
  const gc = require('node:vm').runInNewContext('gc')
  const memory = () => {
    gc()
    return process.memoryUsage().rss
  }
  const options = { baseDir: data.baseDir, verify: data.verify, probeTimeoutMs: 20000 }
  const round = async (at) => {
    const watchers = Array.from({ length: 20 }, () => discovery.watchInstances(options))
    // Some are closed before they have told anything, some after, some by their signal.
    if (at % 3) await once(watchers[0], 'change')
    for (const watcher of watchers) watcher.close()
    if (at % 5 === 0) await closed()
  }`

for (const verify of [false, true]) {
  testOnLinux(
    `1,000 watchers opened and closed leave everything as it was${verify ? ', verifying' : ''}`,
    async (t) => {
      const { baseDir } = await stopAfter(t, startFakeOsaurus())
      const { before, after, rss } = await evaluate(
        `${OPEN_AND_CLOSE}
       // The first hundreds warm up what stays: allocators, compiled code.
       for (let at = 0; at < 25; at++) await round(at)
       await closed()
       const before = openHandles().descriptors
       const warm = memory()
       for (let at = 0; at < 50; at++) await round(at)
       await closed()
       await eventually(() => assert.ok(openHandles().descriptors <= before))
       return { before, after: openHandles().descriptors, rss: memory() - warm }`,
        { data: { baseDir, verify } },
      )
      assert.ok(after <= before, `${before} descriptors before, ${after} after`)
      t.diagnostic(`${(rss / 1024).toFixed(0)} KiB more than after the first 500`)
      assert.ok(rss < 8 * 2 ** 20, `${rss} bytes more`)
    },
  )
}

const PROBE_TIMEOUT_MS = 60_000

/**
 * An entry of a server that hangs.
 * @param {string} baseDir
 * @param {number} port
 */
const publishSilent = (baseDir, port) => publish(baseDir, 'SILENT', { port, url: `http://127.0.0.1:${port}` })

/**
 * Ends workers that have watchers open, in one of many ways at one of many moments, and checks what is left. In a
 * process of its own, since one that crashes takes the test along.
 * @param {{ baseDir: string, workers: number, seed: number, verify: boolean, mainToo: boolean, hangs: boolean }} data
 */
const endWorkers = (data) =>
  evaluate(
    `const { Worker } = require('node:worker_threads')
     const { once } = require('node:events')
     const { openHandles, eventually } = require('./__test__/support/measure')
     const { publish } = require('./__test__/support/watch-publisher')
     const assert = require('node:assert/strict')
     const source = \`
       const { parentPort, workerData } = require('node:worker_threads')
       const { how, options } = workerData
       const { watchInstances, waitForRunningInstance } = require(${INDEX})
       const watchers = [watchInstances(options), watchInstances(options)]
       if (how === 'waiting') waitForRunningInstance({ baseDir: options.baseDir + '/none' })
       if (how === 'unref') watchers.forEach((watcher) => watcher.unref())
       watchers[0].on('change', () => {
         parentPort.postMessage('told')
         if (how === 'exit') process.exit()
         if (how === 'throw') throw new Error('mine')
         if (how === 'close') watchers.forEach((watcher) => watcher.close())
       })
       parentPort.postMessage('open')\`
     const options = { baseDir: data.baseDir, verify: data.verify, probeTimeoutMs: ${PROBE_TIMEOUT_MS} }
     const main = data.mainToo ? discovery.watchInstances(options) : undefined
     if (main) await once(main, 'change')
     await new Worker('', { eval: true }).terminate()
     const before = openHandles()
     let random = data.seed
     const next = (below) => (random = (random * 48271) % 2147483647) % below
     let longest = 0
     for (let round = 0; round < data.workers; round++) {
       // What hangs is not told, and so only the first two can come.
       const how = ['terminate', 'waiting', 'terminate', 'terminate', 'exit', 'throw', 'unref', 'close'][next(data.hangs ? 2 : 8)]
       const worker = new Worker(source, { eval: true, workerData: { how, options } })
       worker.on('error', () => {})
       const ended = new Promise((resolve) => worker.once('exit', resolve))
       await Promise.race([ended, new Promise((resolve) => worker.once('message', resolve))])
       // Between being opened and having told, or in the midst of an event.
       const moment = next(4)
       if (moment === 1) publish(data.baseDir, 'ROUND', { port: 1 + (round % 60000) })
       if (moment > 1) await new Promise((resolve) => setTimeout(resolve, moment))
       const began = performance.now()
       if (how === 'terminate' || how === 'waiting') await worker.terminate()
       await ended
       longest = Math.max(longest, performance.now() - began)
     }
     await eventually(() => assert.deepEqual(openHandles(), before))
     let told = 0
     if (main) {
       main.on('change', () => told++)
       publish(data.baseDir, 'LAST')
       if (!data.verify) await eventually(() => assert.ok(told > 0))
       main.close()
     }
     return longest`,
    { data },
  )

for (const [name, verify, mainToo, hangs] of /** @type {const} */ ([
  ['alone', false, false, false],
  ['beside watchers of the main thread', false, true, false],
  ['verifying, beside watchers of the main thread', true, true, false],
  ['verifying a server that hangs', true, false, true],
])) {
  testOnLinux(`250 workers end with watchers open, ${name}: at once, and nothing is left`, async (t) => {
    const { baseDir } = await stopAfter(t, startFakeOsaurus())
    if (hangs) publishSilent(baseDir, (await stopAfter(t, silent())).port)
    const seed = Number(process.env.SEED ?? 1 + Math.floor(Math.random() * 2147483646))
    t.diagnostic(`SEED=${seed}`)
    const longest = await endWorkers({ baseDir, workers: 250, seed, verify, mainToo, hangs })
    t.diagnostic(`the longest took ${longest.toFixed(0)} ms to end`)
    assert.ok(longest < PROBE_TIMEOUT_MS / 2, 'no end waited for a server that hangs')
  })
}

for (const [name, ending] of /** @type {const} */ ([
  ['process.exit()', 'process.exit(7)'],
  ['an uncaught exception', "throw new Error('of the app')"],
  ['process.reallyExit()', 'process.reallyExit(7)'],
  ['SIGTERM', "process.kill(process.pid, 'SIGTERM')"],
])) {
  test(`a process with open watchers ends by ${name} during events as it would without them`, async (t) => {
    const { baseDir } = await stopAfter(t, startFakeOsaurus())
    for (let round = 0; round < 5; round++) {
      const run = await runNode([
        '-e',
        `const { watchInstances } = require('.')
         const { publish } = require('./__test__/support/watch-publisher')
         const baseDir = process.argv[1]
         for (const verify of [false, true]) watchInstances({ baseDir, verify, probeTimeoutMs: 60000 })
         setTimeout(() => {
           publish(baseDir, 'LAST', { port: ${1000 + round} })
           ${ending}
         }, ${round * 20})`,
        baseDir,
      ])
      const expected = { 'process.exit()': 7, 'an uncaught exception': 1, 'process.reallyExit()': 7 }
      if (name in expected)
        assert.deepEqual(
          [run.code, run.signal],
          [expected[/** @type {keyof typeof expected} */ (name)], null],
        )
      else assert.equal(run.signal, 'SIGTERM')
      assert.doesNotMatch(run.stderr, /panicked|FATAL|Segmentation/)
    }
  })
}
