// Tests how the package is loaded: by CommonJS, by ES modules, in workers, and in processes that exit.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { pathToFileURL } = require('node:url')
const { Worker } = require('node:worker_threads')
const { PROJECT, evaluate, runNode } = require('../support/run-node.js')
const { RUNNING_INSTANCE, runtimeDirectory } = require('../support/runtime-directory.js')

const INDEX = JSON.stringify(path.join(PROJECT, 'index.js'))
const FUNCTIONS = [
  'discoverLatestRunningInstance',
  'discoverLatestRunningInstanceSync',
  'listInstances',
  'listInstancesSync',
]

/**
 * An app of its own that has the package in its node_modules.
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string>} files
 */
function makeApp(t, files) {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const app = path.join(runtime.root, 'app')
  fs.mkdirSync(path.join(app, 'node_modules'), { recursive: true })
  fs.symlinkSync(PROJECT, path.join(app, 'node_modules', 'osaurus-discovery'), 'dir')
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(app, name), content)
  return { app, baseDir: runtime.baseDir }
}

/**
 * @param {import('../support/run-node.js').Run} run
 */
function assertPrinted({ code, stdout, stderr }) {
  assert.equal(stderr, '')
  assert.equal(code, 0)
  assert.deepEqual(JSON.parse(stdout), Array(4).fill(RUNNING_INSTANCE))
}

test('a CommonJS app requires the package', async (t) => {
  const { app, baseDir } = makeApp(t, {
    'main.js': `
      const { ${FUNCTIONS.join(', ')} } = require('osaurus-discovery')
      const options = { baseDir: process.argv[2] }
      Promise.all([discoverLatestRunningInstance(options), listInstances(options)]).then(([latest, [first]]) => {
        const all = [latest, first, discoverLatestRunningInstanceSync(options), listInstancesSync(options)[0]]
        console.log(JSON.stringify(all))
      })`,
  })
  assertPrinted(await runNode(['main.js', baseDir], { cwd: app }))
})

test('an ES module imports the functions by name', async (t) => {
  const { app, baseDir } = makeApp(t, {
    'main.mjs': `
      import { ${FUNCTIONS.join(', ')} } from 'osaurus-discovery'
      const options = { baseDir: process.argv[2] }
      const latest = await discoverLatestRunningInstance(options)
      const [first] = await listInstances(options)
      const all = [latest, first, discoverLatestRunningInstanceSync(options), listInstancesSync(options)[0]]
      console.log(JSON.stringify(all))`,
  })
  assertPrinted(await runNode(['main.mjs', baseDir], { cwd: app }))
})

test('an ES module imports the package as default and as namespace', async (t) => {
  const { app, baseDir } = makeApp(t, {
    'main.mjs': `
      import discovery, * as namespace from 'osaurus-discovery'
      const options = { baseDir: process.argv[2] }
      console.log(JSON.stringify([
        await discovery.discoverLatestRunningInstance(options),
        await namespace.discoverLatestRunningInstance(options),
        discovery.listInstancesSync(options)[0],
        namespace.listInstancesSync(options)[0],
      ]))`,
  })
  assertPrinted(await runNode(['main.mjs', baseDir], { cwd: app }))
})

test('require and import give the same functions', async () => {
  const required = /** @type {Record<string, unknown>} */ (require('osaurus-discovery'))
  const imported = await import(pathToFileURL(path.join(PROJECT, 'index.js')).href)
  for (const name of FUNCTIONS) assert.equal(typeof required[name], 'function')
  for (const [name, value] of Object.entries(required)) assert.equal(imported[name], value, name)
})

test('the functions work without a this value', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  for (const name of FUNCTIONS) {
    const call = Reflect.get(require('../..'), name)
    assert.deepEqual([await call.call(undefined, { baseDir: runtime.baseDir })].flat(), [RUNNING_INSTANCE])
  }
})

test('the package works when it is loaded twice in one process, as test runners do', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const found = await evaluate(
    `const first = discovery
    for (const id of Object.keys(require.cache)) delete require.cache[id]
    const second = require(${INDEX})
    if (first === second) throw new Error('loaded once')
    return [...first.listInstancesSync(data), ...await second.listInstances(data), ...await first.listInstances(data)]`,
    { data: { baseDir: runtime.baseDir } },
  )
  assert.deepEqual(found, Array(3).fill(RUNNING_INSTANCE))
})

test('loading the package prints nothing and does not keep the process alive', async () => {
  const { code, stdout, stderr } = await runNode(['-e', `require(${INDEX})`])
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' })
})

test('calls that are not awaited do not delay others', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const { code, stdout, stderr } = await runNode([
    '-e',
    `const { listInstances } = require(${INDEX})
    for (let i = 0; i < 50; i++) listInstances({ baseDir: process.argv[1] })
    listInstances({ baseDir: process.argv[1] }).then((list) => console.log(list.length))`,
    runtime.baseDir,
  ])
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '1\n', stderr: '' })
})

