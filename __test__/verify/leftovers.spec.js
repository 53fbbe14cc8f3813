// Tests that verify tells stale entries of crashes from live servers.
'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { setTimeout: delay } = require('node:timers/promises')
const { discoverLatestRunningInstance, inspectRuntime, listInstances } = require('../..')
const { startFakeOsaurus } = require('../../testing.js')
const { rejection } = require('../support/failure.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const { osaurus } = require('../support/stub-servers.js')
const {
  VERIFY,
  publishPort,
  refusedPort,
  refusedPorts,
  publishedAt,
  stopAfter,
} = require('../support/verify-servers.js')

/**
 * Crashes it and launches it again, as quickly as the times of files tell apart: they are as coarse as the clock of
 * the system's scheduler, while updatedAt, in whole seconds, will be the same.
 * @param {import('../../testing.js').FakeOsaurus} fake
 */
async function crashAndRelaunch(fake) {
  await fake.crash()
  await delay(20)
  await fake.relaunch()
}

/** @param {import('../..').EntryReport[]} entries */
const summary = (entries) =>
  entries.map((entry) => {
    const instanceId = entry.status === 'ignored' ? entry.instance?.instanceId : undefined
    return entry.status === 'ignored' ? `${instanceId} ${entry.reason}` : entry.status
  })

test('a server that crashed and was launched again on its port is one server, probed once', async (t) => {
  const fake = await stopAfter(t, startFakeOsaurus())
  const { baseDir } = fake
  const crashed = fake.instance
  await crashAndRelaunch(fake)
  assert.notEqual(fake.instance.instanceId, crashed.instanceId)
  assert.equal(fake.instance.port, crashed.port)
  assert.equal((await listInstances({ baseDir })).length, 2, 'the files alone cannot tell')

  assert.deepEqual(await listInstances({ baseDir, ...VERIFY }), [fake.instance])
  assert.equal(fake.connections, 1)
  assert.deepEqual(await discoverLatestRunningInstance({ baseDir, ...VERIFY }), fake.instance)
  assert.equal(fake.connections, 2)

  const { entries } = await inspectRuntime({ baseDir, ...VERIFY })
  assert.deepEqual(summary(entries), ['running', `${crashed.instanceId} duplicate-port`])
  assert.ok(entries[1].status === 'ignored')
  assert.equal(entries[1].detail, `a newer entry leads to the same port, ${crashed.port}`)
  assert.deepEqual(entries[1].instance, crashed)
  assert.equal(entries[1].probe, undefined)
  const asked = fake.requests.map(({ url }) => url)
  assert.deepEqual(asked, ['/', '/', '/', '/v1/models'], 'the port of two entries is probed once per call')
})

test('many crashes on one port leave one server', async (t) => {
  const fake = await stopAfter(t, startFakeOsaurus())
  for (let crash = 0; crash < 10; crash++) await crashAndRelaunch(fake)
  const { baseDir } = fake
  assert.equal((await listInstances({ baseDir })).length, 11)
  assert.deepEqual(await listInstances({ baseDir, ...VERIFY }), [fake.instance])
  assert.equal(fake.connections, 1)
})

test('addresses of both families on one port are one server', async (t) => {
  const runtime = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus())
  const { port } = fake.instance
  const other = await stopAfter(t, osaurus({ host: '::1', port }))
  publishPort(runtime, port, { instanceId: 'NEWER', updatedAt: publishedAt(1) })
  publishPort(runtime, port, {
    instanceId: 'OLDER',
    updatedAt: publishedAt(0),
    address: '::1',
    url: undefined,
  })
  const found = await listInstances({ baseDir: runtime.baseDir, ...VERIFY })
  assert.deepEqual(
    found.map(({ instanceId }) => instanceId),
    ['NEWER'],
  )
  assert.equal(fake.connections, 1)
  assert.equal(other.connections, 0)
})

for (const { what, updatedAt } of [
  { what: 'newer than the live one', updatedAt: publishedAt(60) },
  { what: 'dated in the future', updatedAt: '2999-12-31T23:59:59Z' },
]) {
  test(`a stale entry ${what} does not hide the live server`, async (t) => {
    const runtime = runtimeDirectory(t)
    const { baseDir } = runtime
    const fake = await stopAfter(t, startFakeOsaurus())
    publishPort(runtime, fake.instance.port, { instanceId: 'LIVES', updatedAt: publishedAt(0) })
    publishPort(runtime, await refusedPort(), { instanceId: 'LEFT', updatedAt })
    assert.equal(
      (await discoverLatestRunningInstance({ baseDir })).instanceId,
      'LEFT',
      'the files alone cannot tell',
    )
    assert.equal((await discoverLatestRunningInstance({ baseDir, ...VERIFY })).instanceId, 'LIVES')
    const found = await listInstances({ baseDir, ...VERIFY })
    assert.deepEqual(
      found.map(({ instanceId }) => instanceId),
      ['LIVES'],
    )
  })
}

