// Runs all benchmarks and prints one page with their targets. Writes bench/results/latest.json and the picture in docs/images.
//
//   npm run bench                 about six minutes; on Linux everything but watching and pages is pinned to one processor, where
//                                 thread switches take constant time
//   npm run bench -- --quick      a quick look, too imprecise to compare
//   npm run bench -- --strict     fails if a target is missed
//   npm run bench -- --ratchet    fails if a figure is worse by more than a tenth than in the run that was kept on this machine;
//                                 otherwise keeps this one, in bench/results/kept
'use strict'

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { drawSpeed } = require('./picture.js')
const { TOLERANCE, fallen, fileOf, keep, readKept } = require('./ratchet.js')
const { page } = require('./report.js')
const { figuresOf, meets } = require('./targets.js')

const PINNED = 'OSAURUS_BENCH_PINNED'
const RESULTS = path.join(__dirname, 'results')
const LATEST = path.join(RESULTS, 'latest.json')
const PAGE = path.join(RESULTS, 'page.json')

const has = (/** @type {string} */ flag) => process.argv.includes(flag)
const unknown = process.argv.slice(2).find((flag) => !['--quick', '--strict', '--ratchet'].includes(flag))
const quick = has('--quick')

/** The load of other programs, since it is read before the benchmarks start. */
const load = () =>
  process.platform === 'linux'
    ? fs.readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3)
    : os.loadavg().map(String)

/** Measures everything but watching and pages, and writes the result. */
async function measure() {
  const { loadFloor } = require('./floor.js')
  const { measureFootprint } = require('./footprint.js')
  const { measureFetch } = require('./fetch.js')
  const { measureProbes } = require('./probes.js')
  const { measureScan } = require('./scan.js')

  const options = { quick, log: (/** @type {string} */ line) => console.error(line) }
  const before = load()
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
    scan: await measureScan(floor, options),
    probes: await measureProbes(floor, options),
    fetch: await measureFetch(options),
    footprint: measureFootprint(options),
    load: { before, after: load() },
  }
  fs.mkdirSync(RESULTS, { recursive: true })
  fs.writeFileSync(LATEST, JSON.stringify(result, null, 2) + '\n')
}

/** Runs a benchmark in a process of its own, and returns its exit code. @param {string[]} command */
function run(...command) {
  const [program, ...args] = [...command, ...(quick ? ['--quick'] : [])]
  const { status } = spawnSync(program, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, [PINNED]: canPin ? '1' : '0' },
  })
  return status ?? 1
}

/** Runs a benchmark that must succeed. @param {string[]} command */
function part(...command) {
  const status = run(...command)
  if (status !== 0) process.exit(status)
}

/** Measures pages in a real Electron, which not every machine has. */
function measurePages() {
  fs.rmSync(PAGE, { force: true })
  const status = run(process.execPath, path.join(__dirname, 'page.js'))
  if (status !== 0) console.error('page: left out, because Electron does not run here')
}

/** Prints the page, and fails where a flag asks for it. */
function report() {
  const { ratios } = JSON.parse(fs.readFileSync(path.join(RESULTS, 'watch.json'), 'utf8'))
  const result = {
    ...JSON.parse(fs.readFileSync(LATEST, 'utf8')),
    watch: { watchMedian: ratios.median, watchP99: ratios.p99 },
    page: fs.existsSync(PAGE) ? JSON.parse(fs.readFileSync(PAGE, 'utf8')).ratios : {},
  }
  fs.writeFileSync(LATEST, JSON.stringify(result, null, 2) + '\n')
  if (!quick) fs.writeFileSync(path.join(__dirname, '..', 'docs', 'images', 'speed.svg'), drawSpeed(result))
  const figures = figuresOf(result)
  for (const line of page(result, figures)) console.log(line)
  if (has('--strict') && figures.some((figure) => meets(figure) === false)) process.exitCode = 1
  if (has('--ratchet')) ratchet(result, figures)
}

/** @param {any} result @param {import('./targets.js').Figure[]} figures */
function ratchet(result, figures) {
  const file = fileOf(result)
  const kept = readKept(file)
  const worse = kept ? fallen(figures, kept.values) : []
  for (const { figure, before } of worse)
    console.log(
      `${figure.id}: ${figure.value.toPrecision(3)}, kept ${before.toPrecision(3)} (${figure.words})`,
    )
  if (kept && worse.length > 0) {
    console.log(`${worse.length} figures are worse than on ${kept.date} by more than ${TOLERANCE * 100} %`)
    process.exitCode = 1
  } else {
    keep(file, result, figures)
    console.log(`Kept in ${path.relative(process.cwd(), file)}`)
  }
}

const canPin = process.platform === 'linux' && spawnSync('taskset', ['-c', '0', 'true']).status === 0
if (unknown !== undefined || (quick && has('--ratchet'))) {
  console.error('Usage: npm run bench [-- [--quick | --ratchet] [--strict]]')
  process.exitCode = 2
} else if (process.env[PINNED] === undefined) {
  part(...(canPin ? ['taskset', '-c', '0'] : []), process.execPath, __filename)
  // Watchers need more than one processor, because the publisher works at the same time.
  console.error('watch')
  part(process.execPath, path.join(__dirname, 'watch.js'))
  measurePages()
  report()
} else {
  measure().catch((error) => {
    console.error(error)
    process.exitCode = 1
  })
}
