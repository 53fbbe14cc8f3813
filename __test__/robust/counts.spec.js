// What does a call ask of the system? Counts are the same on every machine, so they are exact.
'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')

const { IN_MEMORY, runtimeFolder } = require('../helpers/runtime-folder')
const { traced } = require('./strace')

const linux = process.platform === 'linux'

/** @param {{ after(fn: () => unknown): void }} t @param {number} folders */
function folderOf(t, folders) {
  const runtime = runtimeFolder(t, { parent: IN_MEMORY })
  for (let index = 0; index < folders; index++)
    runtime.publish({ instanceId: `INSTANCE-${index}`, port: 1 + index })
  return runtime
}

/** @param {import('./strace').SystemCall[]} calls */
function byName(calls) {
  /** @type {Record<string, number>} */
  const counts = {}
  for (const { name } of calls) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

// strace is of Linux; what the calls are elsewhere follows from the same code.
test('system calls', { skip: !linux && 'counted on Linux' }, async (t) => {
  for (const folders of [0, 1, 10, 100, 1000]) {
    await t.test(`a scan of ${folders} folders makes at most ${4 * folders + 6}`, async (t) => {
      const runtime = folderOf(t, folders)
      const script = `
        const listed = () => discovery.listInstancesSync({ baseDir: data })
        listed()
        mark()
        const found = listed()
        mark()
        return found.length`
      const { result, calls } = await traced(runtime.root, script, { data: runtime.baseDir })
      assert.equal(result, folders)
      // The memory of JavaScript is V8's to ask for, and its threads wake each other.
      const ours = calls.filter(
        ({ name }) => !['mmap', 'munmap', 'mprotect', 'madvise', 'brk', 'futex'].includes(name),
      )
      const counts = byName(ours)
      assert.equal(counts.openat, folders + 1, JSON.stringify(counts))
      assert.equal(counts.read ?? 0, folders, JSON.stringify(counts))
      assert.ok(ours.length <= 4 * folders + 6, JSON.stringify(counts))
    })
  }

  await t.test('require starts no thread', async (t) => {
    const runtime = folderOf(t, 1)
    const script = `
      const threads = () => require('fs').readdirSync('/proc/self/task').length
      const before = threads()
      mark()
      discovery
      mark()
      return threads() - before`
    const { result, calls } = await traced(runtime.root, script)
    assert.equal(result, 0)
    assert.deepEqual(
      calls.filter(({ name }) => name.startsWith('clone')),
      [],
    )
    assert.ok(calls.length > 0, 'the require is in the trace')
  })

  await t.test(
    'an asynchronous call is one hop: no thread but one of the pool reads, all in one go',
    async (t) => {
      const runtime = folderOf(t, 20)
      const script = `
      await discovery.listInstances({ baseDir: data })
      mark()
      const found = await discovery.listInstances({ baseDir: data })
      mark()
      return { found: found.length, pid: process.pid }`
      const { result, calls } = await traced(runtime.root, script, { data: runtime.baseDir })
      assert.equal(result.found, 20)
      assert.deepEqual(
        calls.filter(({ name }) => name.startsWith('clone')),
        [],
      )
      const readers = new Set(
        calls.filter(({ name }) => name === 'openat').map(({ line }) => line.split(' ')[0]),
      )
      assert.equal(readers.size, 1, 'one thread reads')
      assert.ok(!readers.has(String(result.pid)), 'and it is not the main one')
      // Its end is told once: a byte in the pipe that wakes the loop.
      const told = calls.filter(
        ({ name, line }) => name === 'write' && /^\d+\s+write\(\d+, "\\1\\0/.test(line),
      )
      assert.equal(told.length, 1, calls.map(({ line }) => line).join('\n'))
    },
  )

  await t.test('without verify no socket is opened', async (t) => {
    const runtime = folderOf(t, 3)
    const script = `
      mark()
      await discovery.discoverLatestRunningInstance({ baseDir: data })
      await discovery.listInstances({ baseDir: data })
      await discovery.inspectRuntime({ baseDir: data })
      discovery.discoverLatestRunningInstanceSync({ baseDir: data })
      mark()
      await discovery.listInstances({ baseDir: data, verify: true })`
    const { calls } = await traced(runtime.root, script, {
      data: runtime.baseDir,
      trace: '%network,openat,access,faccessat2,statx,stat',
    })
    assert.deepEqual(
      calls.filter(({ name }) => name === 'socket' || name === 'connect'),
      [],
    )
    assert.ok(
      calls.some(({ name }) => name === 'openat'),
      'the scans are in the trace',
    )
  })

  await t.test('at rest after a call it makes none', async (t) => {
    const runtime = folderOf(t, 3)
    const script = `
      await discovery.discoverLatestRunningInstance({ baseDir: data })
      await discovery.listInstances({ baseDir: data, verify: true })
      await new Promise((resolve) => setTimeout(resolve, 200))
      mark()
      await new Promise((resolve) => setTimeout(resolve, 1000))
      mark()`
    const { calls } = await traced(runtime.root, script, { data: runtime.baseDir })
    const busy = calls.filter(
      ({ name }) => !/^(epoll|futex|madvise|munmap|write|read|restart_syscall)/.test(name),
    )
    assert.deepEqual(busy, [])
    assert.ok(calls.length < 20, calls.map(({ line }) => line).join('\n'))
  })
})
