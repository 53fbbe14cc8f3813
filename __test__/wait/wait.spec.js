// Tests when waitForRunningInstance() settles, and that it leaves nothing behind.
'use strict'

const assert = require('node:assert/strict')
const { getEventListeners } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { setTimeout: delay } = require('node:timers/promises')
const { discoverLatestRunningInstance, listInstances, waitForRunningInstance } = require('../..')
const { startFakeOsaurus } = require('../../testing.js')
const { rejection } = require('../support/failure.js')
const { eventually, openHandles, timed } = require('../support/measure.js')
const { testOnLinux } = require('../support/on-linux.js')
const { evaluate, unprivileged } = require('../support/run-node.js')
const { RUNNING_INSTANCE, runtimeDirectory } = require('../support/runtime-directory.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const stubServers = require('../support/stub-servers.js')
const {
  VERIFY,
  unresponsiveServers,
  publishPort,
  refusedPort,
  stopAfter,
} = require('../support/verify-servers.js')
const { publish } = require('../support/watch-publisher.js')

const ID = RUNNING_INSTANCE.instanceId

/** The rejection of a wait of 50 ms. @param {import('../..').WaitOptions} options */
const givenUp = (options) => rejection(waitForRunningInstance({ timeoutMs: 50, ...options }))

test('waiting resolves at once with the newest running instance', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  publish(baseDir, 'OLDER', { updatedAt: '2025-01-01T00:00:00Z' })
  publish(baseDir, ID)
  for (const timeoutMs of [undefined, 0, 1, 0.5, 2 ** 31 - 1, Infinity])
    assert.deepEqual(await waitForRunningInstance({ baseDir, timeoutMs }), RUNNING_INSTANCE)
})

test('waiting resolves as soon as an instance is running', async (t) => {
  const root = temporaryDirectory(t)
  const baseDir = path.join(root, 'not', 'there', 'yet')
  const waiting = waitForRunningInstance({ baseDir })
  await delay(100)
  publish(baseDir, ID, { health: 'starting', port: undefined, address: undefined })
  await delay(100)
  publish(baseDir, ID)
  assert.deepEqual(await waiting, RUNNING_INSTANCE)
})

test('waiting with verify resolves with an instance that answers', async (t) => {
  const runtime = runtimeDirectory(t)
  publishPort(runtime, await refusedPort())
  const waiting = waitForRunningInstance({ baseDir: runtime.baseDir, ...VERIFY })
  await delay(100)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir: runtime.baseDir, health: 'starting' }))
  await delay(100)
  await fake.setHealth('running')
  assert.deepEqual(await waiting, fake.instance)
})

test('waiting with verify finds a server that comes back behind an old file', async (t) => {
  const runtime = runtimeDirectory(t)
  const port = await refusedPort()
  publishPort(runtime, port)
  const waiting = waitForRunningInstance({ baseDir: runtime.baseDir, ...VERIFY })
  await delay(300)
  await stopAfter(t, startFakeOsaurus({ port }))
  assert.equal((await waiting).instanceId, `AT-${port}`)
})

test('the timeout error contains the error that discovery rejects with', async (t) => {
  const refused = await refusedPort()
  const file = path.join(temporaryDirectory(t), 'file')
  fs.writeFileSync(file, '')
  const starting = runtimeDirectory(t)
  starting.publishStarting()
  const leftover = runtimeDirectory(t)
  publishPort(leftover, refused)
  const odd = runtimeDirectory(t)
  odd.makeDirectory('EMPTY')
  /** @type {[string, import('../..').WaitOptions][]} */
  const cases = [
    ['OSAURUS_NOT_FOUND', { baseDir: path.join(temporaryDirectory(t), 'missing') }],
    ['OSAURUS_NOT_FOUND', { baseDir: runtimeDirectory(t).baseDir }],
    ['OSAURUS_NOT_FOUND', { baseDir: odd.baseDir }],
    ['OSAURUS_STARTING', { baseDir: starting.baseDir }],
    ['OSAURUS_NOT_RESPONDING', { baseDir: leftover.baseDir, verify: true }],
    ['OSAURUS_IO', { baseDir: file }],
  ]
  for (const [code, options] of cases) {
    const error = await givenUp(options)
    const seen = await rejection(discoverLatestRunningInstance(options))
    assert.equal(error.code, 'OSAURUS_TIMEOUT')
    assert.equal(error.message, `Gave up waiting for Osaurus after 50 ms. ${seen.message}`)
    assert.equal(/** @type {any} */ (error.cause).code, code)
    assert.equal(/** @type {any} */ (error.cause).message, seen.message)
    assert.equal(Object.keys(error).includes('cause'), false)
  }
})

