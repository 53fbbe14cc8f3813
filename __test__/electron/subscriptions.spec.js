// Who hears of changes, from when until when, and when does the watcher run?
'use strict'

const assert = require('node:assert/strict')
const { EventEmitter } = require('node:events')
const { afterEach, beforeEach, describe, mock, test } = require('node:test')

const { createSubscriptions } = require('../../lib/electron/subscriptions.js')

/** @type {Array<EventEmitter & { instances: any[], open: boolean, close(): void }>} */
let watchers
/** @type {ReturnType<typeof createSubscriptions>} */
let subscriptions

beforeEach(() => {
  watchers = []
  subscriptions = createSubscriptions(() => {
    const watcher = Object.assign(new EventEmitter(), {
      instances: /** @type {any[]} */ ([]),
      open: true,
      close: () => void (watcher.open = false),
    })
    watchers.push(watcher)
    return /** @type {any} */ (watcher)
  })
})

/** Stands in for a window's contents; remembers what each frame was sent. */
class Contents extends EventEmitter {
  /** @type {any[][]} */
  sent = []
  closing = false

  /** @param {any[]} message */
  sendToFrame(...message) {
    if (this.closing) throw new TypeError('Object has been destroyed')
    this.sent.push(message)
  }

  /** The page's request, as new versions of Electron give it, or old ones. @param {{ frameId?: number, old?: boolean }} [how] */
  event({ frameId = 1, old = false } = {}) {
    return /** @type {any} */ ({ sender: this, processId: 7, frameId, ...(old ? {} : { senderFrame: {} }) })
  }
}

/** @param {Contents} contents @param {number} [id] @param {Parameters<Contents['event']>[0]} [how] */
function subscribe(contents, id = 1, how) {
  const subscription = subscriptions.open(contents.event(how), id)
  subscriptions.start(subscription)
  return subscription
}

const instance = { instanceId: 'A' }
const change = { instances: [instance], added: [instance], updated: [], removed: [] }

/** What the watcher does first where there is nothing. */
function reportNone() {
  watchers[0].emit('change', { instances: [], added: [], updated: [], removed: [] })
}

/** What the watcher does first. */
function report() {
  watchers[0].instances = change.instances
  watchers[0].emit('change', change)
}

test('one watcher serves all pages, from the first that listens to the last', () => {
  const [one, two] = [new Contents(), new Contents()]
  assert.equal(watchers.length, 0)
  const first = subscribe(one)
  const second = subscribe(two)
  assert.equal(watchers.length, 1)
  subscriptions.end(first)
  assert.equal(watchers[0].open, true)
  subscriptions.end(second)
  assert.equal(watchers[0].open, false)
})

test('who listens again after the last went gets a new watcher', () => {
  const contents = new Contents()
  subscriptions.end(subscribe(contents))
  subscribe(contents)
  assert.deepEqual(
    watchers.map(({ open }) => open),
    [false, true],
  )
})

test('every page that listens hears of a change, and no other', () => {
  const [one, two, three] = [new Contents(), new Contents(), new Contents()]
  subscribe(one)
  subscribe(two, 5)
  subscriptions.open(three.event(), 1) // It has asked, but is not let in yet.
  report()
  assert.deepEqual(one.sent, [[[7, 1], 'osaurus:change', 1, change]])
  assert.deepEqual(two.sent, [[[7, 1], 'osaurus:change', 5, change]])
  assert.deepEqual(three.sent, [])
})

test('an Electron without sender frames is told the frame by its number alone', () => {
  const contents = new Contents()
  subscribe(contents, 1, { old: true })
  report()
  assert.deepEqual(contents.sent, [[1, 'osaurus:change', 1, change]])
})

test('who comes before the first report hears it once, as everybody', () => {
  const contents = new Contents()
  subscribe(contents)
  assert.deepEqual(contents.sent, [])
  report()
  assert.equal(contents.sent.length, 1)
})

test('who comes later hears the state at once, with everything in added', () => {
  const contents = new Contents()
  subscribe(new Contents())
  report()
  subscribe(contents)
  assert.deepEqual(contents.sent, [[[7, 1], 'osaurus:change', 1, change]])
})

test('who comes while nothing runs hears that too', () => {
  const contents = new Contents()
  subscribe(new Contents())
  reportNone()
  subscribe(contents)
  assert.deepEqual(contents.sent[0][3], { instances: [], added: [], updated: [], removed: [] })
})

