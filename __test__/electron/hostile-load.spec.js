// Tests in a real Electron that a page that floods, never reads, sends too much or pollutes its prototypes harms itself only.
'use strict'

const assert = require('node:assert/strict')
const { setTimeout: delay } = require('node:timers/promises')
const { after, test } = require('node:test')

const { closeScreen } = require('../support/electron/start.js')
const {
  held,
  instrument,
  nothingHeld,
  openRaw,
  received,
  startHostile,
} = require('../support/electron/hostile.js')
const { eventually } = require('../support/measure.js')
const { startFetching } = require('../support/electron/page-fetch.js')
const { openWindow } = require('../support/electron/windows.js')

/** @typedef {import('../support/electron/windows.js').App} App */

after(closeScreen)

const LIMIT = 32 * 2 ** 20

/** Whether another page is answered within the time that a person waits. @param {App} app @param {number} id */
async function assertAnswered(app, id) {
  const ms = await app.page(
    async () => {
      const began = performance.now()
      await (await window.osaurus.fetch('/v1/models')).json()
      return performance.now() - began
    },
    null,
    id,
  )
  assert.ok(ms < 5000, `${ms} ms`)
}

for (const [what, path] of [
  ['that are not answered', '/hang'],
  ['for endless answers that it does not read', `/bytes?count=${2 ** 40}`],
])
  test(`a page that floods with requests ${what} holds 128 of them, and other pages are answered`, async (t) => {
    const { app, server, id: other } = await startFetching(t)
    await instrument(app)
    await assertAnswered(app, other)
    const before = await held(app)
    const flooding = await openWindow(app)
    await app.page(
      (path) => {
        for (let i = 0; i < 3000; i++) window.osaurus.fetch(path).catch(() => {})
      },
      path,
      flooding,
    )
    await eventually(async () => (await held(app)).calls === 128, 'the most requests of a frame')
    for (let i = 0; i < 5; i++) {
      await assertAnswered(app, other)
      assert.equal((await held(app)).calls, 128)
    }
    await app.main(({ electron }, id) => electron.BrowserWindow.fromId(id)?.destroy(), flooding)
    await nothingHeld(app, before)
    await eventually(
      () => server.closed.filter(({ url }) => url === path).length === 128,
      'the server sees the end',
    )
  })

test('a page that floods the channels itself gets errors, and other pages are answered', async (t) => {
  const { app, id: other } = await startFetching(t)
  await instrument(app)
  await assertAnswered(app, other)
  const before = await held(app)
  const flooding = await openRaw(app)
  await app.page(
    () => {
      const { ipcRenderer } = /** @type {any} */ (window).require('electron')
      const request = { method: 'GET', path: '/hang', headers: [], redirect: 'follow' }
      const world = /** @type {any} */ (window)
      world.refused = []
      for (let id = 0; id < 5000; id++) {
        ipcRenderer.invoke('osaurus:preload:fetch', id, request).then(
          (/** @type {any} */ { error }) => world.refused.push(error.message),
          () => {},
        )
        ipcRenderer.invoke('osaurus:preload:fetch:read', id + 128).catch(() => {})
      }
    },
    null,
    flooding,
  )
  await assertAnswered(app, other)
  const refused = () => app.page(() => /** @type {any} */ (window).refused, null, flooding)
  await eventually(async () => (await refused()).length === 5000 - 128, 'the refusals')
  assert.deepEqual([...new Set(await refused())], ['The page has 128 requests already'])
  assert.equal((await held(app)).calls, 128)
  await assertAnswered(app, other)
  await app.main(({ electron }, id) => electron.BrowserWindow.fromId(id)?.destroy(), flooding)
  await nothingHeld(app, before)
})

