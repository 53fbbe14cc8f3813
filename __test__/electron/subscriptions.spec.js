// Tests which frames get changes, from when until when, and when the watcher runs.
'use strict'

const assert = require('node:assert/strict')
const { EventEmitter } = require('node:events')
const { afterEach, beforeEach, describe, mock, test } = require('node:test')

const { SharedWatcher } = require('../../lib/electron/shared-watcher.js')
const { createSubscriptions } = require('../../lib/electron/subscriptions.js')
const { Contents, createFrames, navigate } = require('../support/electron/stand-ins.js')

/** @typedef {InstanceType<typeof Contents>} Stub */

/** @type {Array<EventEmitter & { instances: any[], reason: string | null, open: boolean, close(): void }>} */
let watchers
/** @type {ReturnType<typeof createSubscriptions>} */
let subscriptions

beforeEach(() => {
  watchers = []
  subscriptions = createSubscriptions(
    createFrames(),
    new SharedWatcher(() => {
      const watcher = Object.assign(new EventEmitter(), {
        instances: /** @type {any[]} */ ([]),
        reason: /** @type {string | null} */ (null),
        open: true,
        close: () => void (watcher.open = false),
      })
      watchers.push(watcher)
      return /** @type {any} */ (watcher)
    }),
  )
})

/** @param {Stub} contents @param {number} [id] @param {Parameters<Stub['event']>[0]} [how] */
function subscribe(contents, id = 1, how) {
  const subscription = subscriptions.add(contents.event(how), id)
  subscriptions.activate(subscription)
  return subscription
}

const instance = { instanceId: 'A' }
const change = { instances: [instance], added: [instance], updated: [], removed: [], reason: null }
const none = { instances: [], added: [], updated: [], removed: [], reason: 'OSAURUS_NOT_FOUND' }

/** Emits the first report of the newest watcher, without an instance. */
function reportNone() {
  const watcher = watchers[watchers.length - 1]
  watcher.reason = none.reason
  watcher.emit('change', none)
}

/** Emits a report of the newest watcher, with one instance. */
function report() {
  const watcher = watchers[watchers.length - 1]
  Object.assign(watcher, { instances: change.instances, reason: null })
  watcher.emit('change', change)
}

test('one watcher serves all pages, from the first subscription to the last', () => {
  const [one, two] = [new Contents(), new Contents()]
  assert.equal(watchers.length, 0)
  const first = subscribe(one)
  const second = subscribe(two)
  assert.equal(watchers.length, 1)
  subscriptions.remove(first)
  assert.equal(watchers[0].open, true)
  subscriptions.remove(second)
  assert.equal(watchers[0].open, false)
})

test('a subscription after the last one was removed gets a new watcher', () => {
  const contents = new Contents()
  subscriptions.remove(subscribe(contents))
  subscribe(contents)
  assert.deepEqual(
    watchers.map(({ open }) => open),
    [false, true],
  )
})

test('a change reaches every active subscription and no other', () => {
  const [one, two, three] = [new Contents(), new Contents(), new Contents()]
  subscribe(one)
  subscribe(two, 5)
  subscriptions.add(three.event(), 1) // Its trust is still being checked.
  report()
  assert.deepEqual(one.sent, [[[7, 1], 'osaurus:change', 1, change]])
  assert.deepEqual(two.sent, [[[7, 1], 'osaurus:change', 5, change]])
  assert.deepEqual(three.sent, [])
})

test('an Electron without sender frames addresses a frame by its number alone', () => {
  const contents = new Contents()
  subscribe(contents, 1, { old: true })
  report()
  assert.deepEqual(contents.sent, [[1, 'osaurus:change', 1, change]])
})

test('a subscription before the first report receives that report once', () => {
  const contents = new Contents()
  subscribe(contents)
  assert.deepEqual(contents.sent, [])
  report()
  assert.equal(contents.sent.length, 1)
})

test('a late subscriber receives the current state immediately, with everything in added', () => {
  const contents = new Contents()
  subscribe(new Contents())
  report()
  subscribe(contents)
  assert.deepEqual(contents.sent, [[[7, 1], 'osaurus:change', 1, change]])
})

test('a late subscriber receives the current state even if nothing is running', () => {
  const contents = new Contents()
  subscribe(new Contents())
  reportNone()
  subscribe(contents)
  assert.deepEqual(contents.sent[0][3], none)
})

