// Tests that an AbortSignal ends a call at once and leaves nothing behind.
'use strict'

const assert = require('node:assert/strict')
const { getEventListeners, once } = require('node:events')
const test = require('node:test')
const discovery = require('../..')
const { rejection } = require('../support/failure.js')
const { runFixture } = require('../support/run-node.js')
const { RUNNING_INSTANCE, runtimeDirectory } = require('../support/runtime-directory.js')
const { IN_MEMORY } = require('../support/temporary-directory.js')

const CALLS = {
  discoverLatestRunningInstance: discovery.discoverLatestRunningInstance,
  listInstances: discovery.listInstances,
}

/**
 * @param {Error & { code?: string, cause?: unknown }} error
 * @param {unknown} reason
 */
function assertAborted(error, reason) {
  assert.equal(error.name, 'AbortError')
  assert.equal(error.code, 'ABORT_ERR')
  assert.equal(error.message, 'The operation was aborted')
  assert.equal(error.cause, reason)
  assert.equal(Object.keys(error).includes('cause'), false, 'as Node has it, not enumerable')
}

/**
 * A directory that takes long enough to read to be aborted meanwhile.
 * @param {import('node:test').TestContext} t
 */
function largeFolder(t) {
  const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
  for (let i = 0; i < 2000; i++) runtime.publish({ instanceId: `I${i}` })
  return runtime
}

/** @param {AbortSignal} signal */
const listeners = (signal) => getEventListeners(signal, 'abort').length

for (const [name, call] of Object.entries(CALLS)) {
  test(`${name} rejects for a signal that is already aborted`, async (t) => {
    const { baseDir } = runtimeDirectory(t)
    const signal = AbortSignal.abort()
    assertAborted(await rejection(call({ baseDir, signal })), signal.reason)
    assert.equal(listeners(signal), 0)
  })

  test(`${name} rejects with the reason of the signal as its cause`, async (t) => {
    const { baseDir } = runtimeDirectory(t)
    for (const reason of [new Error('mine'), 'a word', 0, null, { code: 1 }]) {
      assertAborted(await rejection(call({ baseDir, signal: AbortSignal.abort(reason) })), reason)
      const controller = new AbortController()
      const promise = call({ baseDir, signal: controller.signal })
      controller.abort(reason)
      assertAborted(await rejection(promise), reason)
    }
  })

  test(`${name} rejects when aborted during the call and leaves no listener on the signal`, async (t) => {
    const runtime = largeFolder(t)
    for (let round = 0; round < 20; round++) {
      const controller = new AbortController()
      const promise = call({ baseDir: runtime.baseDir, signal: controller.signal })
      assert.equal(listeners(controller.signal), 1)
      if (round > 0) await new Promise((resolve) => setTimeout(resolve, round % 3))
      controller.abort()
      const outcome = await promise.then(
        () => 'done before',
        (error) => error,
      )
      if (outcome !== 'done before') assertAborted(outcome, controller.signal.reason)
      else assert.notEqual(round, 0, 'aborted in the same turn it cannot be done')
      await new Promise(setImmediate)
      assert.equal(listeners(controller.signal), 0)
    }
  })

  test(`${name} stops scanning when aborted during the call`, async (t) => {
    const runtime = largeFolder(t)
    const { baseDir } = runtime
    const controller = new AbortController()
    // As many as Node's pool has threads, several times over, all ended before they begin.
    const promises = Array.from({ length: 200 }, () =>
      rejection(call({ baseDir, signal: controller.signal })),
    )
    controller.abort()
    for (const error of await Promise.all(promises)) assertAborted(error, controller.signal.reason)
    const turn = process.hrtime.bigint()
    await discovery.listInstances({ baseDir })
    const afterAborted = process.hrtime.bigint() - turn
    const again = process.hrtime.bigint()
    for (let i = 0; i < 20; i++) discovery.listInstancesSync({ baseDir })
    const twenty = process.hrtime.bigint() - again
    assert.ok(afterAborted < twenty, 'two hundred scans did not stand in its way, not even twenty')
  })

  test(`${name} accepts one signal for thousands of calls`, async (t) => {
    const runtime = runtimeDirectory(t)
    runtime.publish()
    const { baseDir } = runtime
    const { signal } = new AbortController()
    /** @type {Error[]} */
    const warnings = []
    const onWarning = (/** @type {Error} */ warning) => warnings.push(warning)
    process.on('warning', onWarning)
    t.after(() => process.off('warning', onWarning))
    for (let i = 0; i < 2000; i++)
      assert.deepEqual([await call({ baseDir, signal })].flat(), [RUNNING_INSTANCE])
    await new Promise(setImmediate)
    assert.equal(listeners(signal), 0)
    assert.deepEqual(warnings, [])
  })

  test(`${name} leaves no listener on the signal after another failure`, async (t) => {
    const { baseDir } = runtimeDirectory(t)
    const { signal } = new AbortController()
    await call({ baseDir: `${baseDir}/nowhere`, signal }).catch(() => undefined)
    await call(/** @type {any} */ ({ baseDir: 5, signal })).catch(() => undefined)
    await new Promise(setImmediate)
    assert.equal(listeners(signal), 0)
  })

  test(`${name} is not affected by a signal aborted after it has settled`, async (t) => {
    const runtime = runtimeDirectory(t)
    runtime.publish()
    const controller = new AbortController()
    const found = await call({ baseDir: runtime.baseDir, signal: controller.signal })
    controller.abort()
    assert.deepEqual([found].flat(), [RUNNING_INSTANCE])
  })
}

