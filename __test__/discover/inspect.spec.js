// Tests that inspectRuntime reports every directory and every entry.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { inspectRuntime } = require('../..')
const { rejection } = require('../support/failure.js')
const { evaluate, unprivileged } = require('../support/run-node.js')
const {
  RUNNING,
  RUNNING_INSTANCE,
  homeDirectory,
  osaurusText,
  runtimeDirectory,
} = require('../support/runtime-directory.js')
const { publishedAt } = require('../support/verify-servers.js')

/** @typedef {InstanceType<typeof import('../support/runtime-directory.js').RuntimeDirectory>} RuntimeDirectory */
/** @typedef {{ make(runtime: RuntimeDirectory, name: string): void, detail: RegExp }} Row */

/** @param {Record<string, unknown>} fields */
const publishing = (fields) => (/** @type {RuntimeDirectory} */ runtime, /** @type {string} */ name) =>
  runtime.publish({ instanceId: name, ...fields }, name)

/** Reasons that need no server; the compiler sees to it that none is forgotten. */
/** @type {Record<Exclude<import('../..').IgnoredReason, 'duplicate-port' | 'not-responding'>, Row>} */
const REASONS = {
  hidden: { make: publishing({}), detail: /begins with a dot/ },
  'not-a-directory': {
    make: (runtime, name) => fs.writeFileSync(runtime.dir(name), ''),
    detail: /not a directory/,
  },
  link: {
    make(runtime, name) {
      fs.mkdirSync(path.join(runtime.root, name))
      fs.writeFileSync(path.join(runtime.root, name, 'configuration.json'), osaurusText(RUNNING))
      fs.symlinkSync(path.join(runtime.root, name), runtime.dir(name))
    },
    detail: /symbolic link/,
  },
  'missing-file': { make: (runtime, name) => runtime.makeDirectory(name), detail: /no configuration\.json/ },
  'not-a-regular-file': { make: (runtime, name) => runtime.fifo(name), detail: /not a regular file/ },
  'too-large': { make: (runtime, name) => runtime.write(name, ' '.repeat(65537)), detail: /65536 bytes/ },
  unreadable: {
    make(runtime, name) {
      runtime.publish({}, name)
      runtime.restrict(runtime.file(name), 0o000)
    },
    detail: /cannot be read: Permission denied/,
  },
  'not-json': { make: (runtime, name) => runtime.write(name, '{"health" : "run'), detail: /JSON/ },
  'not-an-object': { make: (runtime, name) => runtime.write(name, '["running"]'), detail: /object/ },
  'bad-health': { make: publishing({ health: 1 }), detail: /health/ },
  'not-running': { make: publishing({ health: 'sleeping' }), detail: /sleeping/ },
  'bad-port': { make: publishing({ port: '1337' }), detail: /port/ },
  'bad-address': { make: publishing({ address: 'not an address' }), detail: /address/ },
  'bad-instance-id': { make: publishing({ instanceId: 7 }), detail: /instanceId/ },
  'bad-expose-to-network': { make: publishing({ exposeToNetwork: 'no' }), detail: /exposeToNetwork/ },
  'duplicate-id': {
    make: publishing({ instanceId: RUNNING.instanceId, updatedAt: publishedAt(-1) }),
    detail: new RegExp(`newer entry has the same instanceId, ${RUNNING.instanceId}`),
  },
}

test('every reason that needs no server is reported for its entry, with a detail', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish({ updatedAt: publishedAt(0) }, 'good')
  const rows = Object.entries(REASONS)
  const named = (/** @type {string} */ reason) => (reason === 'hidden' ? '.hidden' : `is ${reason}`)
  for (const [reason, { make }] of rows) make(runtime, named(reason))
  const script = 'return { uid: process.getuid(), report: await discovery.inspectRuntime(data) }'
  const data = { baseDir: runtime.baseDir }
  const { uid, report } = await evaluate(script, { ...unprivileged(runtime.root), data })
  assert.notEqual(uid, 0, 'to whom file modes mean something')
  assert.deepEqual(report.directories, [{ path: runtime.baseDir, legacy: false, status: 'read' }])

  const [good, ...ignored] = /** @type {import('../..').EntryReport[]} */ (report.entries)
  assert.ok(good.status === 'running')
  assert.equal(good.path, runtime.dir('good'))
  const byPath = new Map(ignored.map((entry) => [entry.path, entry]))
  for (const [reason, { detail }] of rows) {
    const entry = byPath.get(runtime.dir(named(reason)))
    assert.ok(entry?.status === 'ignored', reason)
    assert.equal(entry.reason, reason)
    assert.match(entry.detail, detail)
    const expected =
      reason === 'duplicate-id' ? ['status', 'path', 'reason', 'detail', 'instance'] : undefined
    assert.deepEqual(Object.keys(entry), expected ?? ['status', 'path', 'reason', 'detail'])
  }
  assert.equal(ignored.length, rows.length)
})

