// Tests how a watcher behaves in an app: its listeners, loops, options, warnings and the life of the process.
'use strict'

const assert = require('node:assert/strict')
const { on, once } = require('node:events')
const fs = require('node:fs')
const test = require('node:test')
const { watchInstances } = require('../..')
const { evaluate, runFixture, runNode } = require('../support/run-node.js')
const { RUNNING, RUNNING_INSTANCE, runtimeDirectory } = require('../support/runtime-directory.js')
const { recordChanges } = require('../support/change-recorder.js')
const { publish } = require('../support/watch-publisher.js')

const ID = RUNNING.instanceId

test('changes that an app makes to its objects do not affect others', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  publish(baseDir, ID)
  const watcher = watchInstances({ baseDir })
  t.after(() => watcher.close())
  const [change] = await once(watcher, 'change')
  change.instances[0].port = 1
  change.instances.pop()
  watcher.instances[0].url = 'spoiled'
  watcher.instances.pop()
  Object.assign(watcher.latest ?? {}, { address: 'spoiled' })
  assert.deepEqual(watcher.instances, [RUNNING_INSTANCE])
  assert.deepEqual(watcher.latest, RUNNING_INSTANCE)
})

test('for await over changes ends when the watcher is closed', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const watcher = watchInstances({ baseDir })
  t.after(() => watcher.close())
  const seen = []
  for await (const [change] of on(watcher, 'change', { close: ['close'] })) {
    seen.push(change.instances.length)
    if (seen.length === 1) publish(baseDir, ID)
    if (seen.length === 2) watcher.close()
  }
  assert.deepEqual(seen, [0, 1])
})

test('invalid options throw synchronously, as in Node', () => {
  const cases = /** @type {[any, string, RegExp][]} */ ([
    [null, 'ERR_INVALID_ARG_TYPE', /"options" argument/],
    [{ baseDir: 'relative' }, 'ERR_INVALID_ARG_VALUE', /options\.baseDir/],
    [{ persistent: 1 }, 'ERR_INVALID_ARG_TYPE', /"options\.persistent" property must be of type boolean/],
    [{ probeTimeoutMs: 0 }, 'ERR_OUT_OF_RANGE', /options\.probeTimeoutMs/],
    [{ timeoutMs: 5 }, 'ERR_INVALID_ARG_VALUE', /options\.timeoutMs' is not a known option\./],
    [{ signal: {} }, 'ERR_INVALID_ARG_TYPE', /options\.signal/],
  ])
  for (const [options, code, message] of cases) {
    assert.throws(() => watchInstances(options), { code, message })
  }
})

test('a listener that throws is an uncaught exception of the app and loses no event', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const reported = await runFixture('watch/throwing-listener.js', { data: baseDir })
  assert.deepEqual(reported, {
    seen: [0, 1, 2],
    caught: ['of the app, 0', 'of the app, 1', 'of the app, 2'],
    known: 2,
  })
})

test('an open watcher keeps the process alive, and an unref()ed one does not', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const script = (/** @type {string} */ options, /** @type {string} */ more) => `
    const watcher = require('.').watchInstances({ baseDir: ${JSON.stringify(baseDir)}, ${options} })
    ${more}
    process.on('exit', () => console.log('exit'))
    setTimeout(() => { console.log('open'); watcher.close() }, 300).unref()`
  const cases = [
    ['by default', '', '', 'open\nexit\n'],
    ['persistent', 'persistent: true', '', 'open\nexit\n'],
    ['not persistent', 'persistent: false', '', 'exit\n'],
    ['unref()ed', '', 'watcher.unref()', 'exit\n'],
    ['ref()ed again', 'persistent: false', 'watcher.ref().unref().ref()', 'open\nexit\n'],
    ['closed', '', 'watcher.close()', 'exit\n'],
  ]
  for (const [name, options, more, stdout] of cases) {
    const run = await runNode(['-e', script(options, more)])
    assert.deepEqual([run.stdout, run.stderr, run.code], [stdout, '', 0], name)
  }
})

test('a warning without a listener goes to the process', async (t) => {
  const runtime = runtimeDirectory(t)
  fs.rmdirSync(runtime.baseDir)
  fs.writeFileSync(runtime.baseDir, 'a file')
  const warning = await evaluate(
    `const watcher = discovery.watchInstances({ baseDir: data })
     const warning = await new Promise((resolve) => process.once('warning', resolve))
     watcher.close()
     return { name: warning.name, code: warning.code, message: warning.message }`,
    { data: runtime.baseDir, env: { ...process.env, NODE_NO_WARNINGS: '1' } },
  )
  assert.equal(warning.name, 'OsaurusWarning')
  assert.equal(warning.code, 'OSAURUS_IO')
  assert.match(warning.message, /^Osaurus folder cannot be read: .* is not a directory/)
})

test('a busy app receives the newest state when it has time', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const record = recordChanges(t, { baseDir })
  await record.until([])
  for (let round = 0; round < 3; round++) {
    publish(baseDir, `ROUND-${round}`)
    const busyUntil = performance.now() + 150
    while (performance.now() < busyUntil);
  }
  await record.until(['ROUND-2', 'ROUND-1', 'ROUND-0'])
  assert.equal(record.changes.length, 2)
})
