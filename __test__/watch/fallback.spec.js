// Tests that a verifying watcher finds Osaurus where its file is wrong or cannot be read.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const test = require('node:test')
const { setTimeout } = require('node:timers/promises')
const { startFakeOsaurus } = require('../../testing.js')
const { recordChanges } = require('../support/change-recorder.js')
const { eventually } = require('../support/measure.js')
const { runFixture, unprivileged } = require('../support/run-node.js')
const { homeDirectory, runtimeDirectory } = require('../support/runtime-directory.js')
const { VERIFY, refusedPort, stopAfter } = require('../support/verify-servers.js')
const { publish } = require('../support/watch-publisher.js')

/**
 * Watches as an app with this home directory, and this port in place of 1337, until `ids` were reported one after the other.
 * @param {string} home
 * @param {number} port
 * @param {{ expected: string[], first?: () => void, user?: object }} options `first` runs after the first report
 */
async function watchUntil(home, port, { expected, first = () => {}, user }) {
  const started = `${home}/started`
  const env = { ...process.env, HOME: home, OSAURUS_DISCOVERY_FALLBACK_PORT: String(port) }
  const running = runFixture('watch/verified-changes.js', {
    ...user,
    data: { started, count: expected.length },
    env,
  })
  await eventually(() => fs.existsSync(started), 'the first report')
  first()
  assert.deepEqual(await running, expected)
}

test('a server at the default address that no file names is found at the start, and gone when it stops', async (t) => {
  const { home } = homeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus())
  const { port, url } = fake.instance
  await watchUntil(home, port, { expected: [`unpublished ${url}`, ''], first: () => void fake.crash() })
})

test('a server at the default address is found in place of an entry with a wrong port', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus())
  const { port, url } = fake.instance
  publish(runtime.baseDir, 'WRONG', { port: await refusedPort() })
  await watchUntil(home, port, { expected: [`WRONG ${url}`] })
  assert.equal(fake.requests.length, 1)
})

test('a server that starts at the default address is found although the directory cannot be read', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const user = unprivileged(home)
  fs.chmodSync(home, 0o777)
  runtime.restrict(runtime.baseDir, 0o000)
  const port = await refusedPort()
  const url = `http://127.0.0.1:${port}`
  await watchUntil(home, port, {
    expected: ['', `unpublished ${url}`],
    first: () => void stopAfter(t, startFakeOsaurus({ port })),
    user,
  })
})

test('a server at the default address is gone when it stops although the directory cannot be read', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const user = unprivileged(home)
  fs.chmodSync(home, 0o777)
  runtime.restrict(runtime.baseDir, 0o000)
  const fake = await stopAfter(t, startFakeOsaurus())
  const { port, url } = fake.instance
  await watchUntil(home, port, { expected: [`unpublished ${url}`, ''], first: () => void fake.crash(), user })
})

test('a published server stays while its directory cannot be read, and is gone when it stops', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const user = unprivileged(home)
  fs.chmodSync(home, 0o777)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir: runtime.baseDir }))
  const { instanceId, port, url } = fake.instance
  const first = async () => {
    runtime.restrict(runtime.baseDir, 0o000)
    await setTimeout(500)
    await fake.crash()
  }
  await watchUntil(home, port, { expected: [`${instanceId} ${url}`, ''], first: () => void first(), user })
})

test('an instance whose connection stands stays at its address when its file names another port', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir }))
  const { instanceId, url } = fake.instance
  const record = recordChanges(t, { baseDir, ...VERIFY })
  await record.until([instanceId])
  publish(baseDir, instanceId, { port: await refusedPort() })
  await record.quiet()
  assert.deepEqual(
    record.watcher.instances.map((instance) => [instance.instanceId, instance.url]),
    [[instanceId, url]],
  )
  assert.ok(record.changes.every(({ instances }) => instances.length === 1))
  await fake.crash()
  await record.until([])
  assert.equal(record.watcher.reason, 'OSAURUS_NOT_RESPONDING')
})
