// How much does the command add to the start of Node?
'use strict'

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { MAIN, environment } = require('../support/cli/command.js')
const { fakeFor } = require('../support/cli/fake.js')

const MOST = 1.3
const ROUNDS = 25

/** Loaded before each script: tells at its end how long it has run, and how much processor time it took. */
const METER = `process.on('exit', () => {
  const { user, system } = process.cpuUsage()
  require('fs').writeSync(3, JSON.stringify({ processor: user + system, clock: performance.now() * 1000 }))
})`

test(`the command takes at most ${MOST} times the processor time of an empty script`, async (t) => {
  const folder = temporaryDirectory(t)
  const meter = path.join(folder, 'meter.js')
  fs.writeFileSync(meter, METER)
  const empty = path.join(folder, 'empty.js')
  fs.writeFileSync(empty, '')
  const { baseDir } = await fakeFor(t)
  // Not verified: what a server takes to answer is not the start.
  const candidates = {
    empty: [empty],
    version: [MAIN, '--version'],
    url: [MAIN, 'url', '--no-verify', '--base-dir', baseDir],
    list: [MAIN, 'list', '--no-verify', '--base-dir', baseDir],
  }
  /** @type {Record<string, { processor: number, clock: number }[]>} */
  const runs = {}
  // In turns, so that what else the machine does slows all of them alike.
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, args] of Object.entries(candidates)) {
      const { status, output } = spawnSync(process.execPath, ['--require', meter, ...args], {
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
        env: environment(),
      })
      assert.equal(status, 0)
      ;(runs[name] ??= []).push(JSON.parse(String(output[3])))
    }
  }
  /** @param {string} name @param {'processor' | 'clock'} what */
  const ratio = (name, what) => median(runs[name], what) / median(runs.empty, what)
  for (const name of Object.keys(candidates)) {
    const [processor, clock] = [ratio(name, 'processor'), ratio(name, 'clock')]
    t.diagnostic(`${name}: ${processor.toFixed(2)} of the processor, ${clock.toFixed(2)} by the clock`)
    // By the clock it is the same on a machine at rest; on a busy one chance decides.
    assert.ok(processor <= MOST, `${name}: ${processor.toFixed(2)} times`)
  }
})

/** @param {{ processor: number, clock: number }[]} all @param {'processor' | 'clock'} what */
function median(all, what) {
  return all.map((each) => each[what]).sort((a, b) => a - b)[Math.floor(all.length / 2)]
}
