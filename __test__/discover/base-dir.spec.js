// Tests base directories that are missing, not directories, links, huge, or full of odd names.
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
const { rejection } = require('../support/failure.js')
const {
  RUNNING,
  RUNNING_INSTANCE,
  osaurusText,
  runtimeDirectory,
} = require('../support/runtime-directory.js')
const { IN_MEMORY, temporaryDirectory } = require('../support/temporary-directory.js')

/**
 * Asserts how the two functions for the latest fail, and gives the error.
 * @param {string} baseDir
 * @param {string} code
 * @param {string} beginning of the message
 */
async function assertNone(baseDir, code, beginning) {
  const error = await rejection(discoverLatestRunningInstance({ baseDir }))
  assert.equal(error.code, code)
  assert.ok(error.message.startsWith(beginning), error.message)
  assert.throws(() => discoverLatestRunningInstanceSync({ baseDir }), { code, message: error.message })
  return error
}

/**
 * Asserts that the directory has no instances, without an error.
 * @param {string} baseDir
 */
async function assertEmpty(baseDir) {
  const error = await assertNone(baseDir, 'OSAURUS_NOT_FOUND', 'Osaurus not found')
  assert.ok(error.message.includes(baseDir), 'the message says where')
  assert.deepEqual(await listInstances({ baseDir }), [])
  assert.deepEqual(listInstancesSync({ baseDir }), [])
}

/**
 * Asserts that it cannot be read, which even the lists say.
 * @param {string} baseDir
 * @param {string} code
 */
async function assertUnreadable(baseDir, code) {
  const { message } = await assertNone(baseDir, code, 'Osaurus folder cannot be read')
  assert.ok(message.includes(baseDir), 'the message says where')
  await assert.rejects(listInstances({ baseDir }), { code, message })
  assert.throws(() => listInstancesSync({ baseDir }), { code, message })
}

test('an empty base directory has no instances', async (t) => {
  await assertEmpty(runtimeDirectory(t).baseDir)
})

test('a missing base directory rejects with OSAURUS_NOT_FOUND', async (t) => {
  const root = temporaryDirectory(t)
  await assertEmpty(path.join(root, 'runtime'))
  await assertEmpty(path.join(root, 'no', 'parent', 'either'))
})

test('a base directory that is a dangling link rejects with OSAURUS_NOT_FOUND', async (t) => {
  const link = path.join(temporaryDirectory(t), 'link')
  fs.symlinkSync('nowhere', link)
  await assertEmpty(link)
})

test('a base directory that is a file rejects with OSAURUS_IO', async (t) => {
  const file = path.join(temporaryDirectory(t), 'file')
  fs.writeFileSync(file, osaurusText(RUNNING))
  await assertUnreadable(file, 'OSAURUS_IO')
})

test('a base directory below a file rejects with OSAURUS_IO', async (t) => {
  const file = path.join(temporaryDirectory(t), 'file')
  fs.writeFileSync(file, '')
  await assertUnreadable(path.join(file, 'runtime'), 'OSAURUS_IO')
})

test('a base directory that is a link to a file rejects with OSAURUS_IO', async (t) => {
  const root = temporaryDirectory(t)
  fs.writeFileSync(path.join(root, 'file'), '')
  fs.symlinkSync('file', path.join(root, 'link'))
  await assertUnreadable(path.join(root, 'link'), 'OSAURUS_IO')
})

test('a base directory that is a link to itself rejects with OSAURUS_IO', async (t) => {
  const link = path.join(temporaryDirectory(t), 'link')
  fs.symlinkSync('link', link)
  await assertUnreadable(link, 'OSAURUS_IO')
})

test('a base directory that is a device rejects with OSAURUS_IO', async () => {
  await assertUnreadable('/dev/null', 'OSAURUS_IO')
})

test('a base directory whose name is too long rejects with OSAURUS_IO', async (t) => {
  await assertUnreadable(path.join(temporaryDirectory(t), 'x'.repeat(5000)), 'OSAURUS_IO')
})

test('a base directory reached through a link is read', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const link = path.join(runtime.root, 'link')
  fs.symlinkSync('runtime', link)
  assert.deepEqual(await discoverLatestRunningInstance({ baseDir: link }), RUNNING_INSTANCE)
  assert.deepEqual(listInstancesSync({ baseDir: link }), [RUNNING_INSTANCE])
})

test('a base directory whose parent is a link is read, as when ~/.osaurus is on another disk', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const parent = path.join(runtime.root, 'osaurus')
  fs.symlinkSync(runtime.root, parent)
  assert.deepEqual(await listInstances({ baseDir: path.join(parent, 'runtime') }), [RUNNING_INSTANCE])
})

