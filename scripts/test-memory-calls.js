// Calls the addon in every way with a garbage collection after each call. See test-memory.js.
//
//   node --expose-gc scripts/test-memory-calls.js ROUNDS
'use strict'

const { once } = require('node:events')
const path = require('node:path')
const { Worker } = require('node:worker_threads')

const discovery = require('..')
const { startFakeOsaurus } = require('../testing.js')

const rounds = Number(process.argv[2])
const { gc } = global
if (!gc) throw new Error('start node with --expose-gc')

/** Starts a worker that ends with calls in flight and watchers open. */
const WORKER = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { listInstances, watchInstances } = require(workerData.project)
  for (const verify of [false, true]) listInstances({ ...workerData.options, verify }).catch(() => {})
  watchInstances(workerData.options).once('change', () => parentPort.postMessage('reported'))`

/**
 * @param {import('osaurus-discovery/testing').FakeOsaurus} fake
 * @param {() => void} collect
 */
async function round(fake, collect) {
  const { baseDir } = fake
  // Long timeouts, because programs run slowly under valgrind.
  const verifying = { baseDir, verify: true, probeTimeoutMs: 60_000 }
  for (const options of [{ baseDir }, verifying]) {
    await Promise.all([
      discovery.listInstances(options),
      discovery.discoverLatestRunningInstance(options),
      discovery.inspectRuntime(options),
    ])
    collect()
    const abort = new AbortController()
    const aborted = discovery.listInstances({ ...options, signal: abort.signal }).catch(() => {})
    abort.abort()
    await aborted
    // These promises are dropped, so they are collected while the calls are in flight.
    discovery.listInstances(options)
    discovery.watchInstances(options).close()
    collect()
  }
  discovery.listInstancesSync({ baseDir })
  discovery.discoverLatestRunningInstanceSync({ baseDir })
  await discovery.discoverLatestRunningInstance({ baseDir: path.join(baseDir, 'none') }).catch(() => {})
  collect()

  const watchers = [{ baseDir }, verifying].map((options) => discovery.watchInstances(options))
  await Promise.all(watchers.map((watcher) => once(watcher, 'change')))
  const removed = once(watchers[1], 'change')
  await fake.crash()
  await removed
  collect()
  const added = once(watchers[1], 'change')
  await fake.relaunch()
  await added
  for (const watcher of watchers) watcher.close()
  collect()

  const workerData = { project: path.join(__dirname, '..'), options: verifying }
  const worker = new Worker(WORKER, { eval: true, workerData })
  await once(worker, 'message')
  await worker.terminate()
  collect()
}

async function main() {
  const fake = await startFakeOsaurus()
  try {
    for (let done = 0; done < rounds; done++) await round(fake, () => gc?.())
  } finally {
    await fake.stop()
  }
  console.log(`${rounds} rounds`)
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