test('one signal ends every call it was passed to and no other', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const { baseDir } = runtime
  const controller = new AbortController()
  const other = new AbortController()
  const ended = Array.from({ length: 20 }, () =>
    discovery.listInstances({ baseDir, signal: controller.signal }),
  )
  const others = Array.from({ length: 20 }, () => discovery.listInstances({ baseDir, signal: other.signal }))
  controller.abort()
  for (const promise of ended) assertAborted(await rejection(promise), controller.signal.reason)
  for (const promise of others) assert.deepEqual(await promise, [RUNNING_INSTANCE])
})

test('a signal of many concurrent calls has one listener and causes no warning', async (t) => {
  const { baseDir } = largeFolder(t)
  const controller = new AbortController()
  const { signal } = controller
  const warnings = /** @type {Error[]} */ ([])
  const note = (/** @type {Error} */ warning) => warnings.push(warning)
  process.on('warning', note)
  t.after(() => process.off('warning', note))

  const calls = Array.from({ length: 20 }, () => rejection(discovery.listInstances({ baseDir, signal })))
  const waits = Array.from({ length: 20 }, () =>
    rejection(discovery.waitForRunningInstance({ baseDir: `${baseDir}-missing`, signal })),
  )
  const watchers = Array.from({ length: 20 }, () => discovery.watchInstances({ baseDir, signal }))
  t.after(() => watchers.forEach((watcher) => watcher.close()))
  const closed = watchers.map((watcher) => once(watcher, 'close'))
  await Promise.resolve()
  assert.equal(listeners(signal), 1)
  controller.abort()
  for (const error of await Promise.all([...calls, ...waits])) assert.equal(error.code, 'ABORT_ERR')
  await Promise.all(closed)
  assert.equal(listeners(signal), 0)
  assert.deepEqual(warnings, [])
})

test('AbortSignal.timeout() rejects with a TimeoutError as the cause', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const signal = AbortSignal.timeout(1)
  // Its timer does not hold the process, so something else has to.
  while (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5))
  const error = await rejection(discovery.listInstances({ baseDir, signal }))
  assertAborted(error, signal.reason)
  assert.equal(/** @type {Error} */ (error.cause).name, 'TimeoutError')
})

test('a call leaves the onabort handler of its signal alone', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const controller = new AbortController()
  let calls = 0
  const mine = () => calls++
  controller.signal.onabort = mine
  const promise = rejection(discovery.discoverLatestRunningInstance({ baseDir, signal: controller.signal }))
  assert.equal(controller.signal.onabort, mine)
  controller.abort()
  await promise
  assert.equal(calls, 1)
})

test('an object that works like an AbortSignal is accepted, since Electron 9 has no AbortSignal', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const { baseDir } = runtime
  class OldSignal extends EventTarget {
    aborted = false
  }
  const signal = /** @type {any} */ (new OldSignal())
  assert.deepEqual(await discovery.listInstances({ baseDir, signal }), [RUNNING_INSTANCE])
  const promise = rejection(discovery.listInstances({ baseDir, signal }))
  signal.aborted = true
  signal.dispatchEvent(new Event('abort'))
  assertAborted(await promise, undefined)
  assert.equal(listeners(signal), 0)
})

test('an aborted call causes no unhandled rejection', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const codes = await runFixture('api/aborted-calls.js', { data: baseDir })
  assert.deepEqual(codes, Array(100).fill('ABORT_ERR'))
})
