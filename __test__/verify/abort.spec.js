// Tests that a call can be aborted during a probe, immediately and without leaving anything behind.
'use strict'

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { getEventListeners, once, setMaxListeners } = require('node:events')
const test = require('node:test')
const { discoverLatestRunningInstance, inspectRuntime, listInstances } = require('../..')
const { startFakeOsaurus } = require('../../testing.js')
const { rejection } = require('../support/failure.js')
const { eventually, openHandles, openHandlesAtRest, timed } = require('../support/measure.js')
const { PROJECT, runNode } = require('../support/run-node.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const { VERIFY, unresponsiveServers, publishPort, stopAfter } = require('../support/verify-servers.js')

const CALLS = [discoverLatestRunningInstance, listInstances, inspectRuntime]

/** The longest possible timeout, so that a call that waits for it hangs. */
const FOREVER = Object.freeze({ verify: true, probeTimeoutMs: 60_000 })
const SOON_MS = 20_000

/**
 * Creates a runtime directory with unresponsive servers.
 * @param {import('node:test').TestContext} t
 * @param {number} [count]
 */
async function hungRuntime(t, count = 10) {
  const runtime = runtimeDirectory(t)
  const servers = await unresponsiveServers(t, count)
  for (const { port } of servers) publishPort(runtime, port)
  const asked = (/** @type {number} */ times) =>
    eventually(() => assert.ok(servers.every(({ connections }) => connections === times)))
  return { baseDir: runtime.baseDir, servers, asked }
}

/** What this process holds that a probe might leave behind. */
const holds = () => ({
  // The handles; requests and timers are the test's own.
  resources: process
    .getActiveResourcesInfo()
    .filter((each) => each.endsWith('Wrap'))
    .sort(),
  ...(process.platform === 'linux' ? openHandles() : {}),
})

/** The same, once what an earlier test began is over. */
async function atRest() {
  if (process.platform === 'linux') await openHandlesAtRest()
  return holds()
}

for (const call of CALLS) {
  test(`${call.name} aborted during a probe rejects at once and leaves no thread, socket or handle`, async (t) => {
    const { baseDir, asked } = await hungRuntime(t)
    const before = await atRest()
    for (let round = 1; round <= 5; round++) {
      const controller = new AbortController()
      const { signal } = controller
      const promise = rejection(call({ baseDir, ...FOREVER, signal }))
      await asked(round)
      const { value, ms } = await timed(() => {
        controller.abort()
        return promise
      })
      assert.equal(value.code, 'ABORT_ERR')
      assert.equal(value.name, 'AbortError')
      assert.equal(value.cause, signal.reason)
      assert.ok(ms < SOON_MS, `${ms} ms`)
      assert.equal(getEventListeners(signal, 'abort').length, 0)
      await eventually(() => assert.deepEqual(holds(), before))
    }
  })

  test(`${call.name} with an aborted signal sends no request`, async (t) => {
    const fake = await stopAfter(t, startFakeOsaurus())
    const signal = AbortSignal.abort()
    assert.equal((await rejection(call({ baseDir: fake.baseDir, ...VERIFY, signal }))).code, 'ABORT_ERR')
    await call({ baseDir: fake.baseDir, ...VERIFY })
    const asked = fake.requests.filter(({ url }) => url === '/')
    assert.equal(asked.length, 1, 'by the call without the signal')
  })

  test(`${call.name} accepts one signal for many probes and leaves no listener`, async (t) => {
    const fake = await stopAfter(t, startFakeOsaurus())
    const { baseDir } = fake
    const controller = new AbortController()
    const { signal } = controller
    for (let i = 0; i < 200; i++) await call({ baseDir, ...VERIFY, signal })
    await new Promise(setImmediate)
    assert.equal(getEventListeners(signal, 'abort').length, 0)
    controller.abort()
    assert.equal((await rejection(call({ baseDir, ...VERIFY, signal }))).code, 'ABORT_ERR')
  })
}

test('one signal ends exactly the calls it was passed to', async (t) => {
  const { baseDir, asked } = await hungRuntime(t, 3)
  const before = await atRest()
  const controller = new AbortController()
  const others = new AbortController()
  setMaxListeners(0, controller.signal) // Node warns of more than ten.
  const ended = Array.from({ length: 30 }, (_, index) =>
    rejection(CALLS[index % 3]({ baseDir, ...FOREVER, signal: controller.signal })),
  )
  let done = 0
  const going = Array.from({ length: 5 }, () =>
    rejection(listInstances({ baseDir, ...FOREVER, signal: others.signal })).finally(() => done++),
  )
  await asked(35)
  controller.abort()
  for (const { code } of await Promise.all(ended)) assert.equal(code, 'ABORT_ERR')
  assert.equal(done, 0)
  others.abort()
  await Promise.all(going)
  await eventually(() => assert.deepEqual(holds(), before))
})

test('an abort at any moment either ends the call or comes too late', async (t) => {
  const fake = await stopAfter(t, startFakeOsaurus())
  const { baseDir, instance } = fake
  const before = await atRest()
  let aborted = 0
  for (let i = 0; i < 300; i++) {
    const controller = new AbortController()
    const promise = listInstances({ baseDir, ...VERIFY, signal: controller.signal })
    for (let turn = 0; turn < i % 15; turn++) await new Promise(setImmediate)
    controller.abort()
    const outcome = await promise.catch((error) => error)
    if (Array.isArray(outcome)) assert.deepEqual(outcome, [instance])
    else {
      assert.equal(outcome.code, 'ABORT_ERR')
      aborted++
    }
  }
  assert.ok(aborted > 0)
  await eventually(() => assert.deepEqual(holds(), before))
})

/** The beginning of the programs below, whose arguments are the directory and the timeout. */
const BEGIN = `
  const discovery = require(${JSON.stringify(PROJECT)})
  const options = { baseDir: process.argv[1], verify: true, probeTimeoutMs: Number(process.argv[2]) }`

test('process.exit during a probe is not delayed', async (t) => {
  const { baseDir, asked } = await hungRuntime(t)
  const script = `${BEGIN}
    for (let i = 0; i < 5; i++) discovery.discoverLatestRunningInstance(options)
    process.stdin.once('data', () => process.exit(7))`
  const { value, ms } = await timed(() => exits(script, [baseDir, '60000'], asked(5)))
  assert.deepEqual(value, { code: 7, signal: null })
  assert.ok(ms < SOON_MS, `${ms} ms`)
})

test('an uncaught error during a probe ends the process at once', async (t) => {
  const { baseDir, asked } = await hungRuntime(t)
  const script = `${BEGIN}
    discovery.listInstances(options)
    process.stdin.once('data', () => { throw new Error('the app’s own') })`
  const { value, ms } = await timed(() => exits(script, [baseDir, '60000'], asked(1)))
  assert.deepEqual(value, { code: 1, signal: null })
  assert.ok(ms < SOON_MS, `${ms} ms`)
})

test('a call in flight keeps the process alive until it settles, as fetch does', async (t) => {
  const { baseDir } = await hungRuntime(t)
  const script = `${BEGIN}
    discovery.discoverLatestRunningInstance(options).catch(({ code }) => console.log(code))
    process.on('exit', () => console.log('exit'))`
  const { code, stdout } = await runNode(['-e', script, baseDir, '300'])
  assert.equal(code, 0)
  assert.equal(stdout, 'OSAURUS_NOT_RESPONDING\nexit\n')
})

test('a settled call does not keep the process alive', async (t) => {
  const { baseDir } = await stopAfter(t, startFakeOsaurus())
  const script = `${BEGIN}
    for (let i = 0; i < 20; i++) discovery.listInstances(options).then(([{ port }]) => console.log(port))`
  const { value, ms } = await timed(() => runNode(['-e', script, baseDir, '60000']))
  assert.equal(value.code, 0)
  assert.equal(value.stdout.trim().split('\n').length, 20)
  assert.ok(ms < SOON_MS, `${ms} ms`)
})

/**
 * Returns how a program ends that is signalled at a moment of the test's choice.
 * @param {string} script
 * @param {string[]} args
 * @param {Promise<unknown>} moment
 */
async function exits(script, args, moment) {
  const stdio = /** @type {const} */ (['pipe', 'ignore', 'ignore'])
  const child = spawn(process.execPath, ['-e', script, ...args], { stdio: [...stdio], timeout: 50_000 })
  const ended = once(child, 'exit')
  await moment
  child.stdin?.end('now')
  const [code, signal] = await ended
  return { code, signal }
}
