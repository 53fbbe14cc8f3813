// Tests that a watcher continues without file events, and reports that once.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { eventually } = require('../support/measure.js')
const { testOnLinux } = require('../support/on-linux.js')
const { withStrace, withUserNamespace } = require('../support/requirements.js')
const { evaluate, runFixture, unprivileged } = require('../support/run-node.js')
const { RUNNING, runtimeDirectory } = require('../support/runtime-directory.js')
const { IN_MEMORY } = require('../support/temporary-directory.js')
const { stopAfter } = require('../support/verify-servers.js')
const { INSTANCES, WATCHES, injected, runFixtureUnder, without } = require('../support/watch-degraded.js')
const { publish } = require('../support/watch-publisher.js')

/** @param {{ code: string, message: string }[][]} reported @param {RegExp} cause */
function assertDegradedOnce(reported, cause) {
  for (const warnings of reported) {
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['OSAURUS_WATCH_DEGRADED'],
    )
    assert.match(warnings[0].message, /^File events are unavailable: .+Polling once a second/)
    assert.match(warnings[0].message, cause)
  }
}

for (const [name, command, cause] of /** @type {[string, string[], RegExp][]} */ ([
  ['no inotify instance is left', without(INSTANCES), /Too many open files.*fs\.inotify\.max_user_instances/],
  [
    'no inotify watch is left',
    without(WATCHES),
    /may watch no more directories.*fs\.inotify\.max_user_watches/,
  ],
  [
    'the limit of watches is reached along the path',
    injected('inotify_add_watch:error=ENOSPC:when=3+'),
    /max_user_watches/,
  ],
  ['the kernel has no memory for events', injected('inotify_init1:error=ENOMEM'), /annot allocate/],
  ['the system has no descriptor left', injected('inotify_init1:error=ENFILE'), /open files in system/],
  ['the kernel has no memory for a watch', injected('inotify_add_watch:error=ENOMEM'), /annot allocate/],
  [
    'the directory is on a network disk',
    // f_type, the first field of what statfs gives, as NFS has it.
    injected('statfs:poke_exit=@arg2=6969000000000000'),
    /is on a disk that others may write to without an event/,
  ],
])) {
  testOnLinux(
    `a watcher polls, and warns once, where ${name}`,
    command[0] === 'strace' ? withStrace() : withUserNamespace(),
    async (t) => {
      const { baseDir } = runtimeDirectory(t)
      assertDegradedOnce(await runFixtureUnder(command, 'watch/whole-life.js', { baseDir }), cause)
    },
  )
}

testOnLinux(
  'a watcher that polls uses events again once they are available',
  withUserNamespace(),
  async (t) => {
    const { baseDir } = runtimeDirectory(t)
    const { reported, quick } = await runFixtureUnder(without(INSTANCES), 'watch/back-to-events.js', {
      baseDir,
      limit: INSTANCES,
    })
    assertDegradedOnce(reported, /max_user_instances/)
    assert.ok(quick >= 8, `${quick} of 10 by events`)
  },
)

testOnLinux(
  'polling the files sends no further requests to verified servers',
  withUserNamespace(),
  async (t) => {
    const { baseDir } = runtimeDirectory(t)
    const fake = await stopAfter(t, startFakeOsaurus({ baseDir }))
    const data = { baseDir, id: fake.instance.instanceId }
    const warnings = await runFixtureUnder(without(INSTANCES), 'watch/polled-files.js', data)
    assertDegradedOnce([warnings], /max_user_instances/)
    assert.equal(fake.requests.length, 1)
  },
)

testOnLinux('no change is lost when the queue of events overflows', async (t) => {
  const { baseDir } = runtimeDirectory(t, { parent: IN_MEMORY })
  const max = Number(fs.readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'))
  const reported = await runFixture('watch/overflow.js', { data: { baseDir, max } })
  assertDegradedOnce([reported], /the system dropped some of them/)
})

test('an unreadable directory is reported once, and the last state is kept until it is readable', async (t) => {
  const runtime = runtimeDirectory(t)
  publish(runtime.baseDir, 'A')
  const steps = path.join(runtime.root, 'steps')
  fs.mkdirSync(steps)
  fs.chmodSync(steps, 0o777)
  const reaches = (/** @type {string} */ step) =>
    eventually(() => assert.ok(fs.existsSync(path.join(steps, step))))

  const running = runFixture('watch/unreadable-directory.js', {
    data: { baseDir: runtime.baseDir, steps },
    ...unprivileged(runtime.root),
  })
  await reaches('seen')
  runtime.restrict(runtime.baseDir, 0o000)
  await reaches('warned')
  publish(runtime.baseDir, 'B')
  fs.chmodSync(runtime.baseDir, 0o755)
  assert.deepEqual(await running, { reported: [1, 'OSAURUS_ACCESS_DENIED', 2], length: 1 })
})

test('a directory of the path without read permission causes no warning until an entry in it is awaited', async (t) => {
  const runtime = runtimeDirectory(t, { subpath: path.join('passage', 'home', 'runtime') })
  publish(runtime.baseDir, 'A')
  const passage = path.join(runtime.root, 'passage')
  const steps = path.join(runtime.root, 'steps')
  fs.mkdirSync(steps)
  fs.chmodSync(steps, 0o777)
  const user = unprivileged(runtime.root)
  // Not even its owner may read it.
  runtime.restrict(passage, 0o311)

  const running = runFixture('watch/unreadable-passage.js', {
    data: { baseDir: runtime.baseDir, steps },
    ...user,
  })
  const reaches = (/** @type {string} */ step) =>
    eventually(() => assert.ok(fs.existsSync(path.join(steps, step))))
  await reaches('seen')
  fs.renameSync(path.join(passage, 'home'), path.join(passage, 'away'))
  await reaches('gone')
  fs.renameSync(path.join(passage, 'away'), path.join(passage, 'home'))
  const { states, before, warnings } = await running
  assert.deepEqual([states, before], [[1, 0, 1], 0])
  assertDegradedOnce([warnings], /this process may not read .*passage\. Polling/)
})

test('a problem at the start is reported after an empty state', async (t) => {
  const runtime = runtimeDirectory(t)
  fs.rmdirSync(runtime.baseDir)
  fs.writeFileSync(runtime.baseDir, '')
  const reported = await evaluate(
    `const watcher = discovery.watchInstances({ baseDir: data })
     const reported = []
     watcher.on('change', ({ instances }) => reported.push(instances.length))
     await new Promise((resolve) => watcher.on('warning', ({ code }) => resolve(reported.push(code))))
     watcher.close()
     return reported`,
    { data: runtime.baseDir },
  )
  assert.deepEqual(reported, [0, 'OSAURUS_IO'])
})

testOnLinux('a watcher without a free descriptor warns, and starts once one is free', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  publish(baseDir, RUNNING.instanceId)
  const reported = await runFixtureUnder(['prlimit', '--nofile=100:100'], 'watch/no-descriptors.js', {
    baseDir,
    id: RUNNING.instanceId,
  })
  assert.equal(reported.length, 1)
  assert.equal(reported[0].code, 'OSAURUS_IO')
  assert.match(reported[0].message, /^Osaurus cannot be watched: Too many open files/)
})