test('process.exit() during a call ends the process with its code', async (t) => {
  const runtime = runtimeDirectory(t)
  for (let i = 0; i < 500; i++) runtime.publish({ instanceId: `I${i}` })
  for (let round = 0; round < 5; round++) {
    const { code, signal, stderr } = await runNode([
      '-e',
      `const { listInstances } = require(${INDEX})
      for (let i = 0; i < 50; i++) listInstances({ baseDir: process.argv[1] })
      setTimeout(() => process.exit(7), ${round})`,
      runtime.baseDir,
    ])
    assert.deepEqual({ code, signal, stderr }, { code: 7, signal: null, stderr: '' })
  }
})

/** A worker that calls all four functions in a loop, several at a time, and reports each round. */
const BUSY_WORKER = `
  const { parentPort, workerData } = require('worker_threads')
  const discovery = require(workerData.index)
  const options = { baseDir: workerData.baseDir }
  const ask = async () => {
    for (;;) {
      const [latest, list] = await Promise.all([
        discovery.discoverLatestRunningInstance(options),
        discovery.listInstances(options),
      ])
      discovery.discoverLatestRunningInstanceSync(options)
      discovery.listInstancesSync(options)
      parentPort.postMessage([latest.instanceId, list.length])
    }
  }
  for (let i = 0; i < 8; i++) ask()`

/** @param {string} baseDir */
function startWorker(baseDir) {
  return new Worker(BUSY_WORKER, {
    eval: true,
    workerData: { index: path.join(PROJECT, 'index.js'), baseDir },
  })
}

test('a worker gets the same results as the main thread', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const worker = startWorker(runtime.baseDir)
  const answer = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  await worker.terminate()
  assert.deepEqual(answer, [RUNNING_INSTANCE.instanceId, 1])
})

test('workers that are terminated during calls leave the process intact', async (t) => {
  const runtime = runtimeDirectory(t)
  for (let i = 0; i < 300; i++) runtime.publish({ instanceId: `I${i}` })
  // In a process of its own: what could go wrong would take the whole test process with it.
  const { before, after, answered } = await evaluate(
    `const { Worker } = require('worker_threads')
    const fs = require('fs')
    let answered = 0
    const round = async (wait) => {
      const worker = new Worker(data.source, { eval: true, workerData: data.workerData })
      const failed = new Promise((_, reject) => worker.once('error', reject))
      const answer = new Promise((resolve) => worker.once('message', resolve))
      const waited = new Promise((resolve) => setTimeout(resolve, wait))
      await Promise.race([wait === null ? answer : waited, failed])
      if (wait === null) answered++
      await worker.terminate()
    }
    await round(null)
    const before = fs.readdirSync('/dev/fd').length
    for (let i = 0; i < 40; i++) await round(i % 2 ? null : i)
    await Promise.all(Array.from({ length: 8 }, () => round(null)))
    const list = await discovery.listInstances({ baseDir: data.workerData.baseDir })
    if (list.length !== 300) throw new Error('the main thread finds ' + list.length)
    return { before, after: fs.readdirSync('/dev/fd').length, answered }`,
    {
      data: {
        source: BUSY_WORKER,
        workerData: { index: path.join(PROJECT, 'index.js'), baseDir: runtime.baseDir },
      },
    },
  )
  assert.equal(answered, 29)
  assert.equal(after, before, 'and leave no file open')
})

test('the main thread keeps working after a worker has ended', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const found = await evaluate(
    `const { Worker } = require('worker_threads')
    const source = 'require(require("worker_threads").workerData).listInstances()'
    for (let i = 0; i < 10; i++) {
      const worker = new Worker(source, { eval: true, workerData: ${INDEX} })
      await new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject))
    }
    return discovery.listInstances(data)`,
    { data: { baseDir: runtime.baseDir } },
  )
  assert.deepEqual(found, [RUNNING_INSTANCE])
})

test('no file is loaded after require, because an app without free descriptors could not', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const loaded = await evaluate(
    `const before = Object.keys(require.cache).length
     const options = { baseDir: data }
     discovery.listInstancesSync(options)
     discovery.endpointsOf(await discovery.discoverLatestRunningInstance(options))
     await discovery.inspectRuntime({ ...options, signal: new AbortController().signal })
     await discovery.listInstances({ ...options, verfiy: true }).catch(() => {})
     await discovery.waitForRunningInstance(options)
     const watcher = discovery.watchInstances(options)
     await new Promise((resolve) => watcher.once('change', resolve))
     watcher.close()
     return [before > 5, Object.keys(require.cache).slice(before)]`,
    { data: runtime.baseDir },
  )
  assert.deepEqual(loaded, [true, []])
})
