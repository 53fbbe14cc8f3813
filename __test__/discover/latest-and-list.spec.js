// Does an app find the Osaurus that runs, and the newest one where there are several?
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
 * What all four functions say about a folder, the async and the sync ones agreeing.
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

test('the one that runs is found', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  assert.deepEqual(await everyAnswer(runtime.baseDir), [RUNNING_INSTANCE])
})

test('an exposed one is found under its LAN address', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ address: '192.168.1.20', url: 'http://192.168.1.20:1337', exposeToNetwork: true })
  assert.deepEqual(await everyAnswer(runtime.baseDir), [
    { ...RUNNING_INSTANCE, address: '192.168.1.20', url: 'http://192.168.1.20:1337', exposeToNetwork: true },
  ])
})

test('the result has the six fields of the guide, in its order and of its types, and nothing else', async (t) => {
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

test('the home folder without options gives what a reader of the guide finds there', async (t) => {
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

test('every call gives objects and lists of its own', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const { baseDir } = runtime
  const first = listInstancesSync({ baseDir })
  first[0].port = 1
  first.pop()
  assert.deepEqual(listInstancesSync({ baseDir }), [RUNNING_INSTANCE])
})

test('a change is seen by the very next call', async (t) => {
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

test('the newest updatedAt comes first, whatever the order of the folders and of their mtimes', async (t) => {
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

test('times are compared as moments, not as text', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: 'EARLY', updatedAt: '2025-09-08T13:35:12+02:00' })
  runtime.publish({ instanceId: 'LATE', updatedAt: '2025-09-08T12:35:12Z' })
  runtime.publish({ instanceId: 'LATER', updatedAt: '2025-09-08T07:35:12.001-05:00' })
  assert.deepEqual(await idsOf(runtime.baseDir), ['LATER', 'LATE', 'EARLY'])
})

test('where updatedAt is missing or no time, the mtime of the folder counts, to the fraction that Node gives', async (t) => {
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

test('of folders never touched the mtime equals the one that Node gives, to the last digit', async (t) => {
  const runtime = runtimeDirectory(t)
  for (let i = 0; i < 200; i++) runtime.publish({ instanceId: `I${i}`, updatedAt: undefined })
  const list = await everyAnswer(runtime.baseDir)
  assert.equal(list.length, 200)
  for (const { instanceId, updatedAt } of list) {
    assert.equal(updatedAt, fs.statSync(runtime.dir(instanceId)).mtimeMs)
  }
})

test('times before 1970 and far ahead are in order too', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: 'FUTURE', updatedAt: '9999-12-31T23:59:59Z' })
  runtime.publish({ instanceId: 'NOW' })
  runtime.publish({ instanceId: 'EPOCH', updatedAt: '1970-01-01T00:00:00Z' })
  runtime.publish({ instanceId: 'BEFORE', updatedAt: '1969-12-31T23:59:59Z' })
  runtime.publish({ instanceId: 'ROME', updatedAt: '0001-01-01T00:00:00Z' })
  assert.deepEqual(await idsOf(runtime.baseDir), ['FUTURE', 'NOW', 'EPOCH', 'BEFORE', 'ROME'])
})

test('of equal updatedAt the newer file comes first', async (t) => {
  const runtime = runtimeDirectory(t)
  for (const instanceId of ['A', 'B', 'C']) runtime.publish({ instanceId })
  runtime.touch('A', { file: 1000, directory: 9000 })
  runtime.touch('B', { file: 1000.5, directory: 1 })
  runtime.touch('C', { file: 2000, directory: 5 })
  assert.deepEqual(await idsOf(runtime.baseDir), ['C', 'B', 'A'])
})

test('of equal files the ids decide, ascending', async (t) => {
  const runtime = runtimeDirectory(t)
  for (const [instanceId, folder] of [
    ['b', '1'],
    ['a', '2'],
    ['C', '3'],
    ['ab', '4'],
    ['é', '5'],
  ]) {
    runtime.publish({ instanceId }, folder)
    runtime.touch(folder, { file: 1000, directory: 1000 })
  }
  assert.deepEqual(await idsOf(runtime.baseDir), ['C', 'a', 'ab', 'b', 'é'])
})

test('fractions of a second beyond the millisecond decide nothing', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: 'A', updatedAt: '2025-09-08T12:35:12.1231Z' })
  runtime.publish({ instanceId: 'B', updatedAt: '2025-09-08T12:35:12.1239Z' })
  runtime.touch('A', { file: 2000 })
  runtime.touch('B', { file: 1000 })
  assert.deepEqual(await idsOf(runtime.baseDir), ['A', 'B'])
})

test('of two entries with one id the newer stays', async (t) => {
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

test('of two entries with one id and one updatedAt the newer file stays', async (t) => {
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

test('an id that is the name of another folder is still the id', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: undefined, port: 1, updatedAt: '2025-09-08T12:35:13Z' }, 'A')
  runtime.publish({ instanceId: 'A', port: 2 }, 'B')
  const list = await everyAnswer(runtime.baseDir)
  assert.deepEqual(
    list.map(({ instanceId, port }) => [instanceId, port]),
    [['A', 1]],
  )
})

test('one that starts beside one that runs does not hide it', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  runtime.publishStarting('starting', 'STARTING')
  runtime.publishStarting('restarting', 'RESTARTING')
  assert.deepEqual(await idsOf(runtime.baseDir), [RUNNING.instanceId])
})

test('hidden folders, links and plain files in the base directory are no instances', async (t) => {
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

test('a file deeper down is no instance', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  runtime.publish({ instanceId: 'DEEP', updatedAt: '2026-01-01T00:00:00Z' }, path.join('outer', 'inner'))
  assert.deepEqual(await idsOf(runtime.baseDir), [RUNNING.instanceId])
})

test('what else lies in the folder of an instance does not matter', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  fs.writeFileSync(path.join(runtime.dir(RUNNING.instanceId), '.configuration.json.sb-1234'), '{')
  fs.mkdirSync(path.join(runtime.dir(RUNNING.instanceId), 'logs'))
  assert.deepEqual(await everyAnswer(runtime.baseDir), [RUNNING_INSTANCE])
})

test('an empty folder, as Osaurus leaves it for a moment, is no instance', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.makeDirectory('EMPTY')
  assert.deepEqual(listInstancesSync({ baseDir: runtime.baseDir }), [])
  runtime.publish()
  assert.deepEqual(await idsOf(runtime.baseDir), [RUNNING.instanceId])
})

test('a thousand calls at once all get their answer', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const { baseDir } = runtime
  const answers = await Promise.all(
    Array.from({ length: 1000 }, () => discoverLatestRunningInstance({ baseDir })),
  )
  for (const answer of answers) assert.deepEqual(answer, RUNNING_INSTANCE)
})
