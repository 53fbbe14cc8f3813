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
const { evaluate, unprivileged } = require('../support/run-node.js')
const { RUNNING, runtimeDirectory } = require('../support/runtime-directory.js')
const { IN_MEMORY } = require('../support/temporary-directory.js')
const { stopAfter } = require('../support/verify-servers.js')
const { INSTANCES, WATCHES, injected, under, without } = require('../support/watch-degraded.js')
const { publish } = require('../support/watch-publisher.js')

/** A whole life of an instance, with two watchers; gives what they were warned of. */
const LIFE = `
  const [one, two] = [watched(), watched()]
  await one.until([])
  publish(baseDir, 'A')
  await one.until(['A'])
  publish(baseDir, 'A', { port: 4711 })
  while (one.state[0].port !== 4711) await delay(5)
  withdraw(baseDir, 'A')
  await Promise.all([one, two].map((record) => record.until([])))
  ;[one, two].forEach((record) => record.check())
  return [one, two].map(warnings)`

/** @param {{ code: string, message: string }[][]} told @param {RegExp} cause */
function assertDegradedOnce(told, cause) {
  for (const warnings of told) {
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
    `where ${name} it polls, and says so once`,
    command[0] === 'strace' ? withStrace() : withUserNamespace(),
    async (t) => {
      const { baseDir } = runtimeDirectory(t)
      assertDegradedOnce(await under(command, LIFE, { baseDir }), cause)
    },
  )
}

testOnLinux('it goes back to events once there are some', withUserNamespace(), async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const { told, quick } = await under(
    without(INSTANCES),
    `const record = watched()
     await record.until([])
     publish(baseDir, 'A')
     await record.until(['A'])
     write('${INSTANCES}', '10')
     const threads = () => fs.readdirSync('/proc/self/task').map((id) => fs.readFileSync('/proc/self/task/' + id + '/comm', 'utf8').trim())
     while (!threads().some((name) => name.startsWith('notify'))) await delay(5)
     // A poll would take half a second on average; events that come every time are none.
     const times = []
     for (let round = 0; round < 10; round++) {
       await delay(100)
       const began = performance.now()
       publish(baseDir, 'ROUND-' + round)
       while (record.ids.length !== round + 2) await delay(1)
       times.push(performance.now() - began)
     }
     record.check()
     return { told: [warnings(record)], quick: times.filter((time) => time < 200).length }`,
    { baseDir },
  )
  assertDegradedOnce(told, /max_user_instances/)
  assert.ok(quick >= 8, `${quick} of 10 by events`)
})

testOnLinux(
  'with verify it polls the files, and asks no more servers for that',
  withUserNamespace(),
  async (t) => {
    const { baseDir } = runtimeDirectory(t)
    const fake = await stopAfter(t, startFakeOsaurus({ baseDir }))
    const running = under(
      without(INSTANCES),
      `const record = watched({ baseDir, verify: true, probeTimeoutMs: 20000 })
     await record.until([data.id])
     await delay(3500)
     return warnings(record)`,
      { baseDir, id: fake.instance.instanceId },
    )
    assertDegradedOnce([await running], /max_user_instances/)
    assert.equal(fake.requests.length, 1)
  },
)

