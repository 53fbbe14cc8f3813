// Tests that a watcher reports every change, immediately and once.
'use strict'

const assert = require('node:assert/strict')
const { on, once } = require('node:events')
const fs = require('node:fs')
const test = require('node:test')
const { listInstances, watchInstances } = require('../..')
const { eventually } = require('../support/measure.js')
const { evaluate, runFixture, runNode } = require('../support/run-node.js')
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
  const told = record.changes.map(({ added, updated, removed }) => [
    added.length,
    updated.length,
    removed.length,
  ])
  assert.deepEqual(told, [
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

test('changes that an app makes to its objects do not affect others', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  publish(baseDir, ID)
  const watcher = watchInstances({ baseDir })
  t.after(() => watcher.close())
  const [change] = await once(watcher, 'change')
  change.instances[0].port = 1
  change.instances.pop()
  watcher.instances[0].url = 'spoiled'
  watcher.instances.pop()
  Object.assign(watcher.latest ?? {}, { address: 'spoiled' })
  assert.deepEqual(watcher.instances, [RUNNING_INSTANCE])
  assert.deepEqual(watcher.latest, RUNNING_INSTANCE)
})

test('for await over changes ends when the watcher is closed', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const watcher = watchInstances({ baseDir })
  t.after(() => watcher.close())
  const seen = []
  for await (const [change] of on(watcher, 'change', { close: ['close'] })) {
    seen.push(change.instances.length)
    if (seen.length === 1) publish(baseDir, ID)
    if (seen.length === 2) watcher.close()
  }
  assert.deepEqual(seen, [0, 1])
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

test('invalid options throw synchronously, as in Node', () => {
  const cases = /** @type {[any, string, RegExp][]} */ ([
    [null, 'ERR_INVALID_ARG_TYPE', /"options" argument/],
    [{ baseDir: 'relative' }, 'ERR_INVALID_ARG_VALUE', /options\.baseDir/],
    [{ persistent: 1 }, 'ERR_INVALID_ARG_TYPE', /"options\.persistent" property must be of type boolean/],
    [{ probeTimeoutMs: 0 }, 'ERR_OUT_OF_RANGE', /options\.probeTimeoutMs/],
    [{ timeoutMs: 5 }, 'ERR_INVALID_ARG_VALUE', /options\.timeoutMs' is not a known option\./],
    [{ signal: {} }, 'ERR_INVALID_ARG_TYPE', /options\.signal/],
  ])
  for (const [options, code, message] of cases) {
    assert.throws(() => watchInstances(options), { code, message })
  }
})

test('a listener that throws is an uncaught exception of the app and loses no event', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const told = await runFixture('watch/throwing-listener.js', { data: baseDir })
  assert.deepEqual(told, {
    seen: [0, 1, 2],
    caught: ['of the app, 0', 'of the app, 1', 'of the app, 2'],
    known: 2,
  })
})

test('an open watcher keeps the process alive, and an unref()ed one does not', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const script = (/** @type {string} */ options, /** @type {string} */ more) => `
    const watcher = require('.').watchInstances({ baseDir: ${JSON.stringify(baseDir)}, ${options} })
    ${more}
    process.on('exit', () => console.log('exit'))
    setTimeout(() => { console.log('open'); watcher.close() }, 300).unref()`
  const cases = [
    ['by default', '', '', 'open\nexit\n'],
    ['persistent', 'persistent: true', '', 'open\nexit\n'],
    ['not persistent', 'persistent: false', '', 'exit\n'],
    ['unref()ed', '', 'watcher.unref()', 'exit\n'],
    ['ref()ed again', 'persistent: false', 'watcher.ref().unref().ref()', 'open\nexit\n'],
    ['closed', '', 'watcher.close()', 'exit\n'],
  ]
  for (const [name, options, more, stdout] of cases) {
    const run = await runNode(['-e', script(options, more)])
    assert.deepEqual([run.stdout, run.stderr, run.code], [stdout, '', 0], name)
  }
})

test('a warning without a listener goes to the process', async (t) => {
  const runtime = runtimeDirectory(t)
  fs.rmdirSync(runtime.baseDir)
  fs.writeFileSync(runtime.baseDir, 'a file')
  const warning = await evaluate(
    `const watcher = discovery.watchInstances({ baseDir: data })
     const warning = await new Promise((resolve) => process.once('warning', resolve))
     watcher.close()
     return { name: warning.name, code: warning.code, message: warning.message }`,
    { data: runtime.baseDir, env: { ...process.env, NODE_NO_WARNINGS: '1' } },
  )
  assert.equal(warning.name, 'OsaurusWarning')
  assert.equal(warning.code, 'OSAURUS_IO')
  assert.match(warning.message, /^Osaurus folder cannot be read: .* is not a directory/)
})

test('a busy app receives the newest state when it has time', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const record = recordChanges(t, { baseDir })
  await record.until([])
  for (let round = 0; round < 3; round++) {
    publish(baseDir, `ROUND-${round}`)
    const busyUntil = performance.now() + 150
    while (performance.now() < busyUntil);
  }
  await record.until(['ROUND-2', 'ROUND-1', 'ROUND-0'])
  assert.equal(record.changes.length, 2)
})
