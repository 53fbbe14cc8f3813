// Tests that the home directory is the right one, and determined at every call.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { evaluate, runFixture } = require('../support/run-node.js')
const {
  RUNNING,
  RUNNING_INSTANCE,
  RuntimeDirectory,
  homeDirectory,
} = require('../support/runtime-directory.js')

const CURRENT = '.osaurus/runtime'
const LEGACY = [
  '.osaurus/SharedConfiguration',
  'Library/Application Support/com.dinoki.osaurus/runtime',
  'Library/Application Support/com.dinoki.osaurus/SharedConfiguration',
  'Library/Application Support/osaurus/SharedConfiguration',
]

/** @param {string} home */
const at = (home) => ({ ...process.env, HOME: home })

/**
 * Returns the ids that all four functions find.
 * @param {string} home
 * @param {import('../..').DiscoverOptions} [options]
 * @param {NodeJS.ProcessEnv} [env]
 */
const foundIn = (home, options, env) =>
  runFixture('discover/found-ids.js', { env: { ...at(home), ...env }, data: options })

test('calls without baseDir read the directory of the guide', async (t) => {
  const { home, runtime } = homeDirectory(t)
  runtime.publish()
  const { lists, latest } = await foundIn(home)
  assert.deepEqual(lists, [[RUNNING.instanceId], [RUNNING.instanceId]])
  assert.deepEqual(latest, [RUNNING.instanceId, RUNNING.instanceId])
})

test('a home without the directory rejects with OSAURUS_NOT_FOUND and names the directory', async (t) => {
  const { home, runtime } = homeDirectory(t)
  fs.rmSync(path.join(home, '.osaurus'), { recursive: true })
  const said = await evaluate(
    `const { code, message } = await discovery.discoverLatestRunningInstance().catch((error) => error)
    return { code, message, list: await discovery.listInstances() }`,
    { env: at(home) },
  )
  assert.equal(said.code, 'OSAURUS_NOT_FOUND')
  assert.ok(said.message.includes(runtime.baseDir), said.message)
  assert.deepEqual(said.list, [])
})

test('the home directory is determined at every call', async (t) => {
  const homes = ['A', 'B', 'C'].map((instanceId) => {
    const { home, runtime } = homeDirectory(t)
    runtime.publish({ instanceId })
    return home
  })
  const found = await runFixture('discover/changing-home.js', { data: homes })
  assert.equal(found, 'AABBCCAABBCC')
})

test('the home directory is determined on the calling thread, not when the scan begins', async (t) => {
  const [first, second] = ['A', 'B'].map((instanceId) => {
    const { home, runtime } = homeDirectory(t)
    runtime.publish({ instanceId })
    return home
  })
  const found = await runFixture('discover/changing-home-at-once.js', { data: [first, second] })
  assert.equal(found, 'AB'.repeat(100))
})

test('a home directory behind a link is read', async (t) => {
  const { home, runtime } = homeDirectory(t)
  runtime.publish()
  const link = path.join(home, 'link')
  fs.symlinkSync(home, link)
  const { latest } = await foundIn(link)
  assert.deepEqual(latest, [RUNNING.instanceId, RUNNING.instanceId])
})

test('a ~/.osaurus that is a link to another disk is read', async (t) => {
  const { home, runtime } = homeDirectory(t)
  runtime.publish()
  fs.renameSync(path.join(home, '.osaurus'), path.join(home, 'disk'))
  fs.symlinkSync('disk', path.join(home, '.osaurus'))
  const { latest } = await foundIn(home)
  assert.deepEqual(latest, [RUNNING.instanceId, RUNNING.instanceId])
})

test('an empty HOME does not mean the current directory', async (t) => {
  const { home, runtime } = homeDirectory(t)
  runtime.publish({ instanceId: 'TRAP' })
  const lists = await evaluate(
    'return [...(await discovery.listInstances()), ...discovery.listInstancesSync()].map((each) => each.instanceId)',
    { env: at(''), cwd: home },
  )
  assert.ok(!lists.includes('TRAP'))
})

test('the user database provides the home directory if HOME is unset', async (t) => {
  const { home, runtime } = homeDirectory(t)
  runtime.publish({ instanceId: 'TRAP' })
  const env = { ...process.env }
  delete env.HOME
  const said = await evaluate(
    `const { code, message } = await discovery.discoverLatestRunningInstance().catch((error) => error)
    return { home: require('os').userInfo().homedir, code, message }`,
    { env, cwd: home },
  )
  // An Osaurus may really run here; without one the message says where it was looked for.
  if (said.code !== undefined) assert.ok(said.message.includes(path.join(said.home, CURRENT)), said.message)
})

// On macOS it does: the home then comes from the password database, which no test can change.
if (process.platform !== 'darwin') {
  test('the sandbox variable of macOS has no effect on other systems', async (t) => {
    const { home, runtime } = homeDirectory(t)
    runtime.publish()
    const { latest } = await foundIn(home, undefined, { APP_SANDBOX_CONTAINER_ID: 'com.example.app' })
    assert.deepEqual(latest, [RUNNING.instanceId, RUNNING.instanceId])
  })
}

test('legacy directories are read only with legacyDirs', async (t) => {
  const { home } = homeDirectory(t)
  for (const place of LEGACY) new RuntimeDirectory(home, place).publish()
  for (const options of [undefined, {}, { legacyDirs: false }]) {
    const lists = await evaluate(
      'return [await discovery.listInstances(data ?? undefined), discovery.listInstancesSync(data ?? undefined)]',
      { env: at(home), data: options },
    )
    assert.deepEqual(lists, [[], []])
  }
})

for (const place of LEGACY) {
  test(`legacyDirs also reads ~/${place}`, async (t) => {
    const { home } = homeDirectory(t)
    new RuntimeDirectory(home, place).publish()
    const { lists, latest } = await foundIn(home, { legacyDirs: true })
    assert.deepEqual(lists, [[RUNNING.instanceId], [RUNNING.instanceId]])
    assert.deepEqual(latest, [RUNNING.instanceId, RUNNING.instanceId])
  })
}

test('legacyDirs sorts the instances of all directories newest first, and lists each id once', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const [shared, runtimeOfJanuary, oldest] = LEGACY.map((place) => new RuntimeDirectory(home, place))
  runtime.publish({ instanceId: 'CURRENT', updatedAt: '2026-03-01T00:00:02Z' })
  shared.publish({ instanceId: 'SHARED', updatedAt: '2026-03-01T00:00:03Z' })
  runtimeOfJanuary.publish({ instanceId: 'JANUARY', updatedAt: '2026-03-01T00:00:01Z' })
  oldest.publish({ instanceId: 'CURRENT', updatedAt: '2026-03-01T00:00:00Z', port: 1 })
  oldest.publish({ instanceId: 'OLDEST', updatedAt: '2025-09-08T12:35:12Z' })
  const { lists, latest } = await foundIn(home, { legacyDirs: true })
  assert.deepEqual(lists, Array(2).fill(['SHARED', 'CURRENT', 'JANUARY', 'OLDEST']))
  assert.deepEqual(latest, ['SHARED', 'SHARED'])
})

test('legacyDirs ignores missing directories', async (t) => {
  const { home, runtime } = homeDirectory(t)
  runtime.publish()
  const { lists } = await foundIn(home, { legacyDirs: true })
  assert.deepEqual(lists, [[RUNNING_INSTANCE.instanceId], [RUNNING_INSTANCE.instanceId]])
})
