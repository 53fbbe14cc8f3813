// Measures the start of the published files, their size, and the memory.
'use strict'

const { execFileSync, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { stageInstalled } = require('../scripts/pack-stage.js')
const { makeRuntime } = require('./runtime.js')
const { spread } = require('./measure.js')

/** The entry points, by the key of their figure. */
const ENTRIES = {
  indexMs: 'index.js',
  fetchMs: 'fetch.js',
  electronMs: 'electron.js',
  networkMs: 'network.js',
}

/** Prints the processor time of require() in milliseconds, which other programs disturb less than the elapsed time. */
const REQUIRE = `
  const began = process.cpuUsage()
  require(process.argv[1])
  const { user, system } = process.cpuUsage(began)
  console.log((user + system) / 1e3)`

/** Prints the resident memory after a call. */
const MEMORY = `
  const loaded = require(process.argv[1])
  if (loaded.listInstancesSync) loaded.listInstancesSync({ baseDir: process.argv[2] })
  global.gc()
  console.log(process.memoryUsage.rss())`

/** What the command `url` does, and nothing else. */
const DISCOVER = `
  require(process.argv[1]).discoverLatestRunningInstance({ baseDir: process.argv[2] })
    .then(({ url }) => console.log(url))`

/** @param {string[]} args @returns {number} what a new process prints */
const ask = (...args) => Number(execFileSync(process.execPath, args, { encoding: 'utf8' }))

/** Adds the processor time of this process, in milliseconds, to what it runs. @param {string[]} args */
function processorTime(...args) {
  const meter = path.join(__dirname, 'meter.js')
  const { status, output } = spawnSync(process.execPath, ['--require', meter, ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  })
  if (status !== 0) throw new Error(`${args[0]} ended with ${status}`)
  return Number(String(output[3]))
}

/** @param {string} directory @returns {number} */
const sizeOf = (directory) =>
  fs
    .readdirSync(directory, { withFileTypes: true })
    .map((entry) => path.join(directory, entry.name))
    .reduce((sum, file) => sum + (fs.statSync(file).isDirectory() ? sizeOf(file) : fs.statSync(file).size), 0)

/**
 * Runs each measurement in alternation, and returns the medians.
 * @template {string} Name
 * @param {Record<Name, () => number>} measurements
 * @param {number} rounds
 * @returns {Record<Name, number>}
 */
function medians(measurements, rounds) {
  const names = /** @type {Name[]} */ (Object.keys(measurements))
  const samples = new Map(names.map((name) => [name, /** @type {number[]} */ ([])]))
  for (let round = 0; round < rounds; round++)
    for (const [name, values] of samples) values.push(measurements[name]())
  return /** @type {any} */ (
    Object.fromEntries([...samples].map(([name, values]) => [name, spread(values).median]))
  )
}

/** @param {{ quick: boolean, log: (line: string) => void }} options */
function measureFootprint({ quick, log }) {
  log('start, size and memory')
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-bench-'))
  const baseDir = makeRuntime([1337, 1338, 1339])
  try {
    const installed = stageInstalled(path.join(directory, 'node_modules'))
    // Beside the others, so that Node.js reads the same package.json for it.
    const empty = path.join(installed, 'empty.js')
    const packageKB = sizeOf(installed) / 1000
    fs.writeFileSync(empty, '')
    const addon = fs.readdirSync(path.join(__dirname, '..')).find((name) => name.endsWith('.node')) ?? ''
    const rounds = quick ? 5 : 31
    const start = medians(
      {
        emptyMs: () => ask('-e', REQUIRE, empty),
        ...Object.fromEntries(
          Object.entries(ENTRIES).map(([key, name]) => [
            key,
            () => ask('-e', REQUIRE, path.join(installed, name)),
          ]),
        ),
      },
      rounds,
    )
    const command = path.join(installed, 'lib', 'cli', 'main.js')
    const { url, script } = medians(
      {
        url: () => processorTime(command, 'url', '--no-verify', '--base-dir', baseDir),
        script: () => processorTime('-e', DISCOVER, installed, baseDir),
      },
      rounds,
    )
    const memory = medians(
      {
        ours: () => ask('--expose-gc', '-e', MEMORY, installed, baseDir),
        none: () => ask('--expose-gc', '-e', MEMORY, empty, baseDir),
      },
      rounds,
    )
    const over = Object.keys(ENTRIES).map((key) => [key, /** @type {any} */ (start)[key] - start.emptyMs])
    return {
      ...Object.fromEntries(over),
      urlOverScript: url / script,
      addonKB: fs.statSync(path.join(__dirname, '..', addon)).size / 1000,
      packageKB,
      rssMiB: (memory.ours - memory.none) / 2 ** 20,
    }
  } finally {
    fs.rmSync(baseDir, { recursive: true })
    fs.rmSync(directory, { recursive: true })
  }
}

module.exports = { measureFootprint }

if (require.main === module)
  console.log(measureFootprint({ quick: process.argv.includes('--quick'), log: () => {} }))
