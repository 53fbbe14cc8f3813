// Tests how the package is loaded: by CommonJS, by ES modules, in workers, and in processes that exit.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { pathToFileURL } = require('node:url')
const { Worker } = require('node:worker_threads')
const { PROJECT, evaluate, runFixture, runNode } = require('../support/run-node.js')
const { RUNNING_INSTANCE, runtimeDirectory } = require('../support/runtime-directory.js')

const FIXTURES = path.join(__dirname, '..', 'fixtures', 'api')
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
 * @param {string} fixture the app's only file
 */
function makeApp(t, fixture) {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const app = path.join(runtime.root, 'app')
  fs.mkdirSync(path.join(app, 'node_modules'), { recursive: true })
  fs.symlinkSync(PROJECT, path.join(app, 'node_modules', 'osaurus-discovery'), 'dir')
  fs.copyFileSync(path.join(FIXTURES, fixture), path.join(app, fixture))
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
  const { app, baseDir } = makeApp(t, 'commonjs-app.js')
  assertPrinted(await runNode(['commonjs-app.js', baseDir], { cwd: app }))
})

test('an ES module imports the functions by name', async (t) => {
  const { app, baseDir } = makeApp(t, 'named-imports.mjs')
  assertPrinted(await runNode(['named-imports.mjs', baseDir], { cwd: app }))
})

test('an ES module imports the package as default and as namespace', async (t) => {
  const { app, baseDir } = makeApp(t, 'whole-imports.mjs')
  assertPrinted(await runNode(['whole-imports.mjs', baseDir], { cwd: app }))
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

/** @param {string} baseDir */
function startWorker(baseDir) {
  return new Worker(path.join(FIXTURES, 'busy-worker.js'), { workerData: baseDir })
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
  // In a separate process: a failure would end the whole test process.
  const { before, after, answered } = await runFixture('api/terminated-workers.js', { data: runtime.baseDir })
  assert.equal(answered, 29)
  assert.equal(after, before, 'and leave no file open')
})

test('the main thread keeps working after a worker has ended', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const found = await runFixture('api/ended-workers.js', { data: runtime.baseDir })
  assert.deepEqual(found, [RUNNING_INSTANCE])
})

test('no file is loaded after require, because an app without free descriptors could not', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const loaded = await runFixture('api/every-call.js', { data: runtime.baseDir })
  assert.deepEqual(loaded, [true, []])
})
