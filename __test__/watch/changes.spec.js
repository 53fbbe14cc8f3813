// Tests that a watcher reports every change, immediately and once.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const test = require('node:test')
const { listInstances } = require('../..')
const { eventually } = require('../support/measure.js')
const { evaluate } = require('../support/run-node.js')
const { RUNNING, RUNNING_INSTANCE, runtimeDirectory } = require('../support/runtime-directory.js')
const { recordChanges } = require('../support/change-recorder.js')
const { publish, withdraw } = require('../support/watch-publisher.js')

const ID = RUNNING.instanceId

test('the first change is the initial state', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  publish(baseDir, ID)
  const record = recordChanges(t, { baseDir })
  assert.deepEqual(record.watcher.instances, [], 'nothing is known when the call returns')
  await record.until([ID])
  assert.deepEqual(record.changes, [
    { instances: [RUNNING_INSTANCE], added: [RUNNING_INSTANCE], updated: [], removed: [], reason: null },
  ])
})

test('an empty initial state is reported too', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const record = recordChanges(t, { baseDir })
  await record.until([])
  assert.equal(record.watcher.latest, null)
})

test('a missing directory is an empty state', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  fs.rmdirSync(baseDir)
  const record = recordChanges(t, { baseDir })
  await record.until([])
  assert.deepEqual(record.warnings, [])
})

test('an instance that starts, changes and quits is added, updated and removed', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const record = recordChanges(t, { baseDir })
  await record.until([])
  publish(baseDir, ID)
  await record.until([ID])
  publish(baseDir, ID, { port: 4711, url: 'http://127.0.0.1:4711' })
  await eventually(() => assert.equal(record.state?.[0].port, 4711))
  publish(baseDir, ID, { health: 'restarting', port: undefined, address: undefined, url: undefined })
  await record.until([])
  publish(baseDir, ID)
  await record.until([ID])
  withdraw(baseDir, ID)
  await record.until([])
  await record.quiet()
  const reported = record.changes.map(({ added, updated, removed }) => [
    added.length,
    updated.length,
    removed.length,
  ])
  assert.deepEqual(reported, [
    [0, 0, 0],
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
    [1, 0, 0],
    [0, 0, 1],
  ])
})

test('the newest comes first, and one that becomes the newest is updated', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  publish(baseDir, 'A', { updatedAt: '2026-01-01T00:00:01Z' })
  publish(baseDir, 'B', { updatedAt: '2026-01-01T00:00:02Z' })
  const record = recordChanges(t, { baseDir })
  await record.until(['B', 'A'])
  assert.equal(record.watcher.latest?.instanceId, 'B')
  publish(baseDir, 'A', { updatedAt: '2026-01-01T00:00:03Z' })
  await record.until(['A', 'B'])
  assert.deepEqual(
    record.changes[1].updated.map(({ instanceId }) => instanceId),
    ['A'],
  )
})

test('a change of order alone is an update of the entry that moved', async (t) => {
  const runtime = runtimeDirectory(t)
  for (const [id, second] of /** @type {const} */ ([
    ['A', 1700000002],
    ['B', 1700000001],
  ])) {
    runtime.publish({ instanceId: id })
    runtime.touch(id, { file: second })
  }
  const record = recordChanges(t, { baseDir: runtime.baseDir })
  await record.until(['A', 'B'])
  runtime.touch('B', { file: 1700000003 })
  await record.until(['B', 'A'])
  const { added, updated, removed } = record.changes[1]
  assert.deepEqual([added, updated.map(({ instanceId }) => instanceId), removed], [[], ['B'], []])
})

test('a file written in place is read when it is complete', async (t) => {
  const runtime = runtimeDirectory(t)
  const record = recordChanges(t, { baseDir: runtime.baseDir })
  await record.until([])
  runtime.publish()
  await record.until([ID])
  runtime.publish({ port: 4711 })
  await eventually(() => assert.equal(record.state?.[0].port, 4711))
})

test('a burst gives few reports, and the last one is complete', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const record = recordChanges(t, { baseDir })
  await record.until([])
  // Another process, since this one cannot hear while it writes.
  await evaluate(
    `const { publish } = require('./__test__/support/watch-publisher')
     for (let i = 0; i < 100; i++) publish(data, 'BURST-' + i)`,
    { data: baseDir },
  )
  await eventually(() => assert.equal(record.state?.length, 100))
  await record.quiet()
  // Two, unless the machine is so busy that the other process pauses.
  const reports = record.changes.length - 1
  assert.ok(reports <= 10, `${record.changes.map(({ instances }) => instances.length)}`)
})

test('watchers with other options do not disturb each other', async (t) => {
  const one = runtimeDirectory(t)
  const two = runtimeDirectory(t)
  const records = [one, two, one, two].map(({ baseDir }) => recordChanges(t, { baseDir }))
  await Promise.all(records.map((record) => record.until([])))
  publish(one.baseDir, 'ONE')
  publish(two.baseDir, 'TWO')
  await Promise.all(records.map((record, index) => record.until([index % 2 ? 'TWO' : 'ONE'])))
  records[0].watcher.close()
  withdraw(one.baseDir, 'ONE')
  await records[2].until([])
  assert.deepEqual(records[0].ids, ['ONE'])
})

test('a change of the reason alone is a change', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const record = recordChanges(t, { baseDir })
  assert.equal(record.watcher.reason, null, 'before the first change')
  await record.until([])
  const starting = { health: 'starting', port: undefined, address: undefined, url: undefined }
  publish(baseDir, ID, starting)
  await eventually(() => assert.equal(record.watcher.reason, 'OSAURUS_STARTING'))
  publish(baseDir, ID)
  await eventually(() => assert.equal(record.watcher.reason, null))
  withdraw(baseDir, ID)
  await record.until([])
  fs.rmdirSync(baseDir)
  fs.writeFileSync(baseDir, 'a file')
  await eventually(() => assert.equal(record.watcher.reason, 'OSAURUS_IO'))
  await record.quiet()
  const reasons = record.changes.map(({ reason }) => reason)
  assert.deepEqual(reasons, [
    'OSAURUS_NOT_FOUND',
    'OSAURUS_STARTING',
    null,
    'OSAURUS_NOT_FOUND',
    'OSAURUS_IO',
  ])
  assert.deepEqual(
    record.warnings.map(({ code }) => code),
    ['OSAURUS_IO'],
  )
})

test('a late subscriber receives the current state immediately', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  publish(baseDir, ID)
  await recordChanges(t, { baseDir }).until([ID])
  const late = recordChanges(t, { baseDir })
  await late.until([ID])
  assert.deepEqual(late.changes[0].added, [RUNNING_INSTANCE])
})

test('the settled state equals listInstances()', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const record = recordChanges(t, { baseDir })
  for (let i = 0; i < 20; i++) {
    publish(baseDir, `I${i % 7}`, { port: 1000 + i, url: undefined })
    if (i % 3 === 0) withdraw(baseDir, `I${i % 7}`)
  }
  const listed = await listInstances({ baseDir })
  await eventually(() => assert.deepEqual(record.watcher.instances, listed))
})