describe('a warning of the watcher', () => {
  const IO = Object.assign(new Error('no folder'), { code: 'OSAURUS_IO' })
  const told = [[7, 1], 'osaurus:warning', 1, '[OSAURUS_IO] no folder']
  /** What the process was warned of. @type {any[][]} */
  let processWarnings
  beforeEach(() => {
    processWarnings = []
    mock.method(process, 'emitWarning', (/** @type {any[]} */ ...warning) => processWarnings.push(warning))
  })
  afterEach(() => mock.restoreAll())

  const warn = () => watchers[0].emit('warning', IO)
  /** @param {Contents} contents */
  const warnings = (contents) => contents.sent.filter(([, channel]) => channel === 'osaurus:warning')

  test('reaches every page that listens, and the process as ever', () => {
    const [one, two, three] = [new Contents(), new Contents(), new Contents()]
    subscribe(one)
    subscribe(two)
    subscriptions.open(three.event(), 1) // It has asked, but is not let in yet.
    warn()
    assert.deepEqual([one, two, three].map(warnings), [[told], [told], []])
    assert.deepEqual(processWarnings, [['no folder', 'OsaurusWarning', 'OSAURUS_IO']])
  })

  for (const [order, happen] of /** @type {Array<[string, Array<() => void>]>} */ ([
    ['after the first state', [reportNone, warn]],
    ['before the first state', [warn, reportNone]],
  ]))
    test(`told ${order}, it reaches who comes later too, behind the state`, () => {
      const contents = new Contents()
      subscribe(new Contents())
      for (const each of happen) each()
      subscribe(contents)
      assert.deepEqual(
        contents.sent.map(([, channel]) => channel),
        ['osaurus:change', 'osaurus:warning'],
      )
    })

  test('is over for who comes once there is an Osaurus', () => {
    const contents = new Contents()
    subscribe(new Contents())
    warn()
    report()
    subscribe(contents)
    assert.deepEqual(warnings(contents), [])
  })
})

test('frames of one window listen each for themselves', () => {
  const contents = new Contents()
  const first = subscribe(contents, 1, { frameId: 1 })
  subscribe(contents, 1, { frameId: 2 })
  subscriptions.end(first)
  report()
  assert.deepEqual(
    contents.sent.map(([target]) => target),
    [[7, 2]],
  )
})

test('a frame that asks anew takes the place of what it asked before', () => {
  const contents = new Contents()
  const earlier = subscribe(contents, 1)
  subscribe(contents, 2)
  subscriptions.end(earlier) // Too late: it is the earlier one's end.
  report()
  assert.deepEqual(
    contents.sent.map(([, , id]) => id),
    [2],
  )
})

for (const [sentence, emit] of /** @type {Array<[string, (contents: Contents) => void]>} */ ([
  ['the window is closed', (contents) => contents.emit('destroyed')],
  ['its render process dies', (contents) => contents.emit('render-process-gone', {}, { reason: 'crashed' })],
  ['the page is reloaded or navigates away', (contents) => navigate(contents, { isMainFrame: true })],
  ['its own frame navigates', (contents) => navigate(contents, { isMainFrame: false, frameId: 1 })],
])) {
  test(`listening ends when ${sentence}`, () => {
    const contents = new Contents()
    subscribe(contents)
    emit(contents)
    assert.equal(watchers[0].open, false)
    assert.deepEqual(contents.eventNames(), [], 'nothing is left on the contents')
  })

  test(`a page that goes while it is found out whether it may listen never does: ${sentence}`, () => {
    const contents = new Contents()
    const subscription = subscriptions.open(contents.event(), 1)
    emit(contents)
    subscriptions.start(subscription)
    assert.equal(watchers.length, 0)
    assert.deepEqual(contents.eventNames(), [])
  })
}

test('listening goes on when another frame of the window navigates', () => {
  const contents = new Contents()
  subscribe(contents)
  navigate(contents, { isMainFrame: false, frameId: 9 })
  assert.equal(watchers[0].open, true)
})

test('a window that is being closed when a change comes ends its listening, and the others hear', () => {
  const [one, two] = [new Contents(), new Contents()]
  subscribe(one)
  subscribe(two)
  one.closing = true
  report()
  assert.equal(two.sent.length, 1)
  assert.deepEqual(one.eventNames(), [])
})

test('all can be ended at once, twice without harm', () => {
  const [one, two] = [new Contents(), new Contents()]
  subscribe(one)
  subscribe(two)
  subscriptions.endAll()
  subscriptions.endAll()
  assert.equal(watchers[0].open, false)
  assert.deepEqual([...one.eventNames(), ...two.eventNames()], [])
})

test('a watcher that cannot be opened leaves room for a later try', () => {
  let tries = 0
  const failing = createSubscriptions(() => {
    tries += 1
    throw new Error('no watcher')
  })
  const contents = new Contents()
  for (let round = 1; round <= 2; round++) {
    const subscription = failing.open(contents.event(), round)
    assert.throws(() => failing.start(subscription), /no watcher/)
    failing.end(subscription)
  }
  assert.equal(tries, 2)
  assert.deepEqual(contents.eventNames(), [])
})

/** @param {Contents} contents @param {{ isMainFrame: boolean, frameId?: number }} frame */
function navigate(contents, { isMainFrame, frameId = 3 }) {
  contents.emit('did-frame-navigate', {}, 'file:///x', 200, 'OK', isMainFrame, 7, frameId)
}
