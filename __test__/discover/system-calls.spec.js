// Tests what a call costs: system calls, threads, hops to Node's pool, and time of the event loop.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { discoverLatestRunningInstance, listInstances, listInstancesSync } = require('../..')
const { median } = require('../support/measure.js')
const { withStrace } = require('../support/requirements.js')
const { PROJECT, runFixture, runNode } = require('../support/run-node.js')
const { RUNNING, osaurusText, runtimeDirectory } = require('../support/runtime-directory.js')
const { between, trace } = require('../support/strace.js')

/**
 * Creates a runtime directory with this many instances without ids, so that all can be links to one file, which disks make
 * and remove ten times as fast.
 * @param {import('node:test').TestContext} t
 * @param {number} count
 */
function fullRuntime(t, count) {
  const runtime = runtimeDirectory(t)
  const one = path.join(runtime.root, 'configuration.json')
  fs.writeFileSync(one, osaurusText({ ...RUNNING, instanceId: undefined }))
  for (let i = 0; i < count; i++) {
    runtime.makeDirectory(`I${i}`)
    fs.linkSync(one, runtime.file(`I${i}`))
  }
  return runtime.baseDir
}

const FIXTURES = path.join(PROJECT, '__test__', 'fixtures', 'discover')

/** The calls of the heap and of locks, which the scan does not make. */
const NOT_COUNTED = /^(brk|mmap|munmap|mremap|mprotect|madvise|futex)$/

// Only Linux has strace and /proc.
if (process.platform === 'linux') {
  for (const directories of [0, 1, 10, 100, 1000]) {
    test(
      `sync functions make at most four system calls per directory and six more, for ${directories} directories`,
      withStrace(),
      async (t) => {
        const baseDir = fullRuntime(t, directories)
        const { main, result } = await trace(t, 'trace=all', 'discover/marked-sync-calls.js', baseDir)
        assert.equal(result, directories)
        for (const [from, to] of [
          ['list', 'latest'],
          ['latest', 'end'],
        ]) {
          const calls = between(main, from, to).filter(({ name }) => !NOT_COUNTED.test(name))
          const most = 4 * directories + 6
          assert.ok(calls.length <= most, `${from}: ${calls.length} calls, at most ${most}`)
          const times = (/** @type {string} */ call) => calls.filter(({ name }) => name === call).length
          assert.deepEqual(
            [times('openat'), times('read')],
            [directories + 1, directories],
            'each file is read once',
          )
        }
      },
    )
  }

  test(
    'async calls make their system calls on one thread of the pool, and none on the main thread',
    withStrace(),
    async (t) => {
      const baseDir = fullRuntime(t, 100)
      for (const name of ['listInstances', 'discoverLatestRunningInstance', 'inspectRuntime']) {
        const calls = 'trace=%file,getdents64'
        const { main, others } = await trace(t, calls, 'discover/marked-async-call.js', { baseDir, name })
        assert.deepEqual(between(main, 'from', 'to'), [])
        const opened = others
          .map((calls) => calls.filter(({ args }) => args.includes('configuration.json')).length)
          .filter((count) => count > 0)
        assert.deepEqual(opened, [100])
      }
    },
  )

  test('a settled call makes no more system calls, with or without verify', withStrace(), async (t) => {
    const baseDir = fullRuntime(t, 3)
    const { main, result } = await trace(t, 'trace=all', 'discover/marked-rest.js', baseDir)
    const calls = between(main, 'from', 'to').filter(({ name }) => !NOT_COUNTED.test(name))
    // The loop sleeps until the timer of the test and is woken by nothing else.
    assert.ok(calls.length <= 4, calls.map(({ name, args }) => `${name}(${args})`).join('\n'))
    assert.deepEqual(
      calls.filter(({ name }) => !/^epoll_p?wait/.test(name)),
      [],
    )
    assert.ok(!result.some((/** @type {string} */ name) => name.startsWith('osaurus')), result.join())
  })

  test('require and sync calls start no thread, and async calls only those of the pool of Node', async (t) => {
    const baseDir = fullRuntime(t, 10)
    const { stdout, stderr } = await runNode([path.join(FIXTURES, 'count-threads.js'), baseDir])
    assert.equal(stderr, '')
    const { counts, warm, after } = JSON.parse(stdout)
    assert.deepEqual(counts, Array(3).fill(counts[0]))
    assert.equal(after, warm)
  })
}

test('an async call hops to the pool once', async (t) => {
  const hops = await runFixture('discover/count-hops.js', { data: fullRuntime(t, 100) })
  assert.deepEqual(hops, [1, 1, 1])
})

test('the event loop runs while ten thousand directories are scanned', async (t) => {
  const baseDir = fullRuntime(t, 10_000)
  const longestTurn = async (/** @type {Promise<unknown>} */ call) => {
    let going = true
    call.finally(() => (going = false))
    let longest = 0
    let turns = 0
    for (let last = performance.now(); going; turns++) {
      await new Promise(setImmediate)
      const now = performance.now()
      longest = Math.max(longest, now - last)
      last = now
    }
    assert.ok(turns > 10, `${turns} turns`)
    return longest
  }
  const blocked = []
  const latest = []
  const list = []
  for (let round = 0; round < 5; round++) {
    const began = performance.now()
    listInstancesSync({ baseDir })
    blocked.push(performance.now() - began)
    latest.push(await longestTurn(discoverLatestRunningInstance({ baseDir })))
    list.push(await longestTurn(listInstances({ baseDir })))
  }
  const sync = median(blocked)
  // The minimum of the rounds: other work of the machine can only add to it.
  const [one, all] = [Math.min(...latest), Math.min(...list)]
  assert.ok(one < sync / 4, `the latest of them: a turn of ${one} ms, sync ${sync}`)
  // The objects of ten thousand instances are created in one turn.
  assert.ok(all < sync / 2, `all of them: a turn of ${all} ms, sync ${sync}`)
})
