// Runs discovery and watchers for hours while an Osaurus crashes, restarts and hangs, and counts what is left behind.
//
//   npm run soak                 an hour
//   npm run soak -- MINUTES      for this time, fractions too; at least 40 rounds
//
// It exits with code 1 at the first wrong result or warning, or if memory, descriptors, threads or watched directories
// grow. Ctrl-C ends it early, with a summary.
'use strict'

const { once, setMaxListeners } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { setTimeout: delay } = require('node:timers/promises')
const { Worker } = require('node:worker_threads')

const discovery = require('..')
const { startFakeOsaurus } = require('../testing.js')

const minutes = Number(process.argv[2] ?? 60)
if (!(minutes > 0)) {
  console.error('usage: npm run soak -- [MINUTES]')
  process.exit(2)
}

/** After this many rounds everything that stays allocated exists, so the end is compared with this point. */
const WARM_ROUND = 20

/** The least number of rounds, also on a machine so busy that the time ends before. */
const LEAST_ROUNDS = 2 * WARM_ROUND

/** The number of actions, by name. @type {Record<string, number>} */
const done = {}

/** @param {string} what @param {number} [times] */
function count(what, times = 1) {
  done[what] = (done[what] ?? 0) + times
}

/**
 * @param {boolean} condition
 * @param {string} what
 */
function check(condition, what) {
  if (!condition) throw new Error(what)
}

/** Returns the resources of this process; descriptors, threads and watched directories if the system reports them. */
function resources() {
  const listed = (/** @type {string} */ directory) =>
    fs.existsSync(directory) ? fs.readdirSync(directory) : []
  // An entry may be removed between listing and reading.
  const read = (/** @type {string} */ file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '')
  global.gc?.()
  const details = listed('/proc/self/fdinfo').map((fd) => read(`/proc/self/fdinfo/${fd}`))
  return {
    rssMiB: process.memoryUsage.rss() / 2 ** 20,
    descriptors: listed('/proc/self/fd').length,
    threads: listed('/proc/self/task').length,
    directories: details.join('\n').match(/^inotify wd:/gm)?.length ?? 0,
  }
}

/** Opens two watchers for the whole run, one without and one with verify. @param {string} baseDir */
function watchAll(baseDir) {
  const watchers = [false, true].map((verify) =>
    discovery.watchInstances({ baseDir, verify, probeTimeoutMs: 10_000 }),
  )
  /** @type {Error[]} */
  const warnings = []
  for (const watcher of watchers) {
    watcher.on('change', () => count('changes reported to the watchers that stay'))
    watcher.on('warning', (warning) => warnings.push(warning))
  }
  return {
    /** Waits until the watcher with verify has exactly these ids. @param {string} what @param {string[]} ids */
    async answering(what, ids) {
      const until = Date.now() + 60_000
      const seen = () => watchers[1].instances.map(({ instanceId }) => instanceId)
      while (seen().join() !== ids.join()) {
        check(Date.now() < until, `after ${what} the watcher has ${seen()} instead of ${ids}`)
        await delay(2)
      }
      check(warnings.length === 0, String(warnings[0]))
    },
    /** Waits until the watcher without verify equals a scan. */
    async settled() {
      const until = Date.now() + 60_000
      const state = (/** @type {unknown} */ value) => JSON.stringify(value)
      while (state(watchers[0].instances) !== state(discovery.listInstancesSync({ baseDir }))) {
        check(Date.now() < until, 'the watcher differs from a scan')
        await delay(2)
      }
    },
    close() {
      for (const watcher of watchers) watcher.close()
    },
  }
}

/** @typedef {Awaited<ReturnType<typeof startFakeOsaurus>>} Fake */