testOnLinux('after a flood that overflows the queue of events nothing is missing', async (t) => {
  const { baseDir } = runtimeDirectory(t, { parent: IN_MEMORY })
  const max = Number(fs.readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'))
  const told = await evaluate(
    `const { spawn, execFileSync } = require('node:child_process')
     const { once } = require('node:events')
     const { publish } = require('./__test__/support/watch-publisher')
     const child = spawn(process.execPath, ['-e', \`
       const { ChangeRecorder } = require('./__test__/support/change-recorder')
       const record = new ChangeRecorder(require('.').watchInstances({ baseDir: process.argv[1] }))
       process.on('message', async (ids) => {
         await record.until(ids)
         record.check()
         process.send(record.warnings.map(({ code, message }) => ({ code, message })))
       })\`, data.baseDir], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
     const when = async (ids) => { child.send(ids); return (await once(child, 'message'))[0] }
     const fs = require('node:fs')
     await when([])
     child.kill('SIGSTOP')
     fs.mkdirSync(data.baseDir + '/there')
     // Each rename is two events.
     for (let i = 0; i < data.max / 2; i++) {
       fs.renameSync(data.baseDir + '/there', data.baseDir + '/back')
       fs.renameSync(data.baseDir + '/back', data.baseDir + '/there')
     }
     publish(data.baseDir, 'LAST')
     child.kill('SIGCONT')
     await when(['LAST'])
     publish(data.baseDir, 'LAST', { instanceId: 'LATER' })
     const told = await when(['LATER'])
     child.kill()
     return told`,
    { data: { baseDir, max } },
  )
  assertDegradedOnce([told], /the system dropped some of them/)
})

test('an unreadable directory is reported once, and the last state is kept until it is readable', async (t) => {
  const runtime = runtimeDirectory(t)
  publish(runtime.baseDir, 'A')
  const steps = path.join(runtime.root, 'steps')
  fs.mkdirSync(steps)
  fs.chmodSync(steps, 0o777)
  const reaches = (/** @type {string} */ step) =>
    eventually(() => assert.ok(fs.existsSync(path.join(steps, step))))

  const running = evaluate(
    `const fs = require('node:fs')
     const watcher = discovery.watchInstances({ baseDir: data.baseDir })
     const told = []
     watcher.on('change', ({ instances }) => told.push(instances.length))
     watcher.on('warning', ({ code }) => told.push(code))
     const until = async (length) => { while (told.length < length) await new Promise((r) => setTimeout(r, 5)) }
     const reach = (step) => fs.writeFileSync(data.steps + '/' + step, '')
     await until(1)
     reach('seen')
     await until(2)
     const { length } = watcher.instances
     reach('warned')
     await until(3)
     watcher.close()
     return { told, length }`,
    { data: { baseDir: runtime.baseDir, steps }, ...unprivileged(runtime.root) },
  )
  await reaches('seen')
  runtime.restrict(runtime.baseDir, 0o000)
  await reaches('warned')
  publish(runtime.baseDir, 'B')
  fs.chmodSync(runtime.baseDir, 0o755)
  assert.deepEqual(await running, { told: [1, 'OSAURUS_ACCESS_DENIED', 2], length: 1 })
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

  const running = evaluate(
    `const fs = require('node:fs')
     const watcher = discovery.watchInstances({ baseDir: data.baseDir })
     const states = []
     const warnings = []
     watcher.on('change', ({ instances }) => states.push(instances.length))
     watcher.on('warning', ({ code, message }) => warnings.push({ code, message }))
     const reach = async (step, check) => {
       while (!check()) await new Promise((r) => setTimeout(r, 5))
       fs.writeFileSync(data.steps + '/' + step, '')
     }
     await reach('seen', () => states.length === 1)
     const before = warnings.length
     await reach('gone', () => states.length === 2 && warnings.length === 1)
     await reach('back', () => states.length === 3)
     watcher.close()
     return { states, before, warnings }`,
    { data: { baseDir: runtime.baseDir, steps }, ...user },
  )
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
  const told = await evaluate(
    `const watcher = discovery.watchInstances({ baseDir: data })
     const told = []
     watcher.on('change', ({ instances }) => told.push(instances.length))
     await new Promise((resolve) => watcher.on('warning', ({ code }) => resolve(told.push(code))))
     watcher.close()
     return told`,
    { data: runtime.baseDir },
  )
  assert.deepEqual(told, [0, 'OSAURUS_IO'])
})

testOnLinux(
  'where no descriptor is left to begin with it says so, and begins once there is one',
  async (t) => {
    const { baseDir } = runtimeDirectory(t)
    publish(baseDir, RUNNING.instanceId)
    const told = await under(
      ['prlimit', '--nofile=100:100'],
      `const files = []
     for (;;) {
       try {
         files.push(fs.openSync('/dev/null'))
       } catch {
         break
       }
     }
     const record = watched()
     await record.until([])
     while (record.warnings.length === 0) await delay(5)
     files.forEach((file) => fs.closeSync(file))
     await record.until([data.id])
     record.check()
     return warnings(record)`,
      { baseDir, id: RUNNING.instanceId },
    )
    assert.equal(told.length, 1)
    assert.equal(told[0].code, 'OSAURUS_IO')
    assert.match(told[0].message, /^Osaurus cannot be watched: Too many open files/)
  },
)
