// Tests the directories of older versions, which verify reads too.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { runFixture, unprivileged } = require('../support/run-node.js')
const { RuntimeDirectory, homeDirectory } = require('../support/runtime-directory.js')
const { VERIFY, publishPort, refusedPort, publishedAt, stopAfter } = require('../support/verify-servers.js')

const CURRENT = '.osaurus/runtime'
const LEGACY = [
  '.osaurus/SharedConfiguration',
  'Library/Application Support/com.dinoki.osaurus/runtime',
  'Library/Application Support/com.dinoki.osaurus/SharedConfiguration',
  'Library/Application Support/osaurus/SharedConfiguration',
]

/**
 * Returns what an app with this home directory finds: ids or a code, and the status of each directory.
 * @param {string} home
 * @param {import('../..').DiscoverOptions} options
 * @param {object} [user] who asks
 * @returns {Promise<{ latest: string, list: string[], dirs: import('../..').DirectoryReport[], entries: string[] }>}
 */
function found(home, options, user) {
  return runFixture('verify/legacy-outcomes.js', {
    ...user,
    data: options,
    env: { ...process.env, HOME: home },
  })
}

for (const place of LEGACY) {
  test(`a live server in ~/${place} is found with verify, and not without`, async (t) => {
    const { home, runtime } = homeDirectory(t)
    const fake = await stopAfter(t, startFakeOsaurus({ baseDir: path.join(home, place) }))
    const { instanceId } = fake.instance

    const verified = await found(home, VERIFY)
    assert.equal(verified.latest, instanceId)
    assert.deepEqual(verified.list, [instanceId])
    assert.deepEqual(verified.entries, [`running ${path.join(home, place, instanceId)}`])
    assert.deepEqual(
      verified.dirs,
      [CURRENT, ...LEGACY].map((each) => ({
        path: path.join(home, each),
        legacy: each !== CURRENT,
        status: [CURRENT, place].includes(each) ? 'read' : 'missing',
      })),
      'all of them are read, the current one first',
    )

    const trusting = await found(home, {})
    assert.equal(trusting.latest, 'OSAURUS_NOT_FOUND')
    assert.deepEqual(trusting.list, [])
    assert.deepEqual(trusting.dirs, [{ path: runtime.baseDir, legacy: false, status: 'read' }])

    assert.equal((await found(home, { legacyDirs: true })).latest, instanceId)
    assert.equal((await found(home, { ...VERIFY, legacyDirs: false })).latest, 'OSAURUS_NOT_FOUND')
    assert.equal((await found(home, { ...VERIFY, legacyDirs: true })).latest, instanceId)
  })

  test(`a stale entry in ~/${place} does not count with verify, however new it is`, async (t) => {
    const { home, runtime } = homeDirectory(t)
    const left = new RuntimeDirectory(home, place)
    publishPort(left, await refusedPort(), { instanceId: 'LEFT', updatedAt: publishedAt(60) })
    assert.equal((await found(home, VERIFY)).latest, 'OSAURUS_NOT_RESPONDING')

    const fake = await stopAfter(t, startFakeOsaurus())
    publishPort(runtime, fake.instance.port, { instanceId: 'LIVES', updatedAt: publishedAt(0) })
    const { latest, list, entries } = await found(home, VERIFY)
    assert.equal(latest, 'LIVES')
    assert.deepEqual(list, ['LIVES'])
    assert.deepEqual(entries, [`running ${runtime.dir('LIVES')}`, `not-responding ${left.dir('LEFT')}`])
    assert.equal(
      (await found(home, { legacyDirs: true })).latest,
      'LEFT',
      'which the files alone cannot tell',
    )
  })
}

test('servers of all directories are listed together, newest first', async (t) => {
  const { home } = homeDirectory(t)
  const ids = ['A', 'B', 'C', 'D', 'E']
  for (const [index, place] of [CURRENT, ...LEGACY].entries()) {
    const { instance } = await stopAfter(t, startFakeOsaurus())
    publishPort(new RuntimeDirectory(home, place), instance.port, {
      instanceId: ids[index],
      updatedAt: publishedAt(index),
    })
  }
  const { latest, list, entries } = await found(home, VERIFY)
  assert.equal(latest, 'E')
  assert.deepEqual(list, ['E', 'D', 'C', 'B', 'A'])
  assert.equal(entries.length, 5)
})