test('a page that never reads holds the server back', async (t) => {
  const { app, server, id } = await startFetching(t)
  const path = `/bytes?count=${256 * 2 ** 20}`
  const read = `/bytes?count=${64 * 2 ** 20}`
  const raw = await openRaw(app)
  const memory = () => app.main(() => process.memoryUsage().rss)
  await app.page(
    async (path) => void Object.assign(window, { kept: await window.osaurus.fetch(path) }),
    path,
    id,
  )
  await app.page(
    (path) => {
      const { ipcRenderer } = /** @type {any} */ (window).require('electron')
      return ipcRenderer
        .invoke('osaurus:preload:fetch', 1, { method: 'GET', path, headers: [], redirect: 'follow' })
        .then(() => {})
    },
    path,
    raw,
  )
  const before = await memory()
  // A response that is read arrives as a whole meanwhile.
  const size = await app.page(
    async (path) => (await (await window.osaurus.fetch(path)).arrayBuffer()).byteLength,
    read,
    id,
  )
  assert.equal(size, 64 * 2 ** 20)
  await delay(1000)
  assert.deepEqual(
    server.closed.filter(({ url }) => url === path),
    [],
    'the server could not send everything',
  )
  const grown = ((await memory()) - before) / 2 ** 20
  assert.ok(grown < 128, `${grown} MiB`)
  await app.main(({ electron }) =>
    electron.BrowserWindow.getAllWindows().forEach((window) => window.destroy()),
  )
  await eventually(
    () => server.closed.filter((each) => each.url === path && !each.complete).length === 2,
    'both aborts',
  )
})

test('32 MiB are sent, and one byte more is refused before it is sent', async (t) => {
  const { app, server, id } = await startFetching(t)
  /** @type {Record<string, any>} */
  const outcomes = await app.page(
    async (limit) => {
      /** @type {Record<string, (size: number) => any>} */
      const kinds = {
        string: (size) => 'x'.repeat(size),
        ArrayBuffer: (size) => new ArrayBuffer(size),
        Uint8Array: (size) => new Uint8Array(size + 8).subarray(8),
        Blob: (size) => new Blob([new ArrayBuffer(size)]),
        ReadableStream: (size) => new Blob([new ArrayBuffer(size)]).stream(),
      }
      /** @type {Record<string, unknown>} */
      const outcomes = {}
      for (const [kind, make] of Object.entries(kinds))
        for (const size of [limit, limit + 1]) {
          const body = make(size)
          const init = /** @type {any} */ ({ method: 'POST', body, duplex: 'half' })
          outcomes[`${kind} ${size - limit}`] = await window.osaurus.fetch(`/sink?${kind}`, init).then(
            async (response) => (await response.json()).bytes,
            ({ code }) => code,
          )
        }
      return outcomes
    },
    LIMIT,
    id,
  )
  for (const [name, outcome] of Object.entries(outcomes))
    assert.equal(outcome, name.endsWith(' 0') ? LIMIT : 'OSAURUS_REQUEST_TOO_LARGE', name)
  assert.equal(server.requests().length, 5)

  const raw = await openRaw(app)
  const codes = await app.page(
    async (limit) => {
      const { ipcRenderer } = /** @type {any} */ (window).require('electron')
      const codes = []
      for (const [id, size] of [limit, limit + 1, 3 * limit].entries()) {
        const request = {
          method: 'POST',
          path: '/sink',
          headers: [],
          redirect: 'follow',
          body: new ArrayBuffer(size),
        }
        const { error } = await ipcRenderer.invoke('osaurus:preload:fetch', id, request)
        codes.push(error && error.code)
      }
      return codes
    },
    LIMIT,
    raw,
  )
  assert.deepEqual(codes, [null, 'OSAURUS_REQUEST_TOO_LARGE', 'OSAURUS_REQUEST_TOO_LARGE'])
  assert.equal(server.requests().length, 6)
})

test('headers of any number and length are refused, and the app goes on', async (t) => {
  const { app, server, id: other } = await startFetching(t)
  const raw = await openRaw(app)
  const codes = await app.page(
    async () => {
      const { ipcRenderer } = /** @type {any} */ (window).require('electron')
      const holes = new Array(3)
      // A few bytes in the message, and 32 GiB in a copy.
      holes.length = 2 ** 32 - 1
      const many = new Array(1001).fill(['a', 'b'])
      const long = [['a', 'b'.repeat(2 ** 20)]]
      /** @type {(string | null)[]} */
      const codes = []
      for (const headers of [holes, [holes], many, long, many.slice(1)]) {
        const request = { method: 'GET', path: '/echo', headers, redirect: 'follow' }
        const { error } = await ipcRenderer.invoke('osaurus:preload:fetch', codes.length, request)
        codes.push(error && error.code)
      }
      return codes
    },
    null,
    raw,
  )
  const tooLarge = 'OSAURUS_REQUEST_TOO_LARGE'
  assert.deepEqual(codes, [tooLarge, 'ERR_INVALID_ARG_TYPE', tooLarge, tooLarge, null])
  assert.equal(server.requests().length, 1)
  await assertAnswered(app, other)
})

