// Tests that running instances are found, the newest first.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const {
  discoverLatestRunningInstance,
  discoverLatestRunningInstanceSync,
  listInstances,
  listInstancesSync,
} = require('../..')
const { readByGuide } = require('../support/guide-reader.js')
const { evaluate } = require('../support/run-node.js')
const {
  RUNNING,
  RUNNING_INSTANCE,
  homeDirectory,
  osaurusText,
  runtimeDirectory,
} = require('../support/runtime-directory.js')

/**
 * Returns what all four functions find in a directory, after comparing async and sync ones.
 * @param {string} baseDir
 */
async function everyAnswer(baseDir) {
  const list = listInstancesSync({ baseDir })
  assert.deepEqual(await listInstances({ baseDir }), list)
  const latest = discoverLatestRunningInstanceSync({ baseDir })
  assert.deepEqual(await discoverLatestRunningInstance({ baseDir }), latest)
  assert.deepEqual(latest, list[0])
  return list
}

/**
 * @param {string} baseDir
 */
async function idsOf(baseDir) {
  return (await everyAnswer(baseDir)).map(({ instanceId }) => instanceId)
}

test('a running instance is found', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  assert.deepEqual(await everyAnswer(runtime.baseDir), [RUNNING_INSTANCE])
})

test('an exposed instance is found with its LAN address', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ address: '192.168.1.20', url: 'http://192.168.1.20:1337', exposeToNetwork: true })
  assert.deepEqual(await everyAnswer(runtime.baseDir), [
    { ...RUNNING_INSTANCE, address: '192.168.1.20', url: 'http://192.168.1.20:1337', exposeToNetwork: true },
  ])
})

test('an instance has exactly the six fields of the guide, in its order and with its types', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const { baseDir } = runtime
  const results = [
    await discoverLatestRunningInstance({ baseDir }),
    discoverLatestRunningInstanceSync({ baseDir }),
    ...(await listInstances({ baseDir })),
    ...listInstancesSync({ baseDir }),
  ]
  assert.equal(results.length, 4)
  for (const result of results) {
    assert.deepEqual(
      Object.entries(result).map(([key, value]) => [key, typeof value]),
      [
        ['instanceId', 'string'],
        ['updatedAt', 'number'],
        ['address', 'string'],
        ['port', 'number'],
        ['url', 'string'],
        ['exposeToNetwork', 'boolean'],
      ],
    )
    assert.equal(Object.getPrototypeOf(result), Object.prototype)
    assert.deepEqual(structuredClone(result), result)
    assert.deepEqual(JSON.parse(JSON.stringify(result)), result)
    assert.equal(Object.isExtensible(result), true, 'an object of the caller')
  }
})

test('a call without options finds the same as a reader of the guide', async (t) => {
  const { home, runtime } = homeDirectory(t)
  runtime.publish({ instanceId: '11111111-1111-4111-8111-111111111111', updatedAt: '2025-09-08T12:34:56Z' })
  runtime.publish({
    instanceId: '22222222-2222-4222-8222-222222222222',
    port: 1338,
    url: 'http://127.0.0.1:1338',
  })
  runtime.publishStarting('starting', '33333333-3333-4333-8333-333333333333')
  const { latest, list, latestSync, listSync } = await evaluate(
    `return {
      latest: await discovery.discoverLatestRunningInstance(),
      list: await discovery.listInstances(),
      latestSync: discovery.discoverLatestRunningInstanceSync(),
      listSync: discovery.listInstancesSync(),
    }`,
    { env: { ...process.env, HOME: home } },
  )
  const byGuide = readByGuide(runtime.baseDir)
    .flatMap((entry) => (entry.verdict === 'instance' ? [entry.instance] : []))
    .sort((a, b) => b.updatedAt - a.updatedAt)
  assert.equal(byGuide.length, 2)
  assert.deepEqual(latest, byGuide[0])
  assert.deepEqual(list, byGuide)
  assert.deepEqual(latestSync, byGuide[0])
  assert.deepEqual(listSync, byGuide)
})

test('every call returns new objects and arrays', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const { baseDir } = runtime
  const first = listInstancesSync({ baseDir })
  first[0].port = 1
  first.pop()
  assert.deepEqual(listInstancesSync({ baseDir }), [RUNNING_INSTANCE])
})

test('the next call sees a change', async (t) => {
  const runtime = runtimeDirectory(t)
  const { baseDir } = runtime
  for (let port = 1; port <= 50; port++) {
    runtime.publish({ port, url: `http://127.0.0.1:${port}` })
    assert.equal(discoverLatestRunningInstanceSync({ baseDir }).port, port)
    assert.equal((await discoverLatestRunningInstance({ baseDir })).port, port)
  }
  fs.rmSync(runtime.dir(RUNNING.instanceId), { recursive: true })
  assert.deepEqual(await listInstances({ baseDir }), [])
})

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
  assert.deepEqual(await idsOf(runtime.baseDir), ['A', 'B', 'D', 'C'])
})

test('times are compared as points in time, not as text', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: 'EARLY', updatedAt: '2025-09-08T13:35:12+02:00' })
  runtime.publish({ instanceId: 'LATE', updatedAt: '2025-09-08T12:35:12Z' })
  runtime.publish({ instanceId: 'LATER', updatedAt: '2025-09-08T07:35:12.001-05:00' })
  assert.deepEqual(await idsOf(runtime.baseDir), ['LATER', 'LATE', 'EARLY'])
})

