// Tests that a late watcher begins with the current state, whatever earlier watchers know.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { waitForRunningInstance } = require('../..')
const { startFakeOsaurus } = require('../../testing.js')
const { rejection } = require('../support/failure.js')
const { eventually } = require('../support/measure.js')
const { runFixture, unprivileged } = require('../support/run-node.js')
const {
  RUNNING,
  RUNNING_INSTANCE,
  osaurusText,
  runtimeDirectory,
} = require('../support/runtime-directory.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { stopAfter } = require('../support/verify-servers.js')
const { publish, withdraw } = require('../support/watch-publisher.js')
const { recordChanges } = require('../support/change-recorder.js')

const ID = RUNNING_INSTANCE.instanceId

test('an instance that was withdrawn a moment before is in no first state', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const old = recordChanges(t, { baseDir })
  await old.started()
  for (let round = 0; round < 20; round++) {
    publish(baseDir, ID)
    await old.until([ID])
    withdraw(baseDir, ID)
    // Within the same turn: the watcher that is there cannot have received it yet.
    const late = recordChanges(t, { baseDir })
    const waiting = rejection(waitForRunningInstance({ baseDir, timeoutMs: 0 }))
    await late.started()
    assert.deepEqual(late.changes[0].instances, [])
    assert.equal((await waiting).code, 'OSAURUS_TIMEOUT')
    await old.until([])
  }
})

test('an instance that was published a moment before is in the first state', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const old = recordChanges(t, { baseDir })
  await old.started()
  publish(baseDir, ID)
  const late = recordChanges(t, { baseDir })
  assert.equal((await waitForRunningInstance({ baseDir, timeoutMs: 0 })).instanceId, ID)
  await late.started()
  assert.deepEqual(late.changes[0].instances, [RUNNING_INSTANCE])
})

test('a verified server that hangs is busy for ten seconds for every watcher, then gone, and comes back to all', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir }))
  const ids = [fake.instance.instanceId]
  const options = { baseDir, verify: true, probeTimeoutMs: 500 }
  const old = recordChanges(t, options)
  await old.until(ids)
  fake.suspend()

  const late = recordChanges(t, options)
  await late.started()
  assert.deepEqual(late.ids, ids, 'it was verified and its connection stands, so it is busy')
  await late.until([])
  await old.until([])
  assert.deepEqual([late.watcher.reason, old.watcher.reason], Array(2).fill('OSAURUS_NOT_RESPONDING'))
  const error = await rejection(waitForRunningInstance({ ...options, timeoutMs: 1500 }))
  assert.equal(/** @type {any} */ (error.cause).code, 'OSAURUS_NOT_RESPONDING')

  fake.resume()
  await old.until(ids)
  await late.until(ids)
})

test('watchers opened one after the other while a server hangs all receive a first state', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir }))
  fake.suspend()
  const options = { baseDir, verify: true, probeTimeoutMs: 500 }
  const records = [recordChanges(t, options)]
  // Each comes while the one before is still being waited for, for longer than two probes.
  await eventually(() => {
    records.push(recordChanges(t, options))
    assert.ok(records.length > 300)
  })
  for (const record of records) await record.started()
  for (const record of records) assert.deepEqual(record.changes[0].instances, [])
})

test('a late watcher is warned of a directory that cannot be read, and receives its return', async (t) => {
  const root = temporaryDirectory(t)
  const options = unprivileged(root)
  fs.chmodSync(root, 0o777) // The directory has to be the other user's own.
  const reported = await runFixture('watch/late-warning.js', {
    ...options,
    data: { baseDir: path.join(root, 'runtime'), text: osaurusText(RUNNING) },
  })
  assert.deepEqual(reported, [1, 0, 'OSAURUS_ACCESS_DENIED', 'OSAURUS_ACCESS_DENIED', 1])
})