test('a stale entry without a time in a directory that was just touched does not hide the live server', async (t) => {
  const runtime = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus())
  publishPort(runtime, fake.instance.port, { instanceId: 'LIVES', updatedAt: publishedAt(0) })
  publishPort(runtime, await refusedPort(), { instanceId: 'LEFT', updatedAt: undefined })
  const found = await discoverLatestRunningInstance({ baseDir: runtime.baseDir, ...VERIFY })
  assert.equal(found.instanceId, 'LIVES')
})

for (const health of /** @type {const} */ (['starting', 'restarting'])) {
  test(`a server that is ${health} is reported next to stale entries`, async (t) => {
    const runtime = runtimeDirectory(t)
    const { baseDir } = runtime
    for (const port of await refusedPorts(3)) publishPort(runtime, port, { updatedAt: publishedAt(port) })
    const fake = await stopAfter(t, startFakeOsaurus({ baseDir, health: 'starting' }))
    if (health === 'restarting') {
      await fake.setHealth('running')
      assert.deepEqual(await discoverLatestRunningInstance({ baseDir, ...VERIFY }), fake.instance)
      await fake.setHealth('restarting')
    }

    const { code, message } = await rejection(discoverLatestRunningInstance({ baseDir, ...VERIFY }))
    assert.equal(code, 'OSAURUS_STARTING')
    assert.match(message, /^Osaurus is starting: /)
    assert.ok(message.includes(`${baseDir}/${fake.instance.instanceId}`), 'it says where that was seen')
    assert.match(message, /try again/, 'and what to do next')
    assert.deepEqual(await listInstances({ baseDir, ...VERIFY }), [])

    await fake.setHealth('running')
    assert.deepEqual(await discoverLatestRunningInstance({ baseDir, ...VERIFY }), fake.instance)
  })
}

test('a live server is found next to one that is starting', async (t) => {
  const runtime = runtimeDirectory(t)
  const { baseDir } = runtime
  const lives = await stopAfter(t, startFakeOsaurus({ baseDir }))
  await stopAfter(t, startFakeOsaurus({ baseDir, health: 'starting' }))
  assert.deepEqual(await discoverLatestRunningInstance({ baseDir, ...VERIFY }), lives.instance)
})

test('the newer of two entries with one id counts, and only it is probed', async (t) => {
  const runtime = runtimeDirectory(t)
  const { baseDir } = runtime
  const [older, newer] = await Promise.all([1, 2].map(() => stopAfter(t, startFakeOsaurus())))
  const instanceId = 'TWICE'
  publishPort(runtime, older.instance.port, { instanceId, updatedAt: publishedAt(0) }, 'A')
  publishPort(runtime, newer.instance.port, { instanceId, updatedAt: publishedAt(1) }, 'B')
  const found = await listInstances({ baseDir, ...VERIFY })
  assert.deepEqual(
    found.map(({ port }) => port),
    [newer.instance.port],
  )
  assert.equal(older.connections, 0)
  const { entries } = await inspectRuntime({ baseDir, ...VERIFY })
  assert.deepEqual(summary(entries), ['running', 'TWICE duplicate-id'])
  assert.ok(entries[1].status === 'ignored')
  assert.equal(entries[1].detail, 'a newer entry has the same instanceId, TWICE')
  assert.equal(entries[1].path, runtime.dir('A'))
})

test('entries that are both duplicates by id and by port report the id', async (t) => {
  const runtime = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus())
  const { port } = fake.instance
  publishPort(runtime, port, { instanceId: 'SAME', updatedAt: publishedAt(2) }, 'NEWEST')
  publishPort(runtime, port, { instanceId: 'SAME', updatedAt: publishedAt(1) }, 'ID')
  publishPort(runtime, port, { instanceId: 'OTHER', updatedAt: publishedAt(0) }, 'PORT')
  const { entries } = await inspectRuntime({ baseDir: runtime.baseDir, ...VERIFY })
  assert.deepEqual(summary(entries), ['running', 'SAME duplicate-id', 'OTHER duplicate-port'])
  assert.deepEqual(
    fake.requests.map(({ url }) => url),
    ['/', '/v1/models'],
  )
})

test('the only live server is found among a hundred newer entries', async (t) => {
  const runtime = runtimeDirectory(t)
  const { baseDir } = runtime
  const fake = await stopAfter(t, startFakeOsaurus())
  publishPort(runtime, fake.instance.port, { instanceId: 'LIVES', updatedAt: publishedAt(0) })
  const ports = await refusedPorts(99)
  ports.forEach((port, index) => publishPort(runtime, port, { updatedAt: publishedAt(index + 1) }))
  assert.equal((await discoverLatestRunningInstance({ baseDir, ...VERIFY })).instanceId, 'LIVES')
  assert.equal((await listInstances({ baseDir, ...VERIFY })).length, 1)
  assert.equal(fake.connections, 2)
  const { entries } = await inspectRuntime({ baseDir, ...VERIFY })
  assert.equal(entries.filter(({ status }) => status === 'ignored').length, 99)
})
