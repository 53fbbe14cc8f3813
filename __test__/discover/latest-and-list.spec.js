// Tests that running instances are found, and what is not an instance is ignored.
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
const { allIds, allInstances } = require('../support/all-instances.js')
const { readByGuide } = require('../support/guide-reader.js')
const { evaluate } = require('../support/run-node.js')
const {
  RUNNING,
  RUNNING_INSTANCE,
  homeDirectory,
  osaurusText,
  runtimeDirectory,
} = require('../support/runtime-directory.js')

test('a running instance is found', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  assert.deepEqual(await allInstances(runtime.baseDir), [RUNNING_INSTANCE])
})

test('an exposed instance is found with its LAN address', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ address: '192.168.1.20', url: 'http://192.168.1.20:1337', exposeToNetwork: true })
  assert.deepEqual(await allInstances(runtime.baseDir), [
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

test('a starting instance does not hide a running one', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  runtime.publishStarting('starting', 'STARTING')
  runtime.publishStarting('restarting', 'RESTARTING')
  assert.deepEqual(await allIds(runtime.baseDir), [RUNNING.instanceId])
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
  assert.deepEqual(await allIds(runtime.baseDir), [RUNNING.instanceId])
})

test('a file in a subdirectory of an instance directory is ignored', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  runtime.publish({ instanceId: 'DEEP', updatedAt: '2026-01-01T00:00:00Z' }, path.join('outer', 'inner'))
  assert.deepEqual(await allIds(runtime.baseDir), [RUNNING.instanceId])
})

test('other files in an instance directory are ignored', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  fs.writeFileSync(path.join(runtime.dir(RUNNING.instanceId), '.configuration.json.sb-1234'), '{')
  fs.mkdirSync(path.join(runtime.dir(RUNNING.instanceId), 'logs'))
  assert.deepEqual(await allInstances(runtime.baseDir), [RUNNING_INSTANCE])
})

test('an empty directory, as Osaurus leaves it for a moment, is ignored', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.makeDirectory('EMPTY')
  assert.deepEqual(listInstancesSync({ baseDir: runtime.baseDir }), [])
  runtime.publish()
  assert.deepEqual(await allIds(runtime.baseDir), [RUNNING.instanceId])
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
