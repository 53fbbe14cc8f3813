// Tests the state machine of waiting: every event in every state, with a virtual clock.
'use strict'

const assert = require('node:assert/strict')
const { describe, mock, test } = require('node:test')

const { TRANSITIONS, waitForInstance } = require('../../lib/wait.js')

/** @typedef {keyof typeof TRANSITIONS} State */

const FOUND = /** @type {any} */ ({ instanceId: 'A' })
/** @type {import('../../lib/addon/addon.js').Failure} */
const NONE = { code: 'OSAURUS_NOT_FOUND', directories: [{ path: '/none', status: 'missing' }], ignored: [] }

/** The longest that a server may take in these tests. */
const MAX_PROBE_MS = 500

/** A clock that advances on demand. */
function createClock() {
  let now = 0
  let next = 1
  /** @type {Map<number, { at: number, callback: () => void }>} */
  const timers = new Map()
  return {
    timers,
    setTimeout(/** @type {() => void} */ callback, /** @type {number} */ ms) {
      timers.set(next, { at: now + ms, callback })
      return next++
    },
    clearTimeout: (/** @type {number} */ timer) => void timers.delete(timer),
    /** @param {number} ms */
    advance(ms) {
      const end = now + ms
      for (;;) {
        const [due] = [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)
        if (!due) break
        now = due[1].at
        timers.delete(due[0])
        due[1].callback()
      }
      now = end
    },
  }
}

/**
 * Starts waiting with a discovery and a watcher that the test controls.
 * @param {{ verify?: boolean, timeoutMs?: number, maxProbeMs?: number, signal?: AbortSignal }} [options]
 */
function startWaiting({ verify = true, timeoutMs = 1000, maxProbeMs = MAX_PROBE_MS, signal } = {}) {
  const clock = createClock()
  const cancelDiscovery = mock.fn()
  /** @type {any} */
  let discovery = { resolve() {}, reject() {} }
  /** @type {any[]} */
  const events = []
  let notify = () => {}
  const native = {
    next: () => events.shift(),
    start: () => true,
    lastFailure: () => NONE,
    setRef() {},
    heldConnection: () => -1,
    close: mock.fn(),
  }
  const openWatch = mock.fn((/** @type {() => void} */ callback) => {
    notify = callback
    return native
  })
  /** The outcome, once there is one. @type {{ value?: any, error?: any }} */
  const outcome = {}
  const discoverOnce = () =>
    new Promise((resolve, reject) => {
      discovery = { resolve, reject }
    })
  waitForInstance(
    { discoverOnce: verify ? discoverOnce : undefined, cancelDiscovery, maxProbeMs, openWatch },
    timeoutMs,
    signal,
    clock,
  ).then(
    (value) => (outcome.value = value),
    (error) => (outcome.error = error),
  )
  return {
    clock,
    cancelDiscovery,
    native,
    outcome,
    isWatching: () => openWatch.mock.callCount() > 0,
    discovered: (/** @type {any} */ result) => flush(discovery.resolve(result)),
    discoveryFailed: (/** @type {Error} */ error) => flush(discovery.reject(error)),
    /** @param {any[]} instances */
    reported(instances) {
      events.push({ instances, added: instances, updated: [], removed: [], reason: null })
      notify()
      return flush()
    },
    /** @param {number} ms */
    advance: (ms) => flush(clock.advance(ms)),
  }
}

/** Lets promises settle. @param {unknown} [_done] */
async function flush(_done) {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
}

describe('the table of transitions', () => {
  const EVENTS = /** @type {const} */ (['found', 'none', 'slow', 'deadline', 'graceOver', 'failed'])

  /** @type {Array<[state: State, event: typeof EVENTS[number], next: State, action?: string]>} */
  const EXPECTED = [
    ['scanning', 'found', 'done', 'resolve'],
    ['scanning', 'none', 'waiting', 'watch'],
    ['scanning', 'slow', 'scanning', 'watch'],
    ['scanning', 'deadline', 'overdue', 'startGrace'],
    ['scanning', 'graceOver', 'scanning'],
    ['scanning', 'failed', 'done', 'reject'],
    ['waiting', 'found', 'done', 'resolve'],
    ['waiting', 'none', 'waiting'],
    ['waiting', 'slow', 'waiting'],
    ['waiting', 'deadline', 'done', 'giveUp'],
    ['waiting', 'graceOver', 'waiting'],
    ['waiting', 'failed', 'done', 'reject'],
    ['overdue', 'found', 'done', 'resolve'],
    ['overdue', 'none', 'done', 'giveUp'],
    ['overdue', 'slow', 'overdue', 'watch'],
    ['overdue', 'deadline', 'overdue'],
    ['overdue', 'graceOver', 'done', 'giveUp'],
    ['overdue', 'failed', 'done', 'reject'],
    ...EVENTS.map((event) => /** @type {[State, typeof event, State]} */ (['done', event, 'done'])),
  ]

  for (const [state, event, next, action] of EXPECTED)
    test(`${event} in ${state} leads to ${next}${action ? ` with ${action}` : ' without an action'}`, () => {
      const row = TRANSITIONS[state][event] || [state]
      assert.deepEqual([...row], action ? [next, action] : [next])
    })

  test('the table of transitions has no other rows', () => {
    const rows = Object.values(TRANSITIONS).flatMap((row) => Object.keys(row))
    assert.equal(rows.length, EXPECTED.filter(([, , , action]) => action).length)
  })
})

