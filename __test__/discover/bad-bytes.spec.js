// Tests that no bytes in a configuration.json crash or mislead an app. The meaning of whole files is in cases.spec.js.
'use strict'

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { listInstances, listInstancesSync } = require('../..')
const { assertIgnored } = require('../support/assert-ignored.js')
const {
  RUNNING,
  RUNNING_INSTANCE,
  osaurusText,
  runtimeDirectory,
} = require('../support/runtime-directory.js')
const { IN_MEMORY } = require('../support/temporary-directory.js')

const BAD = 'BAD'
const MAX_BYTES = 64 * 1024
const WRITER = path.join(__dirname, '..', 'fixtures', 'discover', 'write-by-byte.js')

test('an empty file is ignored', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.write(BAD, '')
  await assertIgnored(runtime, 'not-json')
})

test('a file truncated at any byte is ignored', (t) => {
  const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
  const { baseDir } = runtime
  const whole = Buffer.from(osaurusText({ ...RUNNING, instanceId: '🦕' }))
  runtime.publish()
  for (let length = 0; length < whole.length; length++) {
    runtime.write(BAD, whole.subarray(0, length))
    assert.deepEqual(listInstancesSync({ baseDir }), [RUNNING_INSTANCE], `at byte ${length}`)
  }
  runtime.write(BAD, whole)
  assert.equal(listInstancesSync({ baseDir }).length, 2, 'and the whole of it is one')
})

test('a file with any byte replaced by any other neither crashes nor hides its neighbour', (t) => {
  const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
  const { baseDir } = runtime
  const whole = Buffer.from(osaurusText({ ...RUNNING, instanceId: BAD }))
  runtime.publish({ updatedAt: '2030-01-01T00:00:00Z' })
  for (let at = 0; at < whole.length; at++) {
    for (const byte of [0x00, 0x0a, 0x22, 0x5c, 0x7b, 0x80, 0xff]) {
      const changed = Buffer.from(whole)
      changed[at] = byte
      runtime.write(BAD, changed)
      const ids = listInstancesSync({ baseDir }).map(({ instanceId }) => instanceId)
      assert.ok(ids.includes(RUNNING.instanceId), `byte ${at} as ${byte}`)
    }
  }
})

test('a file of exactly 64 KiB is read, and one of a byte more is ignored', async (t) => {
  const text = osaurusText({ ...RUNNING, instanceId: BAD })
  for (const padded of [
    (/** @type {number} */ size) => text.padEnd(size),
    (/** @type {number} */ size) => text.padStart(size),
    (/** @type {number} */ size) => text.replace('{', `{"padding":"${'x'.repeat(size - text.length - 13)}",`),
  ]) {
    const runtime = runtimeDirectory(t)
    runtime.write(BAD, padded(MAX_BYTES))
    assert.equal(fs.statSync(runtime.file(BAD)).size, MAX_BYTES)
    assert.deepEqual(listInstancesSync({ baseDir: runtime.baseDir }), [
      { ...RUNNING_INSTANCE, instanceId: BAD },
    ])
    runtime.write(BAD, padded(MAX_BYTES + 1))
    assert.equal(fs.statSync(runtime.file(BAD)).size, MAX_BYTES + 1)
    await assertIgnored(runtime, 'too-large')
  }
})

test('64 KiB of open brackets do not overflow the stack', async (t) => {
  for (const brackets of [
    '['.repeat(MAX_BYTES),
    '{"a":'.repeat(MAX_BYTES / 5),
    '['.repeat(MAX_BYTES / 2) + ']'.repeat(MAX_BYTES / 2),
  ]) {
    const runtime = runtimeDirectory(t)
    runtime.write(BAD, brackets)
    await assertIgnored(runtime, 'not-json')
  }
})

test('an unknown field of 64 KiB of open brackets does not overflow the stack', async (t) => {
  const runtime = runtimeDirectory(t)
  const depth = 32_000
  const text = osaurusText({ ...RUNNING, instanceId: BAD })
  runtime.write(BAD, text.replace('{', `{"deep":${'['.repeat(depth)}${']'.repeat(depth)},`))
  await assertIgnored(runtime, 'not-json')
})

test('a port of sixty thousand digits is ignored without delay', async (t) => {
  for (const port of ['1'.repeat(60_000), `1e${'9'.repeat(60_000)}`, `0.${'9'.repeat(60_000)}e9`]) {
    const runtime = runtimeDirectory(t)
    runtime.write(BAD, osaurusText({ ...RUNNING, instanceId: BAD }).replace('1337,', `${port},`))
    await assertIgnored(runtime, 'bad-port')
  }
})

test('thousands of repeated fields take their last value', async (t) => {
  const runtime = runtimeDirectory(t)
  const text = osaurusText({ ...RUNNING, instanceId: BAD })
  runtime.write(BAD, text.replace('{', `{${'"port":1,'.repeat(7000)}`))
  assert.deepEqual(await listInstances({ baseDir: runtime.baseDir }), [
    { ...RUNNING_INSTANCE, instanceId: BAD },
  ])
})

test('a file that another process writes byte by byte is read completely or ignored', async (t) => {
  const runtime = runtimeDirectory(t)
  const { baseDir } = runtime
  const text = osaurusText({ ...RUNNING, instanceId: BAD })
  runtime.write(BAD, text)
  const writer = spawn(process.execPath, [WRITER, runtime.file(BAD), text])
  t.after(() => writer.kill('SIGKILL'))
  await once(writer.stdout, 'data')
  const seen = { whole: 0, nothing: 0 }
  for (let scan = 0; scan < 20_000; scan++) {
    const list = listInstancesSync({ baseDir })
    if (list.length === 0) seen.nothing++
    else {
      assert.deepEqual(list, [{ ...RUNNING_INSTANCE, instanceId: BAD }])
      seen.whole++
    }
  }
  assert.ok(seen.nothing > 0, 'halves were met')
  writer.kill('SIGKILL')
  await once(writer, 'exit')
})