test('the timeout error names a directory that cannot be read', async (t) => {
  const runtime = runtimeDirectory(t)
  publish(runtime.baseDir, ID)
  runtime.restrict(runtime.baseDir, 0o000)
  const reported = await evaluate(
    `const error = await discovery.waitForRunningInstance({ ...data, timeoutMs: 50 }).catch((error) => error)
     return { code: error.code, message: error.message, cause: error.cause.code }`,
    { data: { baseDir: runtime.baseDir }, ...unprivileged(runtime.root) },
  )
  assert.equal(reported.code, 'OSAURUS_TIMEOUT')
  assert.equal(reported.cause, 'OSAURUS_ACCESS_DENIED')
  assert.match(reported.message, /^Gave up waiting .* Osaurus folder cannot be read: .*[Pp]ermission denied/)
})

test('a directory that becomes readable ends the wait', async (t) => {
  const runtime = runtimeDirectory(t)
  publish(runtime.baseDir, ID)
  runtime.restrict(runtime.baseDir, 0o000)
  const found = evaluate(
    `console.log('waiting')
     return discovery.waitForRunningInstance({ ...data })`,
    { data: { baseDir: runtime.baseDir }, ...unprivileged(runtime.root) },
  )
  await delay(500)
  fs.chmodSync(runtime.baseDir, 0o755)
  assert.deepEqual(await found, RUNNING_INSTANCE)
})

test('timeoutMs: 0 is one discovery, however long it takes', async (t) => {
  const runtime = runtimeDirectory(t)
  const error = await givenUp({ baseDir: runtime.baseDir, timeoutMs: 0 })
  assert.match(error.message, /^Gave up waiting for Osaurus after 0 ms\. Osaurus not found: /)

  const fake = await stopAfter(t, startFakeOsaurus({ baseDir: runtime.baseDir }))
  const hung = await stopAfter(t, stubServers.silent())
  publishPort(runtime, hung.port)
  const options = { baseDir: runtime.baseDir, verify: true, probeTimeoutMs: 400, timeoutMs: 0 }
  assert.deepEqual(await waitForRunningInstance(options), fake.instance)
})

test('an unresponsive server delays neither one that answers nor the timeout', async (t) => {
  const PROBE_MS = 60_000
  const runtime = runtimeDirectory(t)
  const hung = await stopAfter(t, stubServers.silent())
  publishPort(runtime, hung.port, { updatedAt: '2025-01-01T00:00:00Z' })
  const options = { baseDir: runtime.baseDir, verify: true, probeTimeoutMs: PROBE_MS }
  const begin = Date.now()
  const error = await givenUp(options)
  assert.equal(error.code, 'OSAURUS_TIMEOUT')
  assert.equal(/** @type {any} */ (error.cause).code, 'OSAURUS_NOT_RESPONDING')

  const coming = waitForRunningInstance({ ...options, timeoutMs: PROBE_MS })
  await delay(400)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir: runtime.baseDir }))
  assert.deepEqual(await coming, fake.instance)
  assert.deepEqual(await waitForRunningInstance({ ...options, timeoutMs: PROBE_MS }), fake.instance)
  assert.ok(Date.now() - begin < PROBE_MS / 3)
})

