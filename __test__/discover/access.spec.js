// Tests discovery as a user without permission to read some directory or file.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { evaluate, runFixture, unprivileged } = require('../support/run-node.js')
const {
  RUNNING_INSTANCE,
  RuntimeDirectory,
  homeDirectory,
  runtimeDirectory,
} = require('../support/runtime-directory.js')

/**
 * What the four functions say to a user without rights; the async and the sync ones must agree.
 * @param {string} root
 * @param {{ baseDir?: string, legacyDirs?: boolean }} options
 * @param {NodeJS.ProcessEnv} [env]
 */
async function askUnprivileged(root, options, env = process.env) {
  const user = { ...unprivileged(root), env, data: options }
  const { uid, latest, list, latestSync, listSync } = await runFixture('discover/unprivileged-calls.js', user)
  assert.notEqual(uid, 0, 'not as root')
  assert.deepEqual(latestSync, latest)
  assert.deepEqual(listSync, list)
  return { latest, list }
}

/**
 * @param {{ latest: any, list: any }} said
 * @param {string} directory
 */
function assertDenied({ latest, list }, directory) {
  assert.equal(latest.code, 'OSAURUS_ACCESS_DENIED')
  assert.ok(latest.message.startsWith('Osaurus folder cannot be read'), latest.message)
  assert.ok(latest.message.includes(directory), 'the message names the directory')
  assert.deepEqual(list, latest, 'the lists say it too')
}

/** @param {{ latest: any, list: any }} said */
function assertNotFound({ latest, list }) {
  assert.equal(latest.code, 'OSAURUS_NOT_FOUND')
  assert.deepEqual(list, { value: [] })
}

/**
 * A file that cannot be read may belong to a running Osaurus, so the advice is not to start it.
 * @param {{ latest: any }} said
 * @param {string} path that denies access
 */
function assertAdvisesAccess({ latest: { message } }, path) {
  assert.ok(message.includes(`${path}: Permission denied`), message)
  assert.match(message, /give this app access/)
  assert.doesNotMatch(message, /Start Osaurus/)
}

test('a file that may not be read, beside no other, leads to advice about access', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const file = runtime.file(RUNNING_INSTANCE.instanceId)
  runtime.restrict(file, 0o000)
  const outcome = await askUnprivileged(runtime.root, { baseDir: runtime.baseDir })
  assertNotFound(outcome)
  assertAdvisesAccess(outcome, file)
})

test('an unreadable base directory rejects with OSAURUS_ACCESS_DENIED, not OSAURUS_NOT_FOUND', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  runtime.restrict(runtime.baseDir, 0o000)
  assertDenied(await askUnprivileged(runtime.root, { baseDir: runtime.baseDir }), runtime.baseDir)
})

test('a base directory without read permission rejects with OSAURUS_ACCESS_DENIED', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  runtime.restrict(runtime.baseDir, 0o111)
  assertDenied(await askUnprivileged(runtime.root, { baseDir: runtime.baseDir }), runtime.baseDir)
})

test('a base directory below one without execute permission rejects with OSAURUS_ACCESS_DENIED', async (t) => {
  const runtime = runtimeDirectory(t)
  const parent = path.join(runtime.root, 'parent')
  fs.mkdirSync(path.join(parent, 'runtime'), { recursive: true })
  runtime.restrict(parent, 0o000)
  const baseDir = path.join(parent, 'runtime')
  assertDenied(await askUnprivileged(runtime.root, { baseDir }), baseDir)
})

test('a link to an unreadable base directory rejects with OSAURUS_ACCESS_DENIED', async (t) => {
  const runtime = runtimeDirectory(t)
  const link = path.join(runtime.root, 'link')
  fs.symlinkSync('runtime', link)
  runtime.restrict(runtime.baseDir, 0o000)
  assertDenied(await askUnprivileged(runtime.root, { baseDir: link }), link)
})

test('a base directory without execute permission has only ignored entries', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  runtime.restrict(runtime.baseDir, 0o444)
  const outcome = await askUnprivileged(runtime.root, { baseDir: runtime.baseDir })
  assertNotFound(outcome)
  assertAdvisesAccess(outcome, runtime.baseDir)
})

