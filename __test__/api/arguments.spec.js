// Tests that invalid options are reported as in Node's own functions: by rejection, or thrown by the Sync functions.
'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { promisify } = require('node:util')
const discovery = require('../..')
const { rejection, thrown } = require('../support/failure.js')
const { RUNNING_INSTANCE, runtimeDirectory } = require('../support/runtime-directory.js')
const { WRONG } = require('../support/wrong-options.js')

/** @typedef {(options?: any) => any} AnyFunction */

/** @type {Record<string, AnyFunction>} */
const ASYNC = {
  discoverLatestRunningInstance: discovery.discoverLatestRunningInstance,
  listInstances: discovery.listInstances,
}

/** @type {Record<string, AnyFunction>} */
const SYNC = {
  discoverLatestRunningInstanceSync: discovery.discoverLatestRunningInstanceSync,
  listInstancesSync: discovery.listInstancesSync,
}

class Foo {}

/**
 * @param {import('../support/failure.js').Failure} error
 * @param {import('../support/wrong-options.js').Wrong} wrong
 */
function assertWrong(error, { code, message }) {
  assert.equal(error.code, code)
  if (typeof message === 'string') assert.equal(error.message, message)
  else assert.match(error.message, message)
  assert.ok(error instanceof (code === 'ERR_OUT_OF_RANGE' ? RangeError : TypeError))
  assert.ok(error.stack?.includes('arguments.spec.js'), 'the stack leads to the caller')
}

for (const wrong of WRONG) {
  for (const [name, call] of Object.entries(ASYNC)) {
    test(`${name} with ${wrong.name} rejects and does not throw synchronously`, async () => {
      const promise = call(wrong.options)
      assert.ok(promise instanceof Promise)
      assertWrong(await rejection(promise), wrong)
    })
  }
  for (const [name, call] of wrong.asyncOnly ? [] : Object.entries(SYNC)) {
    test(`${name} with ${wrong.name} throws`, () => {
      assertWrong(
        thrown(() => call(wrong.options)),
        wrong,
      )
    })
  }
}

for (const [name, call] of Object.entries(SYNC)) {
  test(`${name} rejects options that only an asynchronous call can honor`, () => {
    for (const option of [
      { signal: new AbortController().signal },
      { verify: false },
      { probeTimeoutMs: 500 },
    ]) {
      const [key] = Object.keys(option)
      const error = thrown(() => call(option))
      assert.equal(error.code, 'ERR_INVALID_ARG_VALUE')
      assert.ok(error.message.startsWith(`The property 'options.${key}' `), error.message)
      assert.match(error.message, /Only the functions without Sync can (verify|be aborted)\./)
    }
  })
}

test('the received value is described as this version of Node describes it', () => {
  const words = (/** @type {Error} */ error) => error.message.slice(error.message.indexOf('Received'))
  const values = [
    5,
    -0,
    1n,
    null,
    Symbol('s'),
    {},
    [],
    new Foo(),
    new Map(),
    Object.create(null),
    'word',
    "it's",
    '',
  ]
  for (const value of values) {
    const ours = thrown(() => discovery.listInstancesSync(/** @type {any} */ ({ legacyDirs: value })))
    const nodes = thrown(() => promisify(/** @type {any} */ (value)))
    assert.equal(words(ours), words(nodes))
    assert.equal(ours.code, nodes.code)
    assert.equal(ours.name, nodes.name)
  }
})

test('inherited options count, such as the getters of a class', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const { baseDir } = runtime
  class Settings {
    get baseDir() {
      return baseDir
    }
  }
  for (const options of [new Settings(), Object.create({ baseDir })])
    assert.deepEqual(await discovery.listInstances(options), [RUNNING_INSTANCE])
  const error = thrown(() => discovery.listInstancesSync(Object.create({ baseDir: 5 })))
  assert.equal(error.code, 'ERR_INVALID_ARG_TYPE')
})

test('a getter that throws rejects with its error and is read once', async () => {
  const mine = new Error('mine')
  for (const call of Object.values(ASYNC)) {
    let reads = 0
    const promise = call({
      get baseDir() {
        reads++
        throw mine
      },
    })
    assert.equal(await rejection(promise), mine)
    assert.equal(reads, 1)
  }
})

test('options are read once, before anything else happens', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  for (const call of [...Object.values(ASYNC), ...Object.values(SYNC)]) {
    let reads = 0
    const changing = {
      get baseDir() {
        return ++reads === 1 ? runtime.baseDir : 5
      },
    }
    assert.deepEqual([await call(changing)].flat(), [RUNNING_INSTANCE])
    assert.equal(reads, 1)
  }
})

test('options that change after the call have no effect', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const changing = { baseDir: runtime.baseDir }
  const promise = discovery.listInstances(changing)
  changing.baseDir = '/nowhere'
  assert.deepEqual(await promise, [RUNNING_INSTANCE])
})

test('undefined options count as absent', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const missing = { baseDir: runtime.baseDir, legacyDirs: undefined }
  const list = await discovery.listInstances(
    /** @type {any} */ ({ ...missing, signal: undefined, verify: undefined, probeTimeoutMs: undefined }),
  )
  assert.deepEqual(list, [RUNNING_INSTANCE])
  assert.deepEqual(discovery.listInstancesSync(/** @type {any} */ (missing)), [RUNNING_INSTANCE])
})

test('options may be frozen, without a prototype, or an instance of a class', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const { baseDir } = runtime
  class Options {
    baseDir = baseDir
  }
  const bare = Object.assign(Object.create(null), { baseDir })
  for (const good of [Object.freeze({ baseDir }), bare, new Options()]) {
    assert.deepEqual(await discovery.listInstances(good), [RUNNING_INSTANCE])
    assert.deepEqual(discovery.listInstancesSync(good), [RUNNING_INSTANCE])
    assert.deepEqual({ ...good }, { baseDir }, 'and stay as they are')
  }
})

test('legacyDirs: false is allowed beside baseDir', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const good = { baseDir: runtime.baseDir, legacyDirs: false }
  assert.deepEqual(await discovery.listInstances(good), [RUNNING_INSTANCE])
  assert.deepEqual(discovery.listInstancesSync(good), [RUNNING_INSTANCE])
})

test('a long value is truncated in the message', async () => {
  const error = await rejection(discovery.listInstances({ baseDir: 'x'.repeat(100_000) }))
  assert.equal(error.code, 'ERR_INVALID_ARG_VALUE')
  assert.ok(error.message.length < 1000)
})

test('additional arguments are ignored, so that a function can serve as a callback', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const lists = [{ baseDir: runtime.baseDir }].map(/** @type {AnyFunction} */ (discovery.listInstancesSync))
  assert.deepEqual(lists, [[RUNNING_INSTANCE]])
})
