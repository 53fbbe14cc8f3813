// Tests the probe of the default address, where Osaurus may run although no readable file says so.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { runFixture, unprivileged } = require('../support/run-node.js')
const { homeDirectory } = require('../support/runtime-directory.js')
const { anotherServer } = require('../support/stub-servers.js')
const { VERIFY, publishPort, publishedAt, refusedPort, stopAfter } = require('../support/verify-servers.js')

/**
 * Runs the three verifying functions as an app with this home directory, and this port in place of 1337.
 * @param {string} home
 * @param {number} port
 * @param {{ options?: object, user?: object }} [more]
 */
function discover(home, port, { options = {}, user } = {}) {
  const env = { ...process.env, HOME: home, OSAURUS_DISCOVERY_FALLBACK_PORT: String(port) }
  return runFixture('verify/outcomes.js', { ...user, data: { ...VERIFY, ...options }, env })
}

/** @param {number} port */
const unpublished = (port) => ({
  instanceId: 'unpublished',
  updatedAt: 0,
  address: '127.0.0.1',
  port,
  url: `http://127.0.0.1:${port}`,
  exposeToNetwork: false,
})

test('a file with a wrong port is corrected by the server at the default address', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus())
  const { port, url } = fake.instance
  const wrong = await refusedPort()
  publishPort(runtime, wrong, { instanceId: 'NEWEST', updatedAt: publishedAt(2) })
  publishPort(runtime, await refusedPort(), { instanceId: 'OLDER', updatedAt: publishedAt(1) })

  const { latest, list, report } = await discover(home, port)
  assert.equal(latest.instanceId, 'NEWEST')
  assert.deepEqual({ port: latest.port, url: latest.url }, { port, url })
  assert.deepEqual(list, [latest])

  const [entry, older] = report.entries
  assert.deepEqual([entry.status, entry.path, entry.instance], ['running', runtime.dir('NEWEST'), latest])
  assert.equal(entry.probe.outcome, 'osaurus')
  assert.equal(entry.published.instance.port, wrong, 'the report shows what the file says')
  assert.equal(entry.published.probe.outcome, 'refused')
  assert.deepEqual([older.status, older.reason], ['ignored', 'not-responding'])
  assert.deepEqual(report.fallback.instance, latest)
})

test('a server that no file describes is found as unpublished', async (t) => {
  const { home } = homeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus())
  const { port } = fake.instance
  const { latest, list, report } = await discover(home, port)
  assert.deepEqual(latest, unpublished(port))
  assert.deepEqual(list, [latest])
  assert.deepEqual(report.entries, [])
  assert.deepEqual(report.fallback.instance, latest)
  assert.equal(report.fallback.probe.accessKey, 'not-required')
})

test('a sandboxed app that may not read the directory finds the server', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus({ baseDir: runtime.baseDir }))
  const { port } = fake.instance
  const user = unprivileged(home)
  runtime.restrict(path.join(home, '.osaurus'), 0o000)
  const { latest, list, report } = await discover(home, port, { user })
  assert.deepEqual(latest, unpublished(port))
  assert.deepEqual(list, [latest])
  const [current] = report.directories
  assert.deepEqual([current.status, current.blockedBy], ['access-denied', path.join(home, '.osaurus')])

  const refused = await discover(home, await refusedPort(), { user })
  assert.equal(refused.latest.code, 'OSAURUS_ACCESS_DENIED')
  assert.match(
    refused.latest.message,
    /Give this app access to \/.+\.osaurus;/,
    'advice names the closed directory',
  )
  assert.equal(refused.list.code, 'OSAURUS_ACCESS_DENIED')
})

test('a program other than Osaurus at the default address changes nothing', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const other = await stopAfter(t, anotherServer())
  const empty = await discover(home, other.port)
  assert.equal(empty.latest.code, 'OSAURUS_NOT_FOUND')
  assert.deepEqual(empty.list, [])
  assert.equal(empty.report.fallback.probe.outcome, 'not-osaurus')
  assert.equal('instance' in empty.report.fallback, false)

  publishPort(runtime, await refusedPort())
  assert.equal((await discover(home, other.port)).latest.code, 'OSAURUS_NOT_RESPONDING')
})

test('the default address is not probed if a published server answers, nor with baseDir, nor without verify', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const other = await stopAfter(t, anotherServer())
  await stopAfter(t, startFakeOsaurus({ baseDir: runtime.baseDir }))
  const { latest, report } = await discover(home, other.port)
  assert.equal(latest.url.startsWith('http://127.0.0.1:'), true)
  assert.equal('fallback' in report, false)

  const baseDir = path.join(home, 'elsewhere')
  fs.mkdirSync(baseDir)
  assert.equal((await discover(home, other.port, { options: { baseDir } })).latest.code, 'OSAURUS_NOT_FOUND')
  await discover(home, other.port, { options: { verify: false } })
  assert.equal(other.connections, 0)
})

test('an instance that is starting is not replaced by the server at the default address', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const other = await stopAfter(t, startFakeOsaurus())
  runtime.publishStarting()
  const { latest, list } = await discover(home, other.instance.port)
  assert.equal(latest.code, 'OSAURUS_STARTING')
  assert.deepEqual(list, [])
  assert.equal(other.connections, 0)
})

test('a published entry at the default address is probed once', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const other = await stopAfter(t, anotherServer())
  publishPort(runtime, other.port)
  const { latest, report } = await discover(home, other.port)
  assert.equal(latest.code, 'OSAURUS_NOT_RESPONDING')
  assert.equal('fallback' in report, false)
  assert.equal(other.connections, 3, 'one for each function')
})
