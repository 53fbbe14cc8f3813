// Tests watchers under failing system calls and without resources.
//
// Watchers without file events are tested in degraded.spec.js.
'use strict'

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { eventually } = require('../support/measure.js')
const { listInstances } = require('../..')
const { startBackgroundWriter } = require('../support/background-writer.js')
const { startFakeProcess } = require('../support/fake-process.js')
const { testOnLinux } = require('../support/on-linux.js')
const { withStrace } = require('../support/requirements.js')
const { runFixture, unprivileged } = require('../support/run-node.js')
const { RUNNING, runtimeDirectory } = require('../support/runtime-directory.js')
const { IN_MEMORY } = require('../support/temporary-directory.js')
const { trace } = require('../support/strace.js')
const { stopAfter } = require('../support/verify-servers.js')
const { runFixtureUnder } = require('../support/watch-degraded.js')
const { publish } = require('../support/watch-publisher.js')
const { recordChanges } = require('../support/change-recorder.js')

/**
 * @typedef {object} Fault
 * @property {string} name
 * @property {string} inject in strace's words
 * @property {'directory' | 'events'} [at] which calls: those at the base directory, or those that receive events; else all
 * @property {boolean} [verify]
 * @property {string} [code] of the one warning; no warning where it is missing
 * @property {RegExp} [words]
 */

/** @type {Fault[]} */
const FAULTS = [
  {
    name: 'every second listing is interrupted',
    inject: 'getdents64:error=EINTR:when=1+2',
    at: 'directory',
  },
  {
    name: 'opening files is interrupted every other time',
    inject: 'openat:error=EINTR:when=1+2',
    at: 'directory',
  },
  {
    name: 'waiting, sending and receiving are interrupted every other time',
    inject: 'epoll_wait,sendto,recvfrom:error=EINTR:when=1+2',
    verify: true,
  },
  {
    name: 'the disk fails for a while: EIO',
    inject: 'getdents64:error=EIO:when=2..3',
    at: 'directory',
    code: 'OSAURUS_IO',
    words: /^Osaurus folder cannot be read: .*Input.output error/,
  },
  {
    name: 'the process has no descriptor left for a while: EMFILE',
    inject: 'openat:error=EMFILE:when=2..4',
    at: 'directory',
    code: 'OSAURUS_IO',
    words: /^Osaurus folder cannot be read: .*Too many open files/,
  },
  {
    name: 'receiving events fails: EIO',
    inject: 'read:error=EIO:when=1',
    at: 'events',
    code: 'OSAURUS_WATCH_DEGRADED',
    words: /their receiver failed and was restarted\. Polling/,
  },
]

for (const { name, inject, at, verify = false, code, words } of FAULTS) {
  testOnLinux(
    `a watcher ${code ? 'warns once and ' : ''}reports every change where ${name}`,
    withStrace(),
    async (t) => {
      const { baseDir } = runtimeDirectory(t, { parent: IN_MEMORY })
      const paths = { directory: [baseDir], events: ['anon_inode:inotify'] }
      const faults = { inject: [inject], paths: at ? paths[at] : [] }
      const calls = `trace=${inject.split(':')[0]}`
      const { all, result } = await trace(t, calls, 'watch/life.js', { baseDir, verify }, faults)
      assert.ok(
        all.some(({ injected }) => injected),
        'the fault did happen',
      )
      assert.deepEqual(
        result.map((/** @type {{ code: string }} */ warning) => warning.code),
        code ? [code] : [],
      )
      if (words) assert.match(result[0].message, words)
    },
  )
}

/** Runs a process that may hold a hundred descriptors. */
const FEW = ['prlimit', '--nofile=100:100']

/** @param {{ code: string }[]} warnings */
const codes = (warnings) => warnings.map(({ code }) => code)

