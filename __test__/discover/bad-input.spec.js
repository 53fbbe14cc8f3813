// Tests that a bad configuration.json never hangs, crashes or misleads an app, or hides a valid entry next to it.
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
const { assertIgnored } = require('../support/assert-ignored.js')
const { evaluate } = require('../support/run-node.js')
const {
  RUNNING,
  RUNNING_INSTANCE,
  osaurusText,
  runtimeDirectory,
} = require('../support/runtime-directory.js')

/** @typedef {InstanceType<typeof import('../support/runtime-directory.js').RuntimeDirectory>} RuntimeDirectory */

const BAD = 'BAD'
/** One byte more than is read. */
const TOO_LARGE = 64 * 1024 + 1

/**
 * The same as `assertIgnored` in a process of its own, which must also come to its end by itself: what blocks a thread would keep it.
 * @param {RuntimeDirectory} runtime
 */
async function assertIgnoredAndEnds(runtime) {
  runtime.publish()
  const found = await evaluate(
    `const options = { baseDir: data }
    const many = await Promise.all(Array.from({ length: 8 }, () => discovery.listInstances(options)))
    return [discovery.listInstancesSync(options), await discovery.listInstances(options), ...many]`,
    { data: runtime.baseDir },
  )
  assert.deepEqual(found, Array(10).fill([RUNNING_INSTANCE]))
}

// The rows of what the guide's samples get wrong, those about files.

/** @type {[name: string, fields: Record<string, unknown>, instance: object][]} */
const REPAIRED = [
  ['a url of another host is replaced', { url: 'http://evil.example:1337' }, {}],
  ['a url of another port is replaced', { url: 'http://127.0.0.1:1338' }, {}],
  ['a url of another scheme is replaced', { url: 'https://127.0.0.1:1337' }, {}],
  ['a url with a user is replaced', { url: 'http://127.0.0.1:1337@evil.example' }, {}],
  [
    'an IPv6 address gets brackets',
    { address: '::1', url: 'http://::1:1337' },
    { address: '::1', url: 'http://[::1]:1337' },
  ],
  [
    'an IPv6 address without url gets brackets',
    { address: 'fe80::1', url: undefined },
    { address: 'fe80::1', url: 'http://[fe80::1]:1337' },
  ],
  [
    '0.0.0.0 is reached through 127.0.0.1',
    { address: '0.0.0.0', url: 'http://0.0.0.0:1337' },
    { address: '0.0.0.0' },
  ],
  [
    ':: is reached through [::1]',
    { address: '::', url: 'http://[::]:1337' },
    { address: '::', url: 'http://[::1]:1337' },
  ],
  [
    'updatedAt with a fraction is a time',
    { updatedAt: '2025-09-08T12:35:12.250Z' },
    { updatedAt: 1757334912250 },
  ],
  ['updatedAt with an offset is a time', { updatedAt: '2025-09-08T14:35:12+02:00' }, {}],
]

for (const [name, fields, instance] of REPAIRED) {
  test(name, async (t) => {
    const runtime = runtimeDirectory(t)
    runtime.publish(fields)
    const expected = { ...RUNNING_INSTANCE, ...instance }
    assert.deepEqual(discoverLatestRunningInstanceSync({ baseDir: runtime.baseDir }), expected)
    assert.deepEqual(await discoverLatestRunningInstance({ baseDir: runtime.baseDir }), expected)
  })
}

/** @type {[name: string, reason: 'bad-port' | 'bad-address', fields: Record<string, unknown>][]} */
const MALFORMED = [
  ['a port that is a string', 'bad-port', { port: '1337' }],
  ['port 0', 'bad-port', { port: 0 }],
  ['port 70000', 'bad-port', { port: 70000 }],
  ['a fractional port', 'bad-port', { port: 1337.5 }],
  ['a negative port', 'bad-port', { port: -1337 }],
  ['an address with a space in it', 'bad-address', { address: '127.0.0.1 ' }],
  ['an address that only some parsers accept', 'bad-address', { address: '127.1', url: 'http://127.1:1337' }],
  ['an address in brackets', 'bad-address', { address: '[::1]', url: 'http://[::1]:1337' }],
  ['an address with a zone', 'bad-address', { address: 'fe80::1%en0', url: 'http://[fe80::1%en0]:1337' }],
  ['an address with a port in it', 'bad-address', { address: '127.0.0.1:1337' }],
]

for (const [name, reason, fields] of MALFORMED) {
  test(`${name} is ignored`, async (t) => {
    const runtime = runtimeDirectory(t)
    runtime.publish({ ...fields, instanceId: BAD })
    await assertIgnored(runtime, reason)
  })
}

test('entries of equal updatedAt are sorted independently of the order of their creation', async (t) => {
  const orders = [
    ['A', 'B', 'C', 'D'],
    ['D', 'C', 'B', 'A'],
    ['B', 'D', 'A', 'C'],
  ].map((ids) => {
    const runtime = runtimeDirectory(t)
    for (const instanceId of ids) {
      runtime.publish({ instanceId })
      runtime.touch(instanceId, { file: 1000, directory: 1000 })
    }
    return listInstancesSync({ baseDir: runtime.baseDir }).map(({ instanceId }) => instanceId)
  })
  assert.deepEqual(orders, Array(3).fill(['A', 'B', 'C', 'D']))
})