test('an instance directory without execute permission hides only its own instance', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: 'CLOSED', updatedAt: '2026-01-01T00:00:00Z' })
  runtime.restrict(runtime.dir('CLOSED'), 0o000)
  const { baseDir } = runtime
  const outcome = await askUnprivileged(runtime.root, { baseDir })
  assertNotFound(outcome)
  assertAdvisesAccess(outcome, runtime.dir('CLOSED'))
  runtime.publish()
  const { latest, list } = await askUnprivileged(runtime.root, { baseDir })
  assert.deepEqual(latest, { value: RUNNING_INSTANCE })
  assert.deepEqual(list, { value: [RUNNING_INSTANCE] })
})

test('the report lists an unreadable directory and an unreadable file as unreadable', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: 'FILE' })
  runtime.publish({ instanceId: 'DIRECTORY' })
  runtime.restrict(runtime.file('FILE'), 0o000)
  runtime.restrict(runtime.dir('DIRECTORY'), 0o000)
  const { directories, entries } = await evaluate('return discovery.inspectRuntime(data)', {
    ...unprivileged(runtime.root),
    data: { baseDir: runtime.baseDir },
  })
  assert.deepEqual(directories, [{ path: runtime.baseDir, legacy: false, status: 'read' }])
  assert.deepEqual(
    entries.map((/** @type {any} */ { path, reason }) => [path, reason]),
    [
      [runtime.dir('DIRECTORY'), 'unreadable'],
      [runtime.dir('FILE'), 'unreadable'],
    ],
  )
})

test('an unreadable file hides only its own instance', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: 'CLOSED', updatedAt: '2026-01-01T00:00:00Z' })
  runtime.restrict(runtime.file('CLOSED'), 0o000)
  runtime.publish()
  const { latest, list } = await askUnprivileged(runtime.root, { baseDir: runtime.baseDir })
  assert.deepEqual(latest, { value: RUNNING_INSTANCE })
  assert.deepEqual(list, { value: [RUNNING_INSTANCE] })
})

test('an instance directory without read permission is read', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  runtime.restrict(runtime.dir(RUNNING_INSTANCE.instanceId), 0o111)
  const { latest } = await askUnprivileged(runtime.root, { baseDir: runtime.baseDir })
  assert.deepEqual(latest, { value: RUNNING_INSTANCE })
})

test('an instance that is starting is reported next to an unreadable directory', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: 'CLOSED' })
  runtime.restrict(runtime.dir('CLOSED'), 0o000)
  runtime.publishStarting()
  const { latest, list } = await askUnprivileged(runtime.root, { baseDir: runtime.baseDir })
  assert.equal(latest.code, 'OSAURUS_STARTING')
  assert.deepEqual(list, { value: [] })
})

test('an .osaurus without execute permission rejects with OSAURUS_ACCESS_DENIED', async (t) => {
  const { home, runtime } = homeDirectory(t)
  runtime.publish()
  runtime.restrict(path.join(home, '.osaurus'), 0o000)
  assertDenied(await askUnprivileged(home, {}, { ...process.env, HOME: home }), runtime.baseDir)
})

test('an instance in a legacy directory is found although the current one is unreadable', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const older = new RuntimeDirectory(home, 'Library/Application Support/com.dinoki.osaurus/runtime')
  older.publish()
  runtime.publish({ instanceId: 'CLOSED' })
  runtime.restrict(runtime.baseDir, 0o000)
  const env = { ...process.env, HOME: home }
  const { latest, list } = await askUnprivileged(home, { legacyDirs: true }, env)
  assert.deepEqual(latest, { value: RUNNING_INSTANCE })
  assert.deepEqual(list, { value: [RUNNING_INSTANCE] })
})

test('an instance that is starting in a legacy directory takes precedence over an unreadable current one', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const older = new RuntimeDirectory(home, '.osaurus/SharedConfiguration')
  older.publishStarting()
  runtime.restrict(runtime.baseDir, 0o000)
  const { latest } = await askUnprivileged(home, { legacyDirs: true }, { ...process.env, HOME: home })
  assert.equal(latest.code, 'OSAURUS_STARTING')
})