test('a base directory may have a trailing slash, dots, and any characters', async (t) => {
  const runtime = runtimeDirectory(t)
  const odd = path.join(runtime.root, 'Größe 🦕 "\n%41\\')
  fs.renameSync(runtime.baseDir, odd)
  runtime.baseDir = odd
  runtime.publish()
  for (const baseDir of [odd, `${odd}/`, `${odd}//`, `${odd}/.`, `${odd}/../${path.basename(odd)}`]) {
    assert.deepEqual(listInstancesSync({ baseDir }), [RUNNING_INSTANCE])
    assert.deepEqual(await listInstances({ baseDir }), [RUNNING_INSTANCE])
  }
})

test('ten thousand entries are all found, in order', async (t) => {
  const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
  const { baseDir } = runtime
  const count = 10_000
  for (let i = 0; i < count; i++) {
    // A stride that has no factor in common with the count, so that the order of making is not the order of time.
    const second = (i * 7919) % count
    const updatedAt = new Date(Date.UTC(2025, 8, 8) + second * 1000).toISOString().replace('.000', '')
    runtime.publish({ instanceId: `I${second}`, updatedAt })
  }
  const expected = Array.from({ length: count }, (_, i) => `I${count - 1 - i}`)
  const ids = (/** @type {import('osaurus-discovery').OsaurusInstance[]} */ list) =>
    list.map((each) => each.instanceId)
  assert.deepEqual(ids(listInstancesSync({ baseDir })), expected)
  assert.deepEqual(ids(await listInstances({ baseDir })), expected)
  assert.equal(discoverLatestRunningInstanceSync({ baseDir }).instanceId, expected[0])
  assert.equal((await discoverLatestRunningInstance({ baseDir })).instanceId, expected[0])

  for (let i = 0; i < count; i++) {
    if (i !== 17) fs.unlinkSync(runtime.file(`I${i}`))
  }
  assert.deepEqual(
    ids(listInstancesSync({ baseDir })),
    ['I17'],
    'ten thousand empty directories do not hide it',
  )
})

test('ten thousand plain files and links do not hide an instance', async (t) => {
  const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
  const { baseDir } = runtime
  for (let i = 0; i < 5000; i++) {
    fs.writeFileSync(runtime.dir(`file-${i}`), '')
    fs.symlinkSync('file-0', runtime.dir(`link-${i}`))
  }
  await assertEmpty(baseDir)
  runtime.publish()
  assert.deepEqual(listInstancesSync({ baseDir }), [RUNNING_INSTANCE])
  assert.deepEqual(await listInstances({ baseDir }), [RUNNING_INSTANCE])
})

test('directory names of every possible length are read', async (t) => {
  const runtime = runtimeDirectory(t)
  for (let length = 1; length <= 255; length++) {
    runtime.publish({ instanceId: undefined }, 'x'.repeat(length))
  }
  const lengths = listInstancesSync({ baseDir: runtime.baseDir }).map(({ instanceId }) => instanceId.length)
  assert.deepEqual(
    lengths.sort((a, b) => a - b),
    Array.from({ length: 255 }, (_, i) => i + 1),
  )
})

test('a directory name that looks like an option, a path or a pattern is read as any other', async (t) => {
  const runtime = runtimeDirectory(t)
  const names = [
    '-rf',
    '~',
    '*',
    '%2e%2e',
    'a b',
    'a\nb',
    'a\\b',
    "'",
    '"',
    '$(id)',
    'configuration.json',
    'CON',
    '🦕',
    'é',
  ]
  for (const name of names) runtime.publish({ instanceId: undefined }, name)
  const found = listInstancesSync({ baseDir: runtime.baseDir }).map(({ instanceId }) =>
    instanceId.normalize('NFC'),
  )
  assert.deepEqual(found.sort(), names.sort())
})

test('directory names that are not UTF-8 are read, and become ids with replacement characters', async (t) => {
  const runtime = runtimeDirectory(t)
  const { baseDir } = runtime
  const publishAt = (/** @type {number[]} */ bytes, /** @type {Record<string, unknown>} */ fields) => {
    const dir = Buffer.concat([Buffer.from(`${baseDir}/`), Buffer.from(bytes)])
    try {
      fs.mkdirSync(dir)
    } catch (error) {
      // APFS takes no such names, so that none can be there.
      assert.equal(/** @type {NodeJS.ErrnoException} */ (error).code, 'EILSEQ')
      return false
    }
    fs.writeFileSync(
      Buffer.concat([dir, Buffer.from('/configuration.json')]),
      osaurusText({ ...RUNNING, ...fields }),
    )
    return true
  }
  runtime.publish()
  const taken = publishAt([0xff, 0xfe], { instanceId: 'A', updatedAt: '2025-09-08T12:35:13Z' })
  publishAt([0x61, 0x80, 0x62], { instanceId: undefined, updatedAt: undefined })
  const list = listInstancesSync({ baseDir })
  assert.deepEqual(await listInstances({ baseDir }), list)
  assert.deepEqual(
    list.map(({ instanceId }) => instanceId),
    taken ? ['a\ufffdb', 'A', RUNNING.instanceId] : [RUNNING.instanceId],
  )
})