for (const contextIsolation of [true, false])
  test(`a page that pollutes its prototypes harms itself only, with contextIsolation: ${contextIsolation}`, async (t) => {
    const { app, fake } = await startHostile(t, { register: { fetch: { accessKey: 'osk-v1-test' } } })
    const other = await openWindow(app)
    const before = await held(app)
    const polluted = await openWindow(app, { contextIsolation, sandbox: contextIsolation })
    const seen = await app.page(pollute, null, polluted)
    assert.ok(seen.length > 0, 'the page spies on something')
    assert.doesNotMatch(seen, /osk-v1/, 'the page never sees the key')
    for (const request of received(fake))
      assert.match(request, /^(GET \/v1\/models|POST \/v1\/chat\/completions)$/)
    await assertAnswered(app, other)
    assert.deepEqual(await app.page(() => window.osaurus.getInstance(), null, other), fake.instance)
    await app.main(({ electron }, id) => electron.BrowserWindow.fromId(id)?.destroy(), polluted)
    await nothingHeld(app, before)
  })

/** Runs in the page: pollutes what it can, fetches, and returns everything that its own code was given. */
async function pollute() {
  const stringify = JSON.stringify
  /** @type {string[]} */
  const seen = []
  const note = (/** @type {unknown[]} */ ...values) => {
    for (const value of values) {
      try {
        seen.push(typeof value === 'object' ? stringify(value) : `${String(value)}`)
      } catch (_) {
        // Has no text.
      }
    }
  }
  /** A descriptor without a prototype, which is polluted itself. @param {unknown} target @param {string} name @param {object} descriptor */
  const define = (target, name, descriptor) =>
    Object.defineProperty(
      target,
      name,
      Object.assign(Object.create(null), { configurable: true }, descriptor),
    )
  const forged = {
    method: 'DELETE',
    path: '/tasks/one',
    redirect: 'follow',
    accessKey: 'x',
    routes: ['* /**'],
  }
  for (const [name, value] of Object.entries(forged))
    define(Object.prototype, name, { writable: true, value })
  for (const name of [
    'headers',
    'body',
    'signal',
    'chunk',
    'done',
    'error',
    'value',
    'code',
    'authorization',
  ])
    define(Object.prototype, name, {
      get: () => undefined,
      /** @this {object} */
      set(/** @type {unknown} */ value) {
        note(name, value)
        define(this, name, { writable: true, enumerable: true, value })
      },
    })
  /** @param {any} target @param {string} name */
  const spy = (target, name) => {
    const original = target[name]
    target[name] = function (/** @type {any[]} */ ...args) {
      note(...args)
      return Reflect.apply(original, this, args)
    }
  }
  for (const [target, ...names] of /** @type {[any, ...string[]][]} */ ([
    [Array.prototype, 'push', 'map', 'includes', 'shift'],
    [String.prototype, 'startsWith', 'replace', 'split'],
    [Map.prototype, 'set', 'get'],
    [Promise.prototype, 'then', 'catch'],
    [JSON, 'stringify', 'parse'],
    [Function.prototype, 'call'],
  ]))
    for (const name of names) spy(target, name)

  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }
  for (const [path, options] of /** @type {[string, any][]} */ ([
    ['/v1/models', undefined],
    ['/v1/models', {}],
    ['/v1/chat/completions', init],
    ['/v1/agents', undefined],
    ['/v1/agents', { method: 'GET' }],
  ])) {
    const timeout = new Promise((resolve) => setTimeout(() => resolve('late'), 3000))
    const answered = window.osaurus.fetch(path, options).then(
      async (response) => note(response.status, [...response.headers], await response.text()),
      (error) => note(error, error.message),
    )
    await Promise.race([answered, timeout])
  }
  return seen.join('\n').slice(0, 1_000_000)
}