/** @param {import('node:test').TestContext} t */
function stepsOf(t) {
  const { root } = runtimeDirectory(t)
  fs.chmodSync(root, 0o777)
  fs.writeFileSync(path.join(root, 'waiting'), '')
  fs.chmodSync(path.join(root, 'waiting'), 0o666)
  const reaches = (/** @type {string} */ step) =>
    eventually(() => assert.ok(fs.existsSync(path.join(root, step))))
  return { steps: root, reaches }
}

testOnLinux(
  'a server that dies while no descriptor is free causes a warning, and is removed once one is free',
  async (t) => {
    const { baseDir } = runtimeDirectory(t)
    const fake = await stopAfter(t, startFakeProcess({ baseDir }))
    const { steps, reaches } = stepsOf(t)
    const data = { baseDir, steps, id: fake.instance.instanceId }
    const running = runFixtureUnder(FEW, 'watch/dies-without-descriptors.js', data)
    await reaches('taken')
    await fake.kill('SIGKILL')
    const { state, warnings } = await running
    assert.deepEqual(state, [fake.instance.instanceId], 'the state is kept')
    assert.deepEqual(codes(warnings), ['OSAURUS_IO'])
    assert.match(warnings[0].message, /: Too many open files/)
  },
)

testOnLinux(
  'a server that starts while no descriptor is free causes a warning, and is added once one is free',
  async (t) => {
    const { baseDir } = runtimeDirectory(t)
    const { steps, reaches } = stepsOf(t)
    const running = runFixtureUnder(FEW, 'watch/comes-without-descriptors.js', { baseDir, steps })
    await reaches('taken')
    const fake = await stopAfter(t, startFakeProcess({ baseDir }))
    const { state, ids, warnings } = await running
    assert.deepEqual([state, ids], [[], [fake.instance.instanceId]])
    assert.deepEqual(codes(warnings), ['OSAURUS_IO'])
    assert.match(warnings[0].message, /: Too many open files/)
  },
)

testOnLinux('a watcher without a thread warns, and starts once one can be started', async (t) => {
  const runtime = runtimeDirectory(t)
  publish(runtime.baseDir, 'LIVES')
  const { steps, reaches } = stepsOf(t)
  // Root has as many as it likes.
  const user = unprivileged(runtime.root)
  const running = runFixture('watch/no-thread.js', { ...user, data: { baseDir: runtime.baseDir, steps } })
  await reaches('warned')
  const pid = fs.readFileSync(path.join(steps, 'warned'), 'utf8')
  execFileSync('prlimit', ['--pid', pid, '--nproc=1000:1000'], user)
  const { reported, instanceId } = await running
  assert.equal(instanceId, 'LIVES')
  assert.deepEqual(codes(reported), ['OSAURUS_IO'])
  assert.match(
    reported[0].message,
    /^Osaurus cannot be watched: .+ No thread can be started: end threads of this process/,
  )
})

for (const work of /** @type {const} */ (['replace', 'churn'])) {
  test(`changes are consistent, and the last is the state, while a directory changes during every scan (${work})`, async (t) => {
    const { baseDir } = runtimeDirectory(t)
    publish(baseDir, 'STAYS', { updatedAt: '2030-01-01T00:00:00Z' })
    publish(baseDir, RUNNING.instanceId)
    const records = [recordChanges(t, { baseDir }), recordChanges(t, { baseDir })]
    await Promise.all(records.map((record) => record.started()))
    const disturber = await startBackgroundWriter(work, baseDir, t)
    await eventually(() => assert.ok(records.every(({ changes }) => changes.length > 10)))
    const rounds = await disturber.stop()
    for (const record of records) {
      await eventually(async () =>
        assert.deepEqual(record.watcher.instances, await listInstances({ baseDir })),
      )
      assert.ok(record.changes.every(({ instances }) => instances[0].instanceId === 'STAYS'))
      assert.deepEqual(record.warnings, [])
    }
    t.diagnostic(`${rounds} rounds, reported in ${records.map(({ changes }) => changes.length)} changes`)
  })
}