test('a server with a stale entry in a legacy directory and a new one in the current directory is one server', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus())
  const { port } = fake.instance
  const left = new RuntimeDirectory(home, LEGACY[1])
  publishPort(left, port, { instanceId: 'BEFORE', updatedAt: publishedAt(0) })
  publishPort(runtime, port, { instanceId: 'NOW', updatedAt: publishedAt(1) })
  const { list, entries } = await found(home, VERIFY)
  assert.deepEqual(list, ['NOW'])
  assert.deepEqual(entries, [`running ${runtime.dir('NOW')}`, `duplicate-port ${left.dir('BEFORE')}`])
})

test('a legacy directory that is a link to the current one adds nothing', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir: runtime.baseDir }))
  fs.symlinkSync('runtime', path.join(home, LEGACY[0]))
  for (const place of LEGACY.slice(1)) fs.mkdirSync(path.dirname(path.join(home, place)), { recursive: true })
  for (const place of LEGACY.slice(1)) fs.symlinkSync(runtime.baseDir, path.join(home, place))
  const { latest, list, entries, dirs } = await found(home, VERIFY)
  assert.equal(latest, fake.instance.instanceId)
  assert.deepEqual(list, [fake.instance.instanceId])
  assert.ok(dirs.every(({ status }) => status === 'read'))
  const counted = entries.map((entry) => entry.split(' ')[0]).sort()
  assert.deepEqual(counted, ['duplicate-id', 'duplicate-id', 'duplicate-id', 'duplicate-id', 'running'])
  assert.deepEqual((await found(home, { legacyDirs: true })).list, list)
  assert.deepEqual([...new Set(fake.requests.map(({ url }) => url))], ['/', '/v1/models'])
  assert.equal(fake.connections, 4, 'one for the latest, one for the list, two for the report')
})

test('an entry that is reached through a directory and a link to it is reported in the directory', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const ids = Array.from({ length: 100 }, (_, index) => `I${index}`)
  ids.forEach((instanceId, index) =>
    publishPort(runtime, 20000, { instanceId, updatedAt: publishedAt(index) }),
  )
  fs.symlinkSync('runtime', path.join(home, LEGACY[0]))
  const { entries } = await found(home, { legacyDirs: true })
  const running = entries.filter((entry) => entry.startsWith('running '))
  assert.deepEqual(running, ids.map((instanceId) => `running ${runtime.dir(instanceId)}`).reverse())
})

test('an unreadable current directory takes precedence over a stale entry that does not respond', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const left = new RuntimeDirectory(home, LEGACY[1])
  publishPort(left, await refusedPort(), { instanceId: 'LEFT' })
  runtime.restrict(runtime.baseDir, 0o000)
  const closed = await found(home, VERIFY, unprivileged(home))
  assert.equal(closed.latest, 'OSAURUS_ACCESS_DENIED')
  assert.deepEqual(closed.list, ['OSAURUS_ACCESS_DENIED'])

  const fake = await stopAfter(t, startFakeOsaurus())
  publishPort(left, fake.instance.port, { instanceId: 'LIVES' })
  const { latest, list } = await found(home, VERIFY, unprivileged(home))
  assert.equal(latest, 'LIVES')
  assert.deepEqual(list, ['LIVES'])
})

test('a server that is starting in a legacy directory is reported', async (t) => {
  const { home } = homeDirectory(t)
  await stopAfter(t, startFakeOsaurus({ baseDir: path.join(home, LEGACY[2]), health: 'starting' }))
  assert.equal((await found(home, VERIFY)).latest, 'OSAURUS_STARTING')
})

test('verify with baseDir reads only that directory', async (t) => {
  const { home, runtime } = homeDirectory(t)
  await stopAfter(t, startFakeOsaurus({ baseDir: path.join(home, LEGACY[0]) }))
  const { latest, dirs } = await found(home, { ...VERIFY, baseDir: runtime.baseDir })
  assert.equal(latest, 'OSAURUS_NOT_FOUND')
  assert.equal(dirs.length, 1)
})
