// Exercises the whole addon on this version of Node. Run by scripts/node-versions.js against a fake Osaurus.
'use strict'

const assert = require('assert')
const path = require('path')
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads')

const osaurus = require(path.join(__dirname, '..', '..', '..'))

const [baseDir, url] = isMainThread ? process.argv.slice(2) : workerData

async function discover() {
  const latest = await osaurus.discoverLatestRunningInstance({ baseDir })
  assert.strictEqual(latest.url, url)
  assert.deepStrictEqual(await osaurus.discoverLatestRunningInstance({ baseDir, verify: true }), latest)
  assert.deepStrictEqual(await osaurus.listInstances({ baseDir, verify: true }), [latest])
  assert.deepStrictEqual(osaurus.discoverLatestRunningInstanceSync({ baseDir }), latest)
  assert.deepStrictEqual(osaurus.listInstancesSync({ baseDir }), [latest])
  assert.deepStrictEqual(await osaurus.waitForRunningInstance({ baseDir, verify: true }), latest)
  const { entries } = await osaurus.inspectRuntime({ baseDir, verify: true })
  assert.strictEqual(entries[0].status, 'running')
  await osaurus.listInstances({ baseDir: 'relative' }).then(
    () => assert.fail('a relative directory was accepted'),
    (/** @type {NodeJS.ErrnoException} */ { code }) => assert.strictEqual(code, 'ERR_INVALID_ARG_VALUE'),
  )
  return latest
}

/** @param {object} latest */
async function watch(latest) {
  const watcher = osaurus.watchInstances({ baseDir, verify: true })
  const change = await new Promise((resolve) => watcher.once('change', resolve))
  assert.deepStrictEqual(change, {
    instances: [latest],
    added: [latest],
    updated: [],
    removed: [],
    reason: null,
  })
  assert.deepStrictEqual(watcher.latest, latest)
  await new Promise((resolve) => {
    watcher.once('close', () => resolve(undefined))
    watcher.close()
  })
}

/** Runs the same in a worker thread. */
function inWorker() {
  return new Promise((resolve, reject) => {
    const worker = new Worker(__filename, { workerData: [baseDir, url] })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`The worker ended with ${code}`)))
  })
}

async function main() {
  const latest = await discover()
  await watch(latest)
  if (parentPort) return parentPort.postMessage('good')
  assert.strictEqual(await inWorker(), 'good')
  console.log(`Node ${process.version}: list, latest, sync, verify, wait, inspect, watch, worker`)
}

main().catch((error) => {
  if (parentPort) throw error
  console.error(error)
  process.exit(1)
})