test('hundreds of unresponsive servers do not extend the wait by more than one probe', async (t) => {
  const runtime = runtimeDirectory(t)
  for (const { port } of await unresponsiveServers(t, 400)) publishPort(runtime, port)
  const options = { baseDir: runtime.baseDir, verify: true, probeTimeoutMs: 300 }
  const all = await timed(() => listInstances(options))
  const some = await timed(() => rejection(waitForRunningInstance({ ...options, timeoutMs: 300 })))
  assert.equal(some.value.code, 'OSAURUS_TIMEOUT')
  assert.ok(some.ms < all.ms * 0.75, `${some.ms} ms, and ${all.ms} ms for all of them`)
})

test('the signal ends the wait at once, with its reason as the cause', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const before = AbortSignal.abort('before')
  const late = new AbortController()
  const waiting = rejection(waitForRunningInstance({ baseDir, signal: late.signal, timeoutMs: Infinity }))
  await delay(50)
  late.abort('late')
  for (const [error, reason] of /** @type {const} */ ([
    [await rejection(waitForRunningInstance({ baseDir, signal: before })), 'before'],
    [await waiting, 'late'],
  ])) {
    assert.deepEqual([error.name, error.code, error.cause], ['AbortError', 'ABORT_ERR', reason])
  }
  assert.equal(getEventListeners(late.signal, 'abort').length, 0)
})

test('waiting leaves no listener on a shared signal', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  publish(baseDir, ID)
  const { signal } = new AbortController()
  for (let i = 0; i < 20; i++) await waitForRunningInstance({ baseDir, signal })
  await givenUp({ baseDir: `${baseDir}-missing`, signal })
  assert.equal(getEventListeners(signal, 'abort').length, 0)
})

test('invalid options reject and never throw synchronously', async () => {
  const cases = /** @type {[any, string, RegExp][]} */ ([
    [5, 'ERR_INVALID_ARG_TYPE', /"options" argument/],
    [{ timeoutMs: -1 }, 'ERR_OUT_OF_RANGE', />= 0 && <= 2147483647, or Infinity\. Received -1/],
    [{ timeoutMs: 2 ** 31 }, 'ERR_OUT_OF_RANGE', /options\.timeoutMs/],
    [{ timeoutMs: NaN }, 'ERR_OUT_OF_RANGE', /options\.timeoutMs/],
    [{ timeoutMs: '1s' }, 'ERR_INVALID_ARG_TYPE', /options\.timeoutMs/],
    [
      { timeout: 5 },
      'ERR_INVALID_ARG_VALUE',
      /options\.timeout' is not a known option\. Did you mean 'timeoutMs'\?/,
    ],
    [{ persistent: true }, 'ERR_INVALID_ARG_VALUE', /options\.persistent/],
  ])
  for (const [options, code, message] of cases) {
    const error = await rejection(waitForRunningInstance(options))
    assert.equal(error.code, code)
    assert.match(error.message, message)
  }
})

testOnLinux('waiting leaves no thread and no descriptor open', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const empty = runtimeDirectory(t)
  publish(baseDir, ID)
  await waitForRunningInstance({ baseDir })
  await eventually(() => assert.ok(!openHandles().threads.includes('osaurus-watch')))
  const { descriptors } = openHandles()
  for (let round = 0; round < 10; round++) {
    await waitForRunningInstance({ baseDir })
    await givenUp({ baseDir: empty.baseDir, timeoutMs: 5 })
    await rejection(waitForRunningInstance({ baseDir: empty.baseDir, signal: AbortSignal.timeout(5) }))
  }
  await eventually(() => {
    assert.deepEqual(
      openHandles().threads.filter((name) => /osaurus|notify/.test(name)),
      [],
    )
    assert.ok(
      openHandles().descriptors <= descriptors,
      `${openHandles().descriptors} descriptors after ${descriptors}`,
    )
  })
})

test('waiting keeps the process alive until it settles', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const result = await evaluate(
    `setTimeout(() => require('./__test__/support/watch-publisher').publish(data, 'LATE'), 300).unref()
     return discovery.waitForRunningInstance({ baseDir: data })`,
    { data: baseDir },
  )
  assert.equal(result.instanceId, 'LATE')
})