/** @type {Record<string, (fake: Fake, watched: ReturnType<typeof watchAll>) => Promise<void>>} */
const ROUNDS = {
  async 'scans in flight'({ baseDir }) {
    const found = await Promise.all(Array.from({ length: 500 }, () => discovery.listInstances({ baseDir })))
    for (const each of found) check(each.length === 51, `a scan found ${each.length} of 51`)
    count('asynchronous scans', found.length)
  },

  async 'scans at once'({ baseDir, instance }) {
    for (let i = 0; i < 100; i++) {
      const newest = discovery.discoverLatestRunningInstanceSync({ baseDir })
      check(newest.port === instance.port, `the newest has port ${newest.port}`)
    }
    count('synchronous scans', 100)
  },

  async 'verified calls'({ baseDir, instance }) {
    const options = { baseDir, verify: true, probeTimeoutMs: 10_000 }
    const found = await Promise.all(Array.from({ length: 10 }, () => discovery.listInstances(options)))
    for (const each of found) {
      check(
        each.length === 1 && each[0].instanceId === instance.instanceId,
        `verified: ${JSON.stringify(each)}`,
      )
    }
    count('verified calls', found.length)
  },

  async 'aborted calls'({ baseDir }) {
    const abort = new AbortController()
    setMaxListeners(0, abort.signal)
    const calls = [false, true].flatMap((verify) =>
      Array.from({ length: 20 }, () => discovery.listInstances({ baseDir, verify, signal: abort.signal })),
    )
    setImmediate(() => abort.abort())
    for (const settled of await Promise.allSettled(calls)) {
      const fine = settled.status === 'fulfilled' || settled.reason.code === 'ABORT_ERR'
      check(fine, `aborted: ${settled.status === 'rejected' && settled.reason}`)
    }
    count('aborted calls', calls.length)
  },

  async 'a server that hangs'(fake) {
    fake.suspend()
    const found = await discovery.listInstances({ baseDir: fake.baseDir, verify: true, probeTimeoutMs: 50 })
    fake.resume()
    check(found.length === 0, 'a server that hangs counts as running')
    count('hung servers')
  },

  async 'a crash'(fake, watched) {
    await watched.answering('a server that hangs', [fake.instance.instanceId])
    await fake.crash()
    const failure = await discovery
      .discoverLatestRunningInstance({ baseDir: fake.baseDir, verify: true })
      .then(
        () => 'a crashed server counts as running',
        ({ code }) => code,
      )
    check(failure === 'OSAURUS_NOT_RESPONDING', failure)
    await watched.answering('a crash', [])
    await fake.relaunch()
    await watched.answering('a launch', [fake.instance.instanceId])
    count('crashes')
  },

  async 'watchers that come and go'({ baseDir }) {
    const abort = new AbortController()
    setMaxListeners(0, abort.signal)
    const watchers = Array.from({ length: 20 }, (_, index) =>
      discovery.watchInstances({
        baseDir: index % 5 === 0 ? path.join(baseDir, 'none') : baseDir,
        verify: index % 2 === 0,
        signal: abort.signal,
      }),
    )
    // Half of them end before the first event.
    for (const watcher of watchers.slice(10)) watcher.close()
    await Promise.all(watchers.slice(0, 10).map((watcher) => once(watcher, 'change')))
    abort.abort()
    count('watchers opened and closed', watchers.length)
  },

  async 'a worker'({ baseDir }) {
    const source = `
      const { parentPort, workerData } = require('worker_threads')
      const { listInstances, listInstancesSync, watchInstances } = require(workerData.project)
      const { baseDir } = workerData
      for (const verify of [false, true]) watchInstances({ baseDir, verify })
      for (let i = 0; i < 5; i++) listInstances({ baseDir, verify: i % 2 === 0 })
      parentPort.postMessage(listInstancesSync({ baseDir }).length)`
    const workerData = { project: path.join(__dirname, '..'), baseDir }
    await new Promise((resolve, reject) => {
      const worker = new Worker(source, { eval: true, workerData })
      worker.once('message', () => worker.terminate())
      worker.once('error', reject)
      worker.once('exit', resolve)
    })
    count('workers ended in mid-call, with watchers open')
  },
}

/** Creates fifty stale entries, older than the running one. @param {string} baseDir */
function leaveBehind(baseDir) {
  for (let index = 0; index < 50; index++) {
    const directory = path.join(baseDir, `LEFTOVER-${index}`)
    fs.mkdirSync(directory)
    const left = {
      health: 'running',
      address: '127.0.0.1',
      port: 1 + index,
      updatedAt: '2025-01-01T00:00:00Z',
    }
    fs.writeFileSync(path.join(directory, 'configuration.json'), JSON.stringify(left))
  }
}

async function main() {
  const until = Date.now() + minutes * 60_000
  let stopped = false
  process.once('SIGINT', () => (stopped = true))
  const baseDir = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-soak-'))
  const fake = await startFakeOsaurus({ baseDir })
  leaveBehind(baseDir)
  const before = resources()
  const watched = watchAll(baseDir)
  try {
    await watched.answering('the start', [fake.instance.instanceId])
    /** @type {ReturnType<typeof resources> | undefined} */
    let warm
    let next = 0
    for (let round = 0; (Date.now() < until || round < LEAST_ROUNDS) && !stopped; round++) {
      for (const play of Object.values(ROUNDS)) await play(fake, watched)
      // Crashes leave directories behind, which would become thousands here.
      for (const name of fs.readdirSync(baseDir)) {
        if (!name.startsWith('LEFTOVER') && name !== fake.instance.instanceId)
          fs.rmSync(path.join(baseDir, name), { recursive: true })
      }
      await watched.settled()
      if (round === WARM_ROUND) warm = resources()
      if (Date.now() >= next) {
        const { rssMiB, descriptors, threads, directories } = resources()
        console.log(
          `round ${round}: ${rssMiB.toFixed(1)} MiB, ${descriptors} descriptors, ${threads} threads, ${directories} directories watched`,
        )
        next = Date.now() + 60_000
      }
    }
    // Threads and descriptors of ended calls may take a moment to disappear.
    await delay(1000)
    const end = resources()
    watched.close()
    await delay(1000)
    const closed = resources()
    console.log(JSON.stringify({ minutes, done, before, warm, end, closed }, null, 2))
    if (warm === undefined) throw new Error(`too short: ended before round ${WARM_ROUND}`)
    check(end.rssMiB < warm.rssMiB * 1.5 + 32, 'memory grew')
    check(end.descriptors <= warm.descriptors + 8, 'descriptors are left open')
    check(end.threads <= warm.threads + 2, 'threads are left running')
    check(end.directories <= warm.directories + 2, 'directories are watched without a watcher')
    check(closed.directories === before.directories, 'directories are watched after all watchers were closed')
  } finally {
    watched.close()
    await fake.stop()
    fs.rmSync(baseDir, { recursive: true, force: true })
  }
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
