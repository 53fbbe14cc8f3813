// Runs all benchmarks, compares them with the targets, and writes bench/results/*.json and the picture in docs/images.
//
//   npm run bench              about four minutes; on Linux everything except watching is pinned to one processor, where thread
//                              switches take constant time
//   npm run bench -- --quick   a quick look, too imprecise to compare
'use strict'

const { spawnSync } = require('node:child_process')
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { drawSpeed } = require('./picture.js')
const { printReport } = require('./report.js')

const PINNED = 'OSAURUS_BENCH_PINNED'
const quick = process.argv.includes('--quick')

/** The load of other programs, since it is read before the benchmarks start. Linux only. */
const load = () =>
  process.platform === 'linux'
    ? readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3)
    : os.loadavg().map(String)

async function main() {
  const { loadFloor } = require('./floor.js')
  const { measureFootprint } = require('./footprint.js')
  const { measureFetch } = require('./fetch.js')
  const { measureProbes } = require('./probes.js')
  const { measureScan } = require('./scan.js')

  const options = { quick, log: (/** @type {string} */ line) => console.error(line) }
  const loadBefore = load()
  const floor = loadFloor()
  const result = {
    date: new Date().toISOString(),
    machine: {
      cpu: os.cpus()[0].model.trim(),
      processors: os.cpus().length,
      system: `${os.type()} ${os.release()}`,
      node: process.version,
    },
    pinned: process.env[PINNED] === '1',
    quick,
    load: { before: loadBefore, after: loadBefore },
    scan: await measureScan(floor, options),
    probes: await measureProbes(floor, options),
    fetch: await measureFetch(options),
    footprint: measureFootprint(options),
  }
  result.load.after = load()

  const results = path.join(__dirname, 'results')
  mkdirSync(results, { recursive: true })
  writeFileSync(path.join(results, 'latest.json'), JSON.stringify(result, null, 2) + '\n')
  if (!quick) writeFileSync(path.join(__dirname, '..', 'docs', 'images', 'speed.svg'), drawSpeed(result))
  printReport(result)
}

/** Runs a benchmark in a process of its own. @param {string[]} command */
function part(...command) {
  const [program, ...args] = [...command, ...process.argv.slice(2)]
  const { status } = spawnSync(program, args, { stdio: 'inherit', env: { ...process.env, [PINNED]: pinned } })
  if (status !== 0) process.exit(status ?? 1)
}

const canPin = process.platform === 'linux' && spawnSync('taskset', ['-c', '0', 'true']).status === 0
const pinned = canPin ? '1' : '0'
if (process.env[PINNED] === undefined) {
  part(...(canPin ? ['taskset', '-c', '0'] : []), process.execPath, __filename)
  // Watchers need more than one processor, because the publisher works at the same time.
  console.log('')
  part(process.execPath, path.join(__dirname, 'watch.js'))
} else {
  main().catch((error) => {
    console.error(error)
    process.exitCode = 1
  })
}
