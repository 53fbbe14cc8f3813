// Tests that a running Osaurus is never missed while files are replaced and directories come and go.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const {
  discoverLatestRunningInstance,
  discoverLatestRunningInstanceSync,
  listInstances,
  listInstancesSync,
} = require('../..')
const { startBackgroundWriter } = require('../support/background-writer.js')
const { RUNNING, RUNNING_INSTANCE, runtimeDirectory } = require('../support/runtime-directory.js')
const { IN_MEMORY } = require('../support/temporary-directory.js')

/** @param {import('osaurus-discovery').OsaurusInstance} instance */
function assertWhole(instance) {
  assert.equal(instance.instanceId, RUNNING.instanceId)
  assert.equal(instance.updatedAt, RUNNING_INSTANCE.updatedAt)
  assert.equal(instance.url, `http://127.0.0.1:${instance.port}`)
}

test('100,000 scans all find an instance whose file is replaced thousands of times', async (t) => {
  const runtime = runtimeDirectory(t)
  const options = { baseDir: runtime.baseDir }
  runtime.publish({ port: 1, url: 'http://127.0.0.1:1' })
  const writer = await startBackgroundWriter('replace', runtime.baseDir, t)
  const ports = new Set()
  let scans = 0
  // On a machine so busy that the writer hardly gets its turn, some more.
  while (scans < 100_000 || ports.size < 2000) {
    const promises = []
    for (let i = 0; i < 5; i++) {
      promises.push(discoverLatestRunningInstance(options), listInstances(options))
      const latest = discoverLatestRunningInstanceSync(options)
      const list = listInstancesSync(options)
      assertWhole(latest)
      assert.equal(list.length, 1)
      assertWhole(list[0])
      ports.add(latest.port).add(list[0].port)
      scans += 4
    }
    for (const found of await Promise.all(promises)) {
      assert.equal([found].flat().length, 1)
      for (const instance of [found].flat()) {
        assertWhole(instance)
        ports.add(instance.port)
      }
    }
  }
  const replaced = await writer.stop()
  t.diagnostic(`${scans} scans, ${replaced} replacements, ${ports.size} of them seen`)
  assert.ok(replaced >= ports.size - 1)
})

test('an instance is never missed while others come and go', async (t) => {
  const runtime = runtimeDirectory(t)
  const options = { baseDir: runtime.baseDir }
  runtime.publish()
  const churn = await startBackgroundWriter('churn', runtime.baseDir, t)
  let changes = 0
  let before = 0
  for (let scan = 0; scan < 4000 || changes < 500; scan++) {
    const list = scan % 2 ? listInstancesSync(options) : await listInstances(options)
    assert.deepEqual(list[0], RUNNING_INSTANCE, 'the newest')
    assert.equal(new Set(list.map(({ instanceId }) => instanceId)).size, list.length, 'each once')
    if (list.length !== before) changes++
    before = list.length
  }
  assert.ok((await churn.stop()) >= changes)
})

test('directories deleted between listing and reading are left out without an error', async (t) => {
  const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
  const options = { baseDir: runtime.baseDir }
  const count = 1000
  const ids = Array.from({ length: count }, (_, i) => `I${i}`)
  let partial = 0
  for (let round = 0; round < 100 && partial === 0; round++) {
    runtime.publish({ updatedAt: '2026-01-01T00:00:00Z' })
    for (const instanceId of ids) runtime.publish({ instanceId })
    // In the order of the disk, from its end: the scan on the pool's thread comes from its beginning.
    const onDisk = fs.readdirSync(runtime.baseDir).reverse()
    const scan = listInstances(options)
    for (const name of onDisk) {
      if (name === RUNNING.instanceId) continue
      fs.unlinkSync(runtime.file(name))
      fs.rmdirSync(runtime.dir(name))
    }
    const list = await scan
    assert.equal(list[0].instanceId, RUNNING.instanceId, 'the one that stayed')
    assert.deepEqual(await listInstances(options), [list[0]])
    if (list.length > 1 && list.length < count + 1) partial++
  }
  assert.ok(partial > 0, 'scan and deletion met at least once')
})

test('every scan sees one or the other version of a base directory that is being replaced', async (t) => {
  const runtime = runtimeDirectory(t)
  const { baseDir } = runtime
  runtime.publish({ port: 1 })
  const other = path.join(runtime.root, 'other')
  fs.cpSync(baseDir, other, { recursive: true })
  const link = path.join(runtime.root, 'link')
  fs.symlinkSync('runtime', link)
  const promises = []
  for (let round = 0; round < 500; round++) {
    promises.push(discoverLatestRunningInstance({ baseDir: link }))
    const next = path.join(runtime.root, 'next')
    fs.symlinkSync(round % 2 ? 'runtime' : 'other', next)
    fs.renameSync(next, link)
    if (round % 50 === 0) await promises.at(-1)
  }
  for (const { instanceId } of await Promise.all(promises)) assert.equal(instanceId, RUNNING.instanceId)
})

test('a base directory that is removed during a scan gives a result or OSAURUS_NOT_FOUND', async (t) => {
  const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
  const options = { baseDir: runtime.baseDir }
  const outcomes = new Set()
  for (let round = 0; round < 200; round++) {
    fs.mkdirSync(runtime.baseDir, { recursive: true })
    for (let i = 0; i < 5; i++) runtime.publish({ instanceId: `I${i}` })
    const promises = [discoverLatestRunningInstance(options), discoverLatestRunningInstance(options)]
    fs.rmSync(runtime.baseDir, { recursive: true })
    for (const outcome of await Promise.allSettled(promises)) {
      outcomes.add(outcome.status === 'fulfilled' ? 'found' : outcome.reason.code)
    }
  }
  for (const outcome of outcomes) assert.ok(['found', 'OSAURUS_NOT_FOUND'].includes(outcome), outcome)
})

test('a file that becomes a FIFO, a link and a directory between scans never hangs a scan', async (t) => {
  const runtime = runtimeDirectory(t)
  const options = { baseDir: runtime.baseDir }
  runtime.publish()
  runtime.makeDirectory('TURNING')
  const file = runtime.file('TURNING')
  runtime.fifo('PIPE')
  for (let round = 0; round < 300; round++) {
    const scans = [listInstances(options), listInstances(options), listInstances(options)]
    fs.rmSync(file, { recursive: true, force: true })
    if (round % 3 === 0) fs.mkdirSync(file)
    else if (round % 3 === 1) fs.symlinkSync('/dev/zero', file)
    else fs.linkSync(runtime.file('PIPE'), file)
    for (const list of await Promise.all(scans)) assert.deepEqual(list, [RUNNING_INSTANCE])
  }
})
