// Tests that instances are sorted newest first, and that each id is kept once.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const test = require('node:test')
const { allIds, allInstances } = require('../support/all-instances.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')

test('the newest updatedAt comes first, independently of directory order and mtimes', async (t) => {
  const runtime = runtimeDirectory(t)
  const times = {
    B: '2025-09-08T12:35:12Z',
    D: '2025-09-08T12:35:11Z',
    A: '2025-09-08T12:35:13Z',
    C: '2024-01-01T00:00:00Z',
  }
  for (const [instanceId, updatedAt] of Object.entries(times)) runtime.publish({ instanceId, updatedAt })
  runtime.touch('C', { directory: 4102444800, file: 4102444800 })
  assert.deepEqual(await allIds(runtime.baseDir), ['A', 'B', 'D', 'C'])
})

test('times are compared as points in time, not as text', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: 'EARLY', updatedAt: '2025-09-08T13:35:12+02:00' })
  runtime.publish({ instanceId: 'LATE', updatedAt: '2025-09-08T12:35:12Z' })
  runtime.publish({ instanceId: 'LATER', updatedAt: '2025-09-08T07:35:12.001-05:00' })
  assert.deepEqual(await allIds(runtime.baseDir), ['LATER', 'LATE', 'EARLY'])
})

test('the mtime of the directory replaces a missing or invalid updatedAt, with the fraction that Node gives', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: 'MISSING', updatedAt: undefined })
  runtime.publish({ instanceId: 'NONE', updatedAt: 'yesterday' })
  runtime.publish({ instanceId: 'PUBLISHED', updatedAt: '2025-09-08T12:35:12Z' })
  runtime.touch('MISSING', { directory: 1757334912.123456, file: 4102444800 })
  runtime.touch('NONE', { directory: 1757334911.5, file: 4102444800 })

  const list = await allInstances(runtime.baseDir)
  assert.deepEqual(
    list.map(({ instanceId, updatedAt }) => [instanceId, updatedAt]),
    [
      ['MISSING', fs.statSync(runtime.dir('MISSING')).mtimeMs],
      ['PUBLISHED', 1757334912000],
      ['NONE', 1757334911500],
    ],
  )
  assert.notEqual(list[0].updatedAt % 1, 0, 'finer than a millisecond')
})

test('the mtime of an untouched directory equals that of Node to the last digit', async (t) => {
  const runtime = runtimeDirectory(t)
  for (let i = 0; i < 200; i++) runtime.publish({ instanceId: `I${i}`, updatedAt: undefined })
  const list = await allInstances(runtime.baseDir)
  assert.equal(list.length, 200)
  for (const { instanceId, updatedAt } of list) {
    assert.equal(updatedAt, fs.statSync(runtime.dir(instanceId)).mtimeMs)
  }
})

test('times before 1970 and in the far future are sorted too', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: 'FUTURE', updatedAt: '9999-12-31T23:59:59Z' })
  runtime.publish({ instanceId: 'NOW' })
  runtime.publish({ instanceId: 'EPOCH', updatedAt: '1970-01-01T00:00:00Z' })
  runtime.publish({ instanceId: 'BEFORE', updatedAt: '1969-12-31T23:59:59Z' })
  runtime.publish({ instanceId: 'ROME', updatedAt: '0001-01-01T00:00:00Z' })
  assert.deepEqual(await allIds(runtime.baseDir), ['FUTURE', 'NOW', 'EPOCH', 'BEFORE', 'ROME'])
})

test('the newer file comes first if updatedAt is equal', async (t) => {
  const runtime = runtimeDirectory(t)
  for (const instanceId of ['A', 'B', 'C']) runtime.publish({ instanceId })
  runtime.touch('A', { file: 1000, directory: 9000 })
  runtime.touch('B', { file: 1000.5, directory: 1 })
  runtime.touch('C', { file: 2000, directory: 5 })
  assert.deepEqual(await allIds(runtime.baseDir), ['C', 'B', 'A'])
})

test('ids decide in ascending order if file times are equal', async (t) => {
  const runtime = runtimeDirectory(t)
  for (const [instanceId, name] of [
    ['b', '1'],
    ['a', '2'],
    ['C', '3'],
    ['ab', '4'],
    ['é', '5'],
  ]) {
    runtime.publish({ instanceId }, name)
    runtime.touch(name, { file: 1000, directory: 1000 })
  }
  assert.deepEqual(await allIds(runtime.baseDir), ['C', 'a', 'ab', 'b', 'é'])
})

test('fractions below a millisecond are ignored', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: 'A', updatedAt: '2025-09-08T12:35:12.1231Z' })
  runtime.publish({ instanceId: 'B', updatedAt: '2025-09-08T12:35:12.1239Z' })
  runtime.touch('A', { file: 2000 })
  runtime.touch('B', { file: 1000 })
  assert.deepEqual(await allIds(runtime.baseDir), ['A', 'B'])
})

test('the newer of two entries with one id is kept', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: 'A', port: 1 }, 'old')
  runtime.publish({ instanceId: 'A', port: 2, updatedAt: '2025-09-08T12:35:13Z' }, 'new')
  runtime.publish({ instanceId: 'B', port: 3, updatedAt: '2025-09-08T12:35:12.5Z' }, 'between')
  const list = await allInstances(runtime.baseDir)
  assert.deepEqual(
    list.map(({ instanceId, port }) => [instanceId, port]),
    [
      ['A', 2],
      ['B', 3],
    ],
  )
})

test('the newer file of two entries with one id and one updatedAt is kept', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: 'A', port: 1 }, 'x')
  runtime.publish({ instanceId: 'A', port: 2 }, 'y')
  runtime.touch('x', { file: 2000 })
  runtime.touch('y', { file: 1000 })
  assert.deepEqual(
    (await allInstances(runtime.baseDir)).map(({ port }) => port),
    [1],
  )
})

test('an id may be the name of another directory', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: undefined, port: 1, updatedAt: '2025-09-08T12:35:13Z' }, 'A')
  runtime.publish({ instanceId: 'A', port: 2 }, 'B')
  const list = await allInstances(runtime.baseDir)
  assert.deepEqual(
    list.map(({ instanceId, port }) => [instanceId, port]),
    [['A', 1]],
  )
})