test('running entries have exactly the instance that listInstances returns', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const report = await inspectRuntime({ baseDir: runtime.baseDir })
  assert.deepEqual(report, {
    directories: [{ path: runtime.baseDir, legacy: false, status: 'read' }],
    entries: [{ status: 'running', path: runtime.dir(RUNNING.instanceId), instance: RUNNING_INSTANCE }],
  })
})

test('starting and restarting entries have their id and time', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publishStarting('starting', 'A')
  runtime.publishStarting('restarting', 'B')
  runtime.write('C', osaurusText({ health: 'starting' }))
  runtime.touch('C', { directory: 1_700_000_000 })
  const { entries } = await inspectRuntime({ baseDir: runtime.baseDir })
  const updatedAt = Date.parse(RUNNING.updatedAt)
  assert.deepEqual(entries, [
    { status: 'starting', path: runtime.dir('A'), instanceId: 'A', updatedAt },
    { status: 'restarting', path: runtime.dir('B'), instanceId: 'B', updatedAt },
    { status: 'starting', path: runtime.dir('C'), instanceId: 'C', updatedAt: 1_700_000_000_000 },
  ])
})

test('running entries come first, newest first, then starting and ignored ones by name', async (t) => {
  const runtime = runtimeDirectory(t)
  for (const [index, name] of ['m', 'a', 'z', 'k'].entries())
    runtime.publish({ instanceId: name, port: 2000 + index, updatedAt: publishedAt(index) }, name)
  for (const name of ['y', 'b', 'x']) runtime.publishStarting(name === 'x' ? 'restarting' : 'starting', name)
  for (const name of ['w', 'c', 'v', 'A']) runtime.makeDirectory(name)
  const { entries } = await inspectRuntime({ baseDir: runtime.baseDir })
  const reported = entries.map(({ status, path: file }) => `${status} ${path.basename(file)}`)
  assert.deepEqual(reported, [
    ...['running k', 'running z', 'running a', 'running m'],
    ...['starting b', 'restarting x', 'starting y'],
    ...['ignored A', 'ignored c', 'ignored v', 'ignored w'],
  ])
})

test('an empty directory has a report without entries', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  assert.deepEqual(await inspectRuntime({ baseDir }), {
    directories: [{ path: baseDir, legacy: false, status: 'read' }],
    entries: [],
  })
})

/** @type {{ name: string, make(root: string): string, status: string, detail?: RegExp }[]} */
const DIRECTORIES = [
  { name: 'missing', make: (root) => path.join(root, 'nowhere', 'runtime'), status: 'missing' },
  {
    name: 'a link that leads nowhere',
    make(root) {
      fs.symlinkSync('nowhere', path.join(root, 'link'))
      return path.join(root, 'link')
    },
    status: 'missing',
  },
  {
    name: 'a file',
    make(root) {
      fs.writeFileSync(path.join(root, 'file'), '')
      return path.join(root, 'file')
    },
    status: 'not-a-directory',
  },
  {
    name: 'below a file',
    make(root) {
      fs.writeFileSync(path.join(root, 'file'), '')
      return path.join(root, 'file', 'runtime')
    },
    status: 'not-a-directory',
  },
  {
    name: 'links that lead in a circle',
    make(root) {
      fs.symlinkSync('two', path.join(root, 'one'))
      fs.symlinkSync('one', path.join(root, 'two'))
      return path.join(root, 'one')
    },
    status: 'error',
    detail: /symbolic links/,
  },
  {
    name: 'a name too long for any disk',
    make: (root) => path.join(root, 'x'.repeat(300)),
    status: 'error',
    detail: /name too long/,
  },
]

