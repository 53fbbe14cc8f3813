// Measures probes of closed ports, unresponsive servers and a live one, and their effect on the app's own file access.
'use strict'

const { fork } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')

const discovery = require('..')
const { makeRuntime } = require('./runtime.js')
const { inTurns, spread } = require('./measure.js')

const DEAD = 50
const HUNG = 100
const PROBE_TIMEOUT_MS = 500

/**
 * Opens ports in another process, so that its work is not measured.
 * @param {'dead' | 'hung' | 'osaurus'} kind
 * @param {number} count
 */
async function ports(kind, count) {
  const child = fork(path.join(__dirname, 'servers.js'), [kind, String(count)])
  const [numbers] = await once(child, 'message')
  const stop = async () => {
    child.kill()
    await once(child, 'exit')
  }
  return { numbers: /** @type {number[]} */ (numbers), stop }
}

/**
 * @template T
 * @param {'dead' | 'hung' | 'osaurus'} kind
 * @param {number} count
 * @param {(numbers: number[], options: import('osaurus-discovery').DiscoverOptions) => Promise<T>} use
 */
async function against(kind, count, use) {
  const { numbers, stop } = await ports(kind, count)
  const baseDir = makeRuntime(numbers)
  try {
    return await use(numbers, { baseDir, verify: true, probeTimeoutMs: PROBE_TIMEOUT_MS })
  } finally {
    fs.rmSync(baseDir, { recursive: true })
    await stop()
  }
}

/**
 * @param {import('./floor.js').Floor} floor
 * @param {{ quick: boolean, log: (line: string) => void }} options
 */
async function measureProbes(floor, { quick, log }) {
  const effort = { seconds: quick ? 0.5 : 4 }
  log(`probes: ${DEAD} closed ports`)
  const dead = await against('dead', DEAD, async (numbers, options) => ({
    ...(await inTurns(
      { list: () => discovery.listInstances(options), pollLoop: () => floor.knock(numbers) },
      effort,
    )),
    // Measured separately, since it leaves work behind that would slow down the others.
    ...(await inTurns(
      { parallelFetch: () => Promise.allSettled(numbers.map((port) => fetch(`http://127.0.0.1:${port}`))) },
      effort,
    )),
  }))
  log('probes: a live server')
  const live = await against('osaurus', 1, async (numbers, options) => ({
    ...(await inTurns(
      {
        latest: () => discovery.discoverLatestRunningInstance(options),
        bare: () => floor.converse(numbers[0]),
        emptyTask: () => floor.emptyTask(),
      },
      effort,
    )),
    ...(await inTurns(
      { fetch: () => fetch(`http://127.0.0.1:${numbers[0]}`).then((answer) => answer.text()) },
      effort,
    )),
  }))
  log(`probes: ${HUNG} unresponsive servers`)
  const hung = await against('hung', HUNG, (_numbers, options) => hungServers(options, quick ? 3 : 7))
  return {
    dead,
    live,
    hung,
    ratios: {
      deadOverPollLoop: dead.list.median / dead.pollLoop.median,
      // A call that does not block JavaScript needs one hop to another thread and back.
      liveOverBare: (live.latest.median - live.emptyTask.median) / live.bare.median,
      hungBeyondTimeoutMs: hung.wholeMs.median - PROBE_TIMEOUT_MS,
      statOverAlone: hung.statDuring.median / hung.statAlone.median,
    },
  }
}

/**
 * @param {import('osaurus-discovery').DiscoverOptions} options
 * @param {number} rounds
 */
async function hungServers(options, rounds) {
  /** @type {{ wholeMs: number[], statDuring: number[], statAlone: number[] }} */
  const times = { wholeMs: [], statDuring: [], statAlone: [] }
  for (let round = 0; round < rounds; round++) {
    const began = performance.now()
    let open = true
    const listed = discovery.listInstances(options).then((found) => {
      if (found.length > 0) throw new Error('an unresponsive server counts as running')
      times.wholeMs.push(performance.now() - began)
      open = false
    })
    await stats(times.statDuring, () => open)
    await listed
    const until = performance.now() + PROBE_TIMEOUT_MS
    await stats(times.statAlone, () => performance.now() < until)
  }
  return {
    wholeMs: spread(times.wholeMs),
    statDuring: spread(times.statDuring),
    statAlone: spread(times.statAlone),
  }
}

/**
 * Measures the app's own file access in microseconds.
 * @param {number[]} times
 * @param {() => boolean} goOn
 */
async function stats(times, goOn) {
  while (goOn()) {
    const began = process.hrtime.bigint()
    await fs.promises.stat(__dirname)
    times.push(Number(process.hrtime.bigint() - began) / 1e3)
  }
}

module.exports = { DEAD, HUNG, measureProbes }