describe('a warning of the watcher', () => {
  const IO = Object.assign(new Error('no directory'), { code: 'OSAURUS_IO' })
  const sent = [[7, 1], 'osaurus:warning', 1, '[OSAURUS_IO] no directory']
  /** The arguments of process.emitWarning(). @type {any[][]} */
  let processWarnings
  beforeEach(() => {
    processWarnings = []
    mock.method(process, 'emitWarning', (/** @type {any[]} */ ...warning) => processWarnings.push(warning))
  })
  afterEach(() => mock.restoreAll())

  const warn = () => watchers[0].emit('warning', IO)
  /** @param {Stub} contents */
  const warnings = (contents) => contents.sent.filter(([, channel]) => channel === 'osaurus:warning')

  test('a warning of the watcher reaches every active subscription and the process', () => {
    const [one, two, three] = [new Contents(), new Contents(), new Contents()]
    subscribe(one)
    subscribe(two)
    subscriptions.add(three.event(), 1) // Its trust is still being checked.
    warn()
    assert.deepEqual([one, two, three].map(warnings), [[sent], [sent], []])
    assert.deepEqual(processWarnings, [['no directory', 'OsaurusWarning', 'OSAURUS_IO']])
  })

  for (const [order, steps] of /** @type {Array<[string, Array<() => void>]>} */ ([
    ['after the first state', [reportNone, warn]],
    ['before the first state', [warn, reportNone]],
  ]))
    test(`emitted ${order} reaches a late subscriber after the state`, () => {
      const contents = new Contents()
      subscribe(new Contents())
      for (const step of steps) step()
      subscribe(contents)
      assert.deepEqual(
        contents.sent.map(([, channel]) => channel),
        ['osaurus:change', 'osaurus:warning'],
      )
    })

  test('a warning of the watcher is not sent to late subscribers once an Osaurus is running', () => {
    const contents = new Contents()
    subscribe(new Contents())
    warn()
    report()
    subscribe(contents)
    assert.deepEqual(warnings(contents), [])
  })
})

test('frames of one window subscribe independently', () => {
  const contents = new Contents()
  const first = subscribe(contents, 1, { frameId: 1 })
  subscribe(contents, 1, { frameId: 2 })
  subscriptions.remove(first)
  report()
  assert.deepEqual(
    contents.sent.map(([target]) => target),
    [[7, 2]],
  )
})

test('a second subscription of a frame replaces the first', () => {
  const contents = new Contents()
  const earlier = subscribe(contents, 1)
  subscribe(contents, 2)
  subscriptions.remove(earlier) // Late: it must not end the second one.
  report()
  assert.deepEqual(
    contents.sent.map(([, , id]) => id),
    [2],
  )
})

test('removeById() leaves a later subscription of the frame alone', () => {
  const contents = new Contents()
  subscribe(contents, 2)
  subscriptions.removeById(contents.event(), 1)
  assert.equal(watchers[0].open, true)
  subscriptions.removeById(contents.event(), 2)
  assert.equal(watchers[0].open, false)
})

for (const [name, emit] of /** @type {Array<[string, (contents: Stub) => void]>} */ ([
  ['the window is closed', (contents) => contents.emit('destroyed')],
  ['its render process dies', (contents) => contents.emit('render-process-gone', {}, { reason: 'crashed' })],
  ['the page is reloaded or navigates away', (contents) => navigate(contents, { isMainFrame: true })],
  ['its own frame navigates', (contents) => navigate(contents, { isMainFrame: false, frameId: 1 })],
])) {
  test(`a subscription ends when ${name}`, () => {
    const contents = new Contents()
    subscribe(contents)
    emit(contents)
    assert.equal(watchers[0].open, false)
    assert.deepEqual(contents.eventNames(), [], 'no listener stays on the contents')
  })

  test(`a subscription never becomes active when, before its trust is decided, ${name}`, () => {
    const contents = new Contents()
    const subscription = subscriptions.add(contents.event(), 1)
    emit(contents)
    subscriptions.activate(subscription)
    assert.equal(watchers.length, 0)
    assert.deepEqual(contents.eventNames(), [])
  })
}

test('a subscription continues when another frame of the window navigates', () => {
  const contents = new Contents()
  subscribe(contents)
  navigate(contents, { isMainFrame: false, frameId: 9 })
  assert.equal(watchers[0].open, true)
})

test('a window that is being closed during a change loses its subscription, and the others get the change', () => {
  const [one, two] = [new Contents(), new Contents()]
  subscribe(one)
  subscribe(two)
  one.closing = true
  report()
  assert.equal(two.sent.length, 1)
  assert.deepEqual(one.eventNames(), [])
})

test('clear() ends all subscriptions and may be called twice', () => {
  const [one, two] = [new Contents(), new Contents()]
  subscribe(one)
  subscribe(two)
  subscriptions.clear()
  subscriptions.clear()
  assert.equal(watchers[0].open, false)
  assert.deepEqual([...one.eventNames(), ...two.eventNames()], [])
})

test('a watcher that fails to open is opened again for the next subscription', () => {
  let attempts = 0
  const failing = createSubscriptions(
    createFrames(),
    new SharedWatcher(() => {
      attempts += 1
      throw new Error('no watcher')
    }),
  )
  const contents = new Contents()
  for (let round = 1; round <= 2; round++) {
    const subscription = failing.add(contents.event(), round)
    assert.throws(() => failing.activate(subscription), /no watcher/)
    failing.remove(subscription)
  }
  assert.equal(attempts, 2)
  assert.deepEqual(contents.eventNames(), [])
})