test('a FIFO without a writer neither hangs a call nor keeps the process alive', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.fifo(BAD)
  await assertIgnoredAndEnds(runtime)
})

test('a FIFO with a silent writer neither hangs a call nor keeps the process alive', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.fifo(BAD)
  // Opened for reading and writing, which does not wait for the other side.
  const writer = fs.openSync(runtime.file(BAD), 'r+')
  t.after(() => fs.closeSync(writer))
  await assertIgnoredAndEnds(runtime)
})

test('a FIFO with a valid configuration in it is not read', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.fifo(BAD)
  const text = osaurusText({ ...RUNNING, instanceId: BAD })
  const writer = fs.openSync(runtime.file(BAD), 'r+')
  t.after(() => fs.closeSync(writer))
  fs.writeSync(writer, text)
  await assertIgnoredAndEnds(runtime)
  const left = Buffer.alloc(text.length + 1)
  assert.equal(fs.readSync(writer, left), text.length, 'what was written is still there for its reader')
})

test('a socket is ignored', async (t) => {
  const runtime = runtimeDirectory(t)
  await runtime.socket(BAD)
  await assertIgnored(runtime, 'not-a-regular-file')
})

test('an endless device is ignored', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.device(BAD)
  await assertIgnoredAndEnds(runtime)
})

test('a link to an endless device is ignored', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.linkedFile(BAD, '/dev/zero')
  await assertIgnoredAndEnds(runtime)
})

test('a link to a terminal is ignored', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.linkedFile(BAD, '/dev/tty')
  await assertIgnoredAndEnds(runtime)
})

test('a link to a valid file is not followed', async (t) => {
  const runtime = runtimeDirectory(t)
  const elsewhere = path.join(runtime.root, 'good.json')
  fs.writeFileSync(elsewhere, osaurusText({ ...RUNNING, instanceId: BAD }))
  runtime.linkedFile(BAD, elsewhere)
  await assertIgnored(runtime, 'not-a-regular-file')
})

test('a dangling link is ignored', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.linkedFile(BAD, 'nowhere')
  await assertIgnored(runtime, 'not-a-regular-file')
})

test('a link to itself is ignored', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.linkedFile(BAD, 'configuration.json')
  await assertIgnored(runtime, 'not-a-regular-file')
})

test('a configuration.json that is a directory is ignored', async (t) => {
  const runtime = runtimeDirectory(t)
  fs.mkdirSync(runtime.file(BAD), { recursive: true })
  await assertIgnored(runtime, 'not-a-regular-file')
})

test('a file of a hundred gigabytes is ignored without memory', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ instanceId: BAD })
  fs.truncateSync(runtime.file(BAD), 100 * 2 ** 30)
  const before = process.memoryUsage().rss
  await assertIgnored(runtime, 'too-large')
  assert.ok(process.memoryUsage().rss - before < 64 * 2 ** 20, 'not read into memory')
})

test('a single instance that is starting rejects with OSAURUS_STARTING and lists as empty', async (t) => {
  for (const health of ['starting', 'restarting']) {
    const runtime = runtimeDirectory(t)
    const { baseDir } = runtime
    runtime.publishStarting(health)
    const starting = { code: 'OSAURUS_STARTING', message: /^Osaurus is starting/ }
    assert.throws(() => discoverLatestRunningInstanceSync({ baseDir }), starting)
    await assert.rejects(discoverLatestRunningInstance({ baseDir }), starting)
    assert.deepEqual(listInstancesSync({ baseDir }), [])
    assert.deepEqual(await listInstances({ baseDir }), [])
  }
})

test('an instance directory that is a mount of another kind of file system is survived', async (t) => {
  // /proc has thousands of odd files, directories that vanish, and links that cannot be read.
  const baseDir = process.platform === 'linux' ? '/proc' : '/dev'
  await assert.rejects(discoverLatestRunningInstance({ baseDir }), { code: 'OSAURUS_NOT_FOUND' })
  assert.deepEqual(listInstancesSync({ baseDir }), [])
  if (process.platform === 'linux') assert.deepEqual(await listInstances({ baseDir: '/proc/self/fd' }), [])
})

test('bad entries leave no file open', async (t) => {
  const runtime = runtimeDirectory(t)
  const { baseDir } = runtime
  runtime.fifo('FIFO')
  runtime.linkedFile('LINK', '/dev/zero')
  fs.mkdirSync(runtime.file('DIRECTORY'), { recursive: true })
  runtime.write('EMPTY', '')
  runtime.write('LARGE', Buffer.alloc(TOO_LARGE))
  runtime.publish()
  const open = () => fs.readdirSync('/dev/fd').length
  const before = open()
  for (let i = 0; i < 500; i++) {
    listInstancesSync({ baseDir })
    await listInstances({ baseDir })
    await assert.rejects(discoverLatestRunningInstance({ baseDir: path.join(baseDir, 'nowhere') }))
  }
  assert.equal(open(), before)
})
