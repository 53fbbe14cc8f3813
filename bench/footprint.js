// Measures the time of require(), the size on disk, and the memory.
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { makeRuntime } = require('./runtime.js')
const { spread } = require('./measure.js')

const root = path.join(__dirname, '..')

/**
 * Measures a new process: the milliseconds of require(), and the memory in bytes after it and a call.
 * @param {string} file
 * @param {string} baseDir
 */
function once(file, baseDir) {
  const script = `
    const began = process.hrtime.bigint()
    const loaded = require(process.argv[1])
    const took = Number(process.hrtime.bigint() - began) / 1e6
    if (loaded.listInstancesSync) loaded.listInstancesSync({ baseDir: process.argv[2] })
    global.gc()
    console.log(JSON.stringify({ took, rss: process.memoryUsage.rss() }))`
  return JSON.parse(
    execFileSync(process.execPath, ['--expose-gc', '-e', script, file, baseDir], { encoding: 'utf8' }),
  )
}

/** @param {{ quick: boolean, log: (line: string) => void }} options */
function measureFootprint({ quick, log }) {
  log('require and memory')
  const empty = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-bench-')), 'empty.js')
  fs.writeFileSync(empty, '')
  const baseDir = makeRuntime([1337, 1338, 1339])
  const samples = { ours: [], empty: [] }
  try {
    for (let round = 0; round < (quick ? 5 : 31); round++) {
      for (const [name, file] of Object.entries({ ours: root, empty })) {
        ;/** @type {any} */ (samples)[name].push(once(file, baseDir))
      }
    }
  } finally {
    fs.rmSync(baseDir, { recursive: true })
    fs.rmSync(path.dirname(empty), { recursive: true })
  }
  const of = (/** @type {any[]} */ all, /** @type {string} */ key) =>
    spread(all.map((each) => each[key])).median
  const addon = /** @type {string} */ (fs.readdirSync(root).find((name) => name.endsWith('.node')))
  return {
    requireMs: of(samples.ours, 'took') - of(samples.empty, 'took'),
    addonKB: fs.statSync(path.join(root, addon)).size / 1000,
    rssMiB: (of(samples.ours, 'rss') - of(samples.empty, 'rss')) / 2 ** 20,
  }
}

module.exports = { measureFootprint }
