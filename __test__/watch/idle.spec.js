// Tests that an idle watcher makes no system call, takes no processor time, and does not wake up for other files.
'use strict'

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')
const { text } = require('node:stream/consumers')
const { setTimeout: delay } = require('node:timers/promises')
const { startFakeOsaurus } = require('../../testing.js')
const { testOnLinux: test } = require('../support/on-linux.js')
const { withStrace } = require('../support/requirements.js')
const { PROJECT } = require('../support/run-node.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const { stopAfter } = require('../support/verify-servers.js')
const { publish } = require('../support/watch-publisher.js')

/** How long watchers are observed; `OSAURUS_REST_SECONDS=60` makes it the promised minute. */
const REST_MS = Number(process.env.OSAURUS_REST_SECONDS ?? 10) * 1000

/** A last look is taken two seconds after the way has changed. */
const SETTLED_MS = 4000

/**
 * Creates a home directory in a quiet place: every directory of its path is watched, and other programs and
 * tests are at work in those for temporary files.
 * @param {import('node:test').TestContext} t
 */
function quietHome(t) {
  const runtime = runtimeDirectory(t, {
    parent: isWritable('/srv') ? '/srv' : '/var/tmp',
    subpath: path.join('.osaurus', 'runtime'),
  })
  return { home: runtime.root, runtime }
}

/** @param {string} directory */
function isWritable(directory) {
  try {
    fs.accessSync(directory, fs.constants.W_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Starts a process with watchers of this home directory that have reported the initial state and become idle.
 * @param {import('node:test').TestContext} t
 * @param {string} home
 */
async function watching(t, home) {
  const script = `
    const { watchInstances } = require('.')
    const { once } = require('events')
    const watchers = [{}, {}, { verify: true, probeTimeoutMs: 20000 }].map((options) => watchInstances(options))
    let changes = 0
    for (const watcher of watchers) watcher.on('change', () => process.stdout.write(String(++changes)))`
  const env = { ...process.env, HOME: home }
  const child = spawn(process.execPath, ['-e', script], {
    cwd: PROJECT,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  let reported = ''
  child.stdout.setEncoding('utf8').on('data', (data) => (reported += data))
  while (reported !== '123') await delay(10)
  await delay(SETTLED_MS)
  return { pid: Number(child.pid), reported: () => reported }
}

/**
 * The system calls that a process makes in all its threads while something happens, by name.
 * @param {number} pid
 * @param {() => Promise<void>} meanwhile
 */
async function systemCalls(pid, meanwhile) {
  const strace = spawn('strace', ['-f', '-c', '-U', 'name,calls', '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const output = text(strace.stderr)
  await delay(500)
  await meanwhile()
  strace.kill('SIGINT')
  await once(strace, 'close')
  const rows = (await output).matchAll(/^([a-z_0-9]+) +([0-9]+)$/gm)
  return Object.fromEntries(
    [...rows].filter(([, name]) => name !== 'total').map(([, name, calls]) => [name, Number(calls)]),
  )
}

/** How long each thread of a process has run, in nanoseconds. @param {number} pid */
function processorTime(pid) {
  const threads = fs.readdirSync(`/proc/${pid}/task`)
  return threads.map((id) => fs.readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0])
}

/**
 * Events in a directory of the path to the home directory wake watchers, as they have to. If there were any, the measurement is
 * repeated, three times at most.
 * @param {import('node:test').TestContext} t
 * @param {string} home
 * @param {() => Promise<void>} look
 */
async function undisturbed(t, home, look) {
  let disturbed = 0
  for (let directory = home; directory !== path.dirname(directory);) {
    directory = path.dirname(directory)
    const watcher = fs.watch(directory, () => disturbed++)
    t.after(() => watcher.close())
  }
  for (let times = 1; ; times++) {
    const before = disturbed
    try {
      return await look()
    } catch (error) {
      if (disturbed === before || times === 3) throw error
    }
    await delay(SETTLED_MS)
  }
}

test(
  `idle watchers make no system call and take no processor time for ${REST_MS / 1000} s`,
  withStrace(),
  async (t) => {
    const { home, runtime } = quietHome(t)
    const fake = await stopAfter(t, startFakeOsaurus({ baseDir: runtime.baseDir }))
    // Two, at the same time: being traced takes time of the processor itself.
    const [traced, alone] = await Promise.all([watching(t, home), watching(t, home)])
    await undisturbed(t, home, async () => {
      const before = processorTime(alone.pid)
      const calls = await systemCalls(traced.pid, () => delay(REST_MS))
      assert.deepEqual(calls, {})
      assert.deepEqual(processorTime(alone.pid), before, 'not a nanosecond')
    })
    assert.equal(fake.requests.length, 2, 'asked by each at the start, and not since')
    for (const { reported } of [traced, alone]) assert.equal(reported(), '123')
  },
)

test(
  'events elsewhere in the home directory wake only the thread that receives them',
  withStrace(),
  async (t) => {
    const { home, runtime } = quietHome(t)
    publish(runtime.baseDir, 'ONE')
    const { pid, reported } = await watching(t, home)
    const log = fs.openSync(path.join(home, 'app.log'), 'a')
    t.after(() => fs.closeSync(log))

    const writing = await systemCalls(pid, async () => {
      for (let i = 0; i < 200; i++) {
        fs.writeSync(log, 'a line\n')
        if (i % 20 === 0) fs.readFileSync(path.join(home, 'app.log'))
        await delay(1)
      }
    })
    assert.deepEqual(writing, {}, 'a file that is written to and read')

    const below = await systemCalls(pid, async () => {
      fs.mkdirSync(path.join(home, 'project'))
      await delay(100)
    })
    const { epoll_wait: waits = 0, read: reads = 0, ...others } = below
    assert.deepEqual(others, {}, 'a new directory')
    assert.ok(waits <= 1 && reads <= 2, `${waits} waits, ${reads} reads`)

    const deeper = await systemCalls(pid, async () => {
      for (let i = 0; i < 50; i++) fs.writeFileSync(path.join(home, 'project', `${i}`), 'x')
      await delay(100)
    })
    assert.deepEqual(deeper, {}, 'files in a sibling directory')
    assert.equal(reported(), '123')
  },
)
