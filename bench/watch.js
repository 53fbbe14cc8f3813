// Measures how soon after a publisher's rename a watcher reports the change, against chokidar and @parcel/watcher.
//
// The other libraries have to read the reported file as well. Each watcher and the publisher have a process of their own.
//
//   npm run bench:watch               about a minute and a half; writes bench/results/watch.json
//   npm run bench:watch -- --quick    a quick look, too imprecise to compare
'use strict'

const { fork } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { setTimeout: delay } = require('node:timers/promises')

const { makeRuntime } = require('./runtime.js')
const { spread } = require('./measure.js')
const { WATCHERS } = require('./watchers.js')

const FILE = 'configuration.json'

/** Longer than the debounce interval of any watcher, so that every publish is reported separately. */
const PAUSE_MS = { least: 60, most: 100 }

/** The port in the file numbers the publishes. @typedef {Record<string, string>} Times hrtime by port */

/**
 * Publishes as Osaurus does and notes when each rename began.
 * @param {string} baseDir
 * @param {number} count
 */
async function publish(baseDir, count) {
  const directories = fs.readdirSync(baseDir)
  /** @type {Times} */
  const times = {}
  for (let port = 1; port <= count; port++) {
    const directory = path.join(baseDir, directories[port % directories.length])
    const file = path.join(directory, FILE)
    const text = fs.readFileSync(file, 'utf8').replace(/"port" : \d+/, `"port" : ${port}`)
    const temporary = path.join(directory, '.dat.nosync1f2e3d')
    fs.writeFileSync(temporary, text)
    times[port] = String(process.hrtime.bigint())
    fs.renameSync(temporary, file)
    const now = new Date()
    fs.utimesSync(directory, now, now)
    await delay(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least))
  }
  return times
}

/** @param {string} name @param {string} baseDir */
async function watch(name, baseDir) {
  /** @type {Times} */
  const times = {}
  const close = await WATCHERS[name](baseDir, (port) => (times[port] ??= String(process.hrtime.bigint())))
  process.send?.('ready')
  await once(process, 'message')
  await close()
  return times
}

/** Runs a part of this in a process of its own. @param {string[]} args */
function part(...args) {
  const child = fork(__filename, args)
  return { child, times: () => once(child, 'message').then(([times]) => /** @type {Times} */ (times)) }
}

async function main() {
  const quick = process.argv.includes('--quick')
  const count = quick ? 100 : 1000
  const baseDir = makeRuntime([40001, 40002, 40003, 40004, 40005])
  try {
    const names = Object.keys(WATCHERS)
    const watchers = names.map((name) => part('watch', name, baseDir))
    for (const { child } of watchers) await once(child, 'message')
    await delay(1000)
    const published = await part('publish', baseDir, String(count)).times()
    await delay(1000)
    const reported = watchers.map(({ child, times }) => {
      const all = times()
      child.send('enough')
      return all
    })
    const result = Object.fromEntries(
      await Promise.all(
        names.map(async (name, index) => [name, latencies(published, await reported[index])]),
      ),
    )
    report(result, quick)
  } finally {
    fs.rmSync(baseDir, { recursive: true })
  }
}

/** @param {Times} published @param {Times} reported */
function latencies(published, reported) {
  const ports = Object.keys(published)
  const ms = ports
    .filter((port) => port in reported)
    .map((port) => Number(BigInt(reported[port]) - BigInt(published[port])) / 1e6)
  const sorted = [...ms].sort((a, b) => a - b)
  return { ...spread(ms), p99: sorted[Math.floor(sorted.length * 0.99)], missed: ports.length - ms.length }
}

/** @param {Record<string, ReturnType<typeof latencies>>} result @param {boolean} quick */
function report(result, quick) {
  const others = Object.entries(result).filter(([name]) => name !== 'osaurus-discovery')
  const ours = result['osaurus-discovery']
  const fastest = (/** @type {'median' | 'p99'} */ key) => Math.min(...others.map(([, each]) => each[key]))
  const ratios = { median: ours.median / fastest('median'), p99: ours.p99 / fastest('p99') }
  console.log(`${os.cpus()[0].model.trim()}, ${os.type()} ${os.release()}, Node ${process.version}`)
  console.log(
    `load ${os.loadavg().map((load) => load.toFixed(2))}${quick ? '; quick, too rough to judge by' : ''}\n`,
  )
  console.log(
    ['', 'median', 'p99', 'worst', 'missed']
      .map((cell, i) => (i ? cell.padStart(10) : cell.padEnd(20)))
      .join(''),
  )
  for (const [name, { median, p99, worst, missed }] of Object.entries(result)) {
    const times = [median, p99, worst].map((ms) => `${ms.toFixed(2)} ms`.padStart(10))
    console.log(`${name.padEnd(20)}${times.join('')}${String(missed).padStart(10)}`)
  }
  console.log('\nOver the faster of the others (at most 1)')
  for (const [key, ratio] of Object.entries(ratios)) {
    console.log(`  ${key.padEnd(18)}${ratio.toFixed(2).padStart(10)}${ratio <= 1 ? '' : ' !'}`)
  }
  const results = path.join(__dirname, 'results')
  fs.mkdirSync(results, { recursive: true })
  const all = { date: new Date().toISOString(), quick, load: os.loadavg(), milliseconds: result, ratios }
  fs.writeFileSync(path.join(results, 'watch.json'), JSON.stringify(all, null, 2) + '\n')
}

const [what, ...args] = process.argv.slice(2)
const done = (/** @type {unknown} */ times) => process.send?.(times, () => process.exit())
if (what === 'watch') watch(args[0], args[1]).then(done)
else if (what === 'publish') publish(args[0], Number(args[1])).then(done)
else main()