for (const { name, make, status, detail } of DIRECTORIES) {
  test(`a directory that is ${name} is reported as ${status}`, async (t) => {
    const baseDir = make(runtimeDirectory(t).root)
    const { directories, entries } = await inspectRuntime({ baseDir })
    const [{ detail: said, ...directory }] = directories
    assert.deepEqual(directory, { path: baseDir, legacy: false, status })
    if (detail) assert.match(said ?? '', detail)
    else assert.equal('detail' in directories[0], false)
    assert.deepEqual(entries, [])
    assert.deepEqual(await inspectRuntime({ baseDir, verify: true }), { directories, entries })
  })
}

test('several directories each have their own status, and readable ones their entries', async (t) => {
  const { home, runtime } = homeDirectory(t)
  runtime.publish()
  runtime.restrict(runtime.baseDir, 0o000)
  const library = path.join(home, 'Library/Application Support/com.dinoki.osaurus')
  fs.mkdirSync(path.join(library, 'runtime', 'X'), { recursive: true })
  fs.writeFileSync(path.join(library, 'SharedConfiguration'), '')
  const report = await evaluate('return discovery.inspectRuntime({ legacyDirs: true })', {
    ...unprivileged(home),
    env: { ...process.env, HOME: home },
  })
  const [{ detail, ...closed }, ...others] = report.directories
  assert.deepEqual(closed, { path: runtime.baseDir, legacy: false, status: 'access-denied' })
  assert.match(detail, /^Permission denied/)
  assert.deepEqual(others, [
    { path: path.join(home, '.osaurus/SharedConfiguration'), legacy: true, status: 'missing' },
    { path: path.join(library, 'runtime'), legacy: true, status: 'read' },
    { path: path.join(library, 'SharedConfiguration'), legacy: true, status: 'not-a-directory' },
    {
      path: path.join(home, 'Library/Application Support/osaurus/SharedConfiguration'),
      legacy: true,
      status: 'missing',
    },
  ])
  const [entry] = report.entries
  assert.equal(report.entries.length, 1)
  assert.equal(entry.path, path.join(library, 'runtime', 'X'))
  assert.equal(entry.reason, 'missing-file')
})

test('a file whose name differs in case is named in the report', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.makeDirectory('CASE')
  fs.writeFileSync(path.join(runtime.dir('CASE'), 'Configuration.json'), osaurusText(RUNNING))
  const { entries } = await inspectRuntime({ baseDir: runtime.baseDir })
  const [entry] = entries
  if (entry.status === 'running') return t.skip('this file system ignores case')
  assert.ok(entry.status === 'ignored')
  assert.equal(entry.reason, 'missing-file')
  assert.match(entry.detail, /there is no configuration\.json in it, but a Configuration\.json/)
})

test('entries of several directories are sorted by their names', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const library = path.join(home, 'Library/Application Support/com.dinoki.osaurus/runtime')
  for (const directory of [runtime.dir('B'), path.join(library, 'A'), path.join(library, 'C')])
    fs.mkdirSync(directory, { recursive: true })
  const { entries } = await evaluate('return discovery.inspectRuntime({ legacyDirs: true })', {
    env: { ...process.env, HOME: home },
  })
  assert.deepEqual(
    entries.map((/** @type {import('../..').EntryReport} */ entry) => path.basename(entry.path)),
    ['A', 'B', 'C'],
  )
})

// Other systems have no such names.
if (process.platform === 'linux') {
  test('a name that is not Unicode is reported with replacement characters', async (t) => {
    const runtime = runtimeDirectory(t)
    fs.mkdirSync(Buffer.concat([Buffer.from(`${runtime.baseDir}/`), Buffer.from([0x41, 0xff])]))
    const { entries } = await inspectRuntime({ baseDir: runtime.baseDir })
    assert.deepEqual(
      entries.map((entry) => [entry.path, entry.status]),
      [[runtime.dir('A\ufffd'), 'ignored']],
    )
  })
}

test('wrong options and an aborted signal reject', async () => {
  for (const [options, code] of /** @type {[any, string][]} */ ([
    [{ baseDir: 'relative' }, 'ERR_INVALID_ARG_VALUE'],
    [{ verify: 1 }, 'ERR_INVALID_ARG_TYPE'],
    [{ probeTimeoutMs: 60_001 }, 'ERR_OUT_OF_RANGE'],
    [{ timeoutMs: 1 }, 'ERR_INVALID_ARG_VALUE'],
    [{ signal: AbortSignal.abort() }, 'ABORT_ERR'],
  ]))
    assert.equal((await rejection(inspectRuntime(options))).code, code)
})