test('the mtime of the directory replaces a missing or invalid updatedAt, with the fraction that Node gives', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: 'MISSING', updatedAt: undefined })
  runtime.publish({ instanceId: 'NONE', updatedAt: 'yesterday' })
  runtime.publish({ instanceId: 'PUBLISHED', updatedAt: '2025-09-08T12:35:12Z' })
  runtime.touch('MISSING', { directory: 1757334912.123456, file: 4102444800 })
  runtime.touch('NONE', { directory: 1757334911.5, file: 4102444800 })

  const list = await everyAnswer(runtime.baseDir)
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
  const list = await everyAnswer(runtime.baseDir)
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
  assert.deepEqual(await idsOf(runtime.baseDir), ['FUTURE', 'NOW', 'EPOCH', 'BEFORE', 'ROME'])
})

test('the newer file comes first if updatedAt is equal', async (t) => {
  const runtime = runtimeDirectory(t)
  for (const instanceId of ['A', 'B', 'C']) runtime.publish({ instanceId })
  runtime.touch('A', { file: 1000, directory: 9000 })
  runtime.touch('B', { file: 1000.5, directory: 1 })
  runtime.touch('C', { file: 2000, directory: 5 })
  assert.deepEqual(await idsOf(runtime.baseDir), ['C', 'B', 'A'])
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
  assert.deepEqual(await idsOf(runtime.baseDir), ['C', 'a', 'ab', 'b', 'é'])
})

test('fractions below a millisecond are ignored', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: 'A', updatedAt: '2025-09-08T12:35:12.1231Z' })
  runtime.publish({ instanceId: 'B', updatedAt: '2025-09-08T12:35:12.1239Z' })
  runtime.touch('A', { file: 2000 })
  runtime.touch('B', { file: 1000 })
  assert.deepEqual(await idsOf(runtime.baseDir), ['A', 'B'])
})

test('the newer of two entries with one id is kept', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: 'A', port: 1 }, 'old')
  runtime.publish({ instanceId: 'A', port: 2, updatedAt: '2025-09-08T12:35:13Z' }, 'new')
  runtime.publish({ instanceId: 'B', port: 3, updatedAt: '2025-09-08T12:35:12.5Z' }, 'between')
  const list = await everyAnswer(runtime.baseDir)
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
    (await everyAnswer(runtime.baseDir)).map(({ port }) => port),
    [1],
  )
})

test('an id may be the name of another directory', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: undefined, port: 1, updatedAt: '2025-09-08T12:35:13Z' }, 'A')
  runtime.publish({ instanceId: 'A', port: 2 }, 'B')
  const list = await everyAnswer(runtime.baseDir)
  assert.deepEqual(
    list.map(({ instanceId, port }) => [instanceId, port]),
    [['A', 1]],
  )
})

test('a starting instance does not hide a running one', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  runtime.publishStarting('starting', 'STARTING')
  runtime.publishStarting('restarting', 'RESTARTING')
  assert.deepEqual(await idsOf(runtime.baseDir), [RUNNING.instanceId])
})

test('hidden directories, links and plain files in the base directory are ignored', async (t) => {
  const runtime = runtimeDirectory(t)
  const newer = { updatedAt: '2026-01-01T00:00:00Z' }
  runtime.publish()
  runtime.publish({ ...newer, instanceId: 'HIDDEN' }, '.hidden')
  runtime.publish({ ...newer, instanceId: 'DOTS' }, '...')
  const elsewhere = path.join(runtime.root, 'elsewhere')
  fs.mkdirSync(elsewhere)
  fs.writeFileSync(
    path.join(elsewhere, 'configuration.json'),
    osaurusText({ ...RUNNING, ...newer, instanceId: 'LINKED' }),
  )
  fs.symlinkSync(elsewhere, runtime.dir('link'))
  fs.symlinkSync('nowhere', runtime.dir('dangling'))
  fs.writeFileSync(runtime.dir('file'), osaurusText({ ...RUNNING, ...newer, instanceId: 'FILE' }))
  fs.writeFileSync(
    runtime.dir('configuration.json'),
    osaurusText({ ...RUNNING, ...newer, instanceId: 'BASE' }),
  )
  assert.deepEqual(await idsOf(runtime.baseDir), [RUNNING.instanceId])
})

test('a file in a subdirectory of an instance directory is ignored', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  runtime.publish({ instanceId: 'DEEP', updatedAt: '2026-01-01T00:00:00Z' }, path.join('outer', 'inner'))
  assert.deepEqual(await idsOf(runtime.baseDir), [RUNNING.instanceId])
})

test('other files in an instance directory are ignored', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  fs.writeFileSync(path.join(runtime.dir(RUNNING.instanceId), '.configuration.json.sb-1234'), '{')
  fs.mkdirSync(path.join(runtime.dir(RUNNING.instanceId), 'logs'))
  assert.deepEqual(await everyAnswer(runtime.baseDir), [RUNNING_INSTANCE])
})

test('an empty directory, as Osaurus leaves it for a moment, is ignored', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.makeDirectory('EMPTY')
  assert.deepEqual(listInstancesSync({ baseDir: runtime.baseDir }), [])
  runtime.publish()
  assert.deepEqual(await idsOf(runtime.baseDir), [RUNNING.instanceId])
})

test('a thousand concurrent calls all return', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const { baseDir } = runtime
  const answers = await Promise.all(
    Array.from({ length: 1000 }, () => discoverLatestRunningInstance({ baseDir })),
  )
  for (const answer of answers) assert.deepEqual(answer, RUNNING_INSTANCE)
})
