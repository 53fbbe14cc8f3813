// Tests what a verifying watcher knows, at the moment of the call, of its connection to a server.
'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { InstanceWatcher } = require('../../lib/watcher.js')
const { recordChanges } = require('../support/change-recorder.js')
const { startFakeProcess } = require('../support/fake-process.js')
const { eventually } = require('../support/measure.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const stubServers = require('../support/stub-servers.js')
const { VERIFY, stopAfter } = require('../support/verify-servers.js')

/** @param {any} record @param {number} port */
function stateOf(record, port) {
  const held = InstanceWatcher.heldConnection(record.watcher, '127.0.0.1', port)
  return held > 0 ? 'open' : held === 0 ? 'closed' : 'unknown'
}

/** Keeps this thread busy, so that no event is delivered. @param {number} ms */
function block(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

test('the connection to a verified server is open until its process is killed, and closed before any event says so', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeProcess({ baseDir }))
  const port = Number(new URL(fake.url).port)
  const record = recordChanges(t, { baseDir, ...VERIFY })
  assert.equal(stateOf(record, port), 'unknown', 'nothing is verified when the call returns')
  await record.until([fake.instance.instanceId])
  await eventually(() => assert.equal(stateOf(record, port), 'open'))
  await fake.kill('SIGKILL')
  assert.notEqual(stateOf(record, port), 'open')
  block(100)
  assert.notEqual(stateOf(record, port), 'open', 'the watching thread has seen the end, this one has not')
  await record.until([])
  assert.equal(stateOf(record, port), 'unknown')
})

test('the connection is not open for another program that takes the port', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir }))
  const port = Number(new URL(fake.url).port)
  const record = recordChanges(t, { baseDir, ...VERIFY })
  await record.until([fake.instance.instanceId])
  await eventually(() => assert.equal(stateOf(record, port), 'open'))
  await fake.crash()
  const other = await stopAfter(t, stubServers.anotherServer({ port }))
  assert.notEqual(stateOf(record, port), 'open')
  await record.until([])
  await eventually(() => assert.ok(other.connections > 0))
  assert.notEqual(stateOf(record, port), 'open')
})

test('a connection keeps its number while it stands, and no other one has it', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir }))
  const port = Number(new URL(fake.url).port)
  const record = recordChanges(t, { baseDir, ...VERIFY })
  const held = (host = '127.0.0.1') =>
    InstanceWatcher.heldConnection(/** @type {any} */ (record.watcher), host, port)
  assert.equal(held(), -1)
  await record.until([fake.instance.instanceId])
  await eventually(() => assert.ok(held() > 0))
  const first = held()
  await record.quiet()
  assert.equal(held(), first)
  assert.deepEqual([held('::1'), held('localhost')], [-1, -1], 'another address')
  await fake.crash()
  assert.ok(held() <= 0)
  await record.until([])
  await stopAfter(t, startFakeOsaurus({ port }))
  await record.until([fake.instance.instanceId])
  await eventually(() => assert.ok(held() > 0))
  assert.notEqual(held(), first)
})

test('no connection is known without verify, or once the watcher is closed', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir }))
  const port = Number(new URL(fake.url).port)
  const record = recordChanges(t, { baseDir })
  await record.until([fake.instance.instanceId])
  assert.equal(stateOf(record, port), 'unknown')
  const verifying = recordChanges(t, { baseDir, ...VERIFY })
  await verifying.until([fake.instance.instanceId])
  await eventually(() => assert.equal(stateOf(verifying, port), 'open'))
  verifying.watcher.close()
  assert.equal(stateOf(verifying, port), 'unknown')
})
