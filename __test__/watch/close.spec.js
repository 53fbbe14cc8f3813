// Tests that a watcher ends when it is closed, and leaves nothing behind.
'use strict'

const assert = require('node:assert/strict')
const { getEventListeners, once } = require('node:events')
const test = require('node:test')
const { setTimeout: delay } = require('node:timers/promises')
const { watchInstances } = require('../..')
const { eventually } = require('../support/measure.js')
const { RUNNING, runtimeDirectory } = require('../support/runtime-directory.js')
const { publish, withdraw } = require('../support/watch-publisher.js')
const { QUIET_MS, recordChanges } = require('../support/change-recorder.js')

const ID = RUNNING.instanceId

test('a closed watcher emits only close, asynchronously and once', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const record = recordChanges(t, { baseDir })
  await record.until([])
  publish(baseDir, ID)
  record.watcher.close()
  record.watcher.close()
  assert.equal(record.closed, 0, 'not during the call')
  await eventually(() => assert.equal(record.closed, 1))
  await delay(QUIET_MS)
  record.watcher.close()
  await delay(0)
  assert.equal(record.closed, 1)
  assert.deepEqual(
    record.ids,
    [],
    'what happened before the close and was not reported by then is not reported',
  )
  assert.deepEqual(record.watcher.instances, [])
})

test('a watcher closed before its first change emits none', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  publish(baseDir, ID)
  const record = recordChanges(t, { baseDir })
  record.watcher.close()
  await delay(QUIET_MS)
  assert.deepEqual([record.changes, record.closed], [[], 1])
})

test('a listener may close the watcher and open another one', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  publish(baseDir, ID)
  const first = watchInstances({ baseDir })
  let received = 0
  const second = await new Promise((resolve) => {
    first.on('change', () => {
      received++
      first.close()
      resolve(recordChanges(t, { baseDir }))
    })
  })
  await second.until([ID])
  withdraw(baseDir, ID)
  await second.until([])
  assert.equal(received, 1)
})

test('Symbol.dispose closes a watcher if the runtime has the symbol', async (t) => {
  assert.equal(typeof Symbol.dispose, 'symbol', 'Node 20 has the symbol')
  const { baseDir } = runtimeDirectory(t)
  const watcher = watchInstances({ baseDir })
  watcher[Symbol.dispose]()
  await once(watcher, 'close')
})

test('a signal closes a watcher and keeps no listener', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const { signal, abort } = controller()
  const record = recordChanges(t, { baseDir, signal })
  await record.until([])
  assert.equal(getEventListeners(signal, 'abort').length, 1)
  abort()
  await eventually(() => assert.equal(record.closed, 1))
  assert.equal(getEventListeners(signal, 'abort').length, 0)

  const other = controller()
  const closed = recordChanges(t, { baseDir, signal: other.signal })
  closed.watcher.close()
  await eventually(() => assert.equal(closed.closed, 1))
  assert.equal(getEventListeners(other.signal, 'abort').length, 0)
})

test('a closed watcher removes its abort listener even after removeAllListeners()', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const { signal } = controller()
  const watcher = watchInstances({ baseDir, signal })
  watcher.removeAllListeners()
  watcher.close()
  assert.equal(getEventListeners(signal, 'abort').length, 0)
})

function controller() {
  const abortController = new AbortController()
  return { signal: abortController.signal, abort: () => abortController.abort() }
}

test('a watcher with an aborted signal starts closed', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  publish(baseDir, ID)
  const record = recordChanges(t, { baseDir, signal: AbortSignal.abort() })
  await eventually(() => assert.equal(record.closed, 1))
  await delay(QUIET_MS)
  assert.deepEqual(record.changes, [])
})