describe('waiting', () => {
  test('waiting resolves with what the first discovery found, without a watcher', async () => {
    const wait = startWaiting()
    await wait.discovered(FOUND)
    assert.equal(wait.outcome.value, FOUND)
    assert.equal(wait.isWatching(), false)
  })

  test('waiting starts the watcher when the first discovery found nothing', async () => {
    const wait = startWaiting()
    assert.equal(wait.isWatching(), false)
    await wait.discovered(NONE)
    assert.equal(wait.isWatching(), true)
    await wait.reported([])
    await wait.reported([FOUND])
    assert.equal(wait.outcome.value, FOUND)
  })

  test('waiting starts the watcher beside a slow discovery, and the first result wins', async () => {
    const wait = startWaiting()
    await wait.advance(249)
    assert.equal(wait.isWatching(), false)
    await wait.advance(1)
    assert.equal(wait.isWatching(), true)
    await wait.reported([FOUND])
    assert.equal(wait.outcome.value, FOUND)
    assert.equal(wait.cancelDiscovery.mock.callCount(), 1)
  })

  test('waiting starts the watcher at once without verify', () => {
    assert.equal(startWaiting({ verify: false }).isWatching(), true)
  })

  test('waiting gives up at the deadline when nothing was running', async () => {
    const wait = startWaiting({ timeoutMs: 100 })
    await wait.discovered(NONE)
    await wait.advance(99)
    assert.deepEqual(wait.outcome, {})
    await wait.advance(1)
    assert.equal(wait.outcome.error.code, 'OSAURUS_TIMEOUT')
    assert.equal(wait.outcome.error.cause.code, 'OSAURUS_NOT_FOUND')
    assert.equal(wait.native.close.mock.callCount(), 1)
  })

  test('an overdue first result is awaited as long as one probe takes', async () => {
    const wait = startWaiting({ timeoutMs: 100 })
    await wait.advance(100 + MAX_PROBE_MS - 1)
    assert.deepEqual(wait.outcome, {})
    await wait.advance(1)
    assert.equal(wait.outcome.error.code, 'OSAURUS_TIMEOUT')
  })

  test('waiting gives up as soon as an overdue first result says that nothing is running', async () => {
    const wait = startWaiting({ timeoutMs: 100 })
    await wait.advance(150)
    await wait.discovered(NONE)
    assert.equal(wait.outcome.error.code, 'OSAURUS_TIMEOUT')
  })

  test('waiting resolves with an overdue first result', async () => {
    const wait = startWaiting({ timeoutMs: 100 })
    await wait.advance(150)
    await wait.discovered(FOUND)
    assert.equal(wait.outcome.value, FOUND)
  })

  test('an overdue first result without a time limit is awaited without one', async () => {
    const wait = startWaiting({ timeoutMs: 0, maxProbeMs: Infinity })
    await wait.advance(60_000)
    assert.deepEqual(wait.outcome, {})
    await wait.discovered(NONE)
    assert.equal(wait.outcome.error.code, 'OSAURUS_TIMEOUT')
  })

  test('waiting never gives up with timeoutMs: Infinity', async () => {
    const wait = startWaiting({ timeoutMs: Infinity })
    await wait.discovered(NONE)
    await wait.advance(2 ** 31)
    assert.deepEqual(wait.outcome, {})
    await wait.reported([FOUND])
    assert.equal(wait.outcome.value, FOUND)
  })

  test('waiting rejects with the error of a failing discovery', async () => {
    const wait = startWaiting()
    const failure = new Error('broken')
    await wait.discoveryFailed(failure)
    assert.equal(wait.outcome.error, failure)
  })

  for (const [
    name,
    settle,
  ] of /** @type {Array<[string, (wait: any, controller: AbortController) => any]>} */ ([
    ['found', (wait) => wait.discovered(FOUND)],
    ['failed', (wait) => wait.discoveryFailed(new Error('broken'))],
    ['given up', (wait) => wait.advance(5000)],
    ['aborted', (_wait, controller) => flush(controller.abort())],
  ]))
    test(`waiting leaves no timer and ignores later events when it is ${name}`, async () => {
      const controller = new AbortController()
      const wait = startWaiting({ signal: controller.signal })
      await settle(wait, controller)
      const outcome = { ...wait.outcome }
      assert.equal(Object.keys(outcome).length, 1)
      assert.equal(wait.clock.timers.size, 0)
      assert.equal(wait.cancelDiscovery.mock.callCount(), 1)
      await wait.discovered(FOUND)
      await wait.advance(60_000)
      assert.deepEqual(wait.outcome, outcome)
    })
})
