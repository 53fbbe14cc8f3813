// Measures how much time the command, as it is published, adds to the start of Node.
'use strict'

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')

const { stageInstalled } = require('../../scripts/pack-stage.js')
const { environment } = require('../support/cli/command.js')
const { fakeFor } = require('../support/cli/fake.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')

const MAX_RATIO = 1.28
const ROUNDS = 25

/** Loaded before each script. Writes its durations to descriptor 3. */
const METER = path.join(__dirname, '..', 'fixtures', 'cli', 'meter.js')

test(`the command takes at most ${MAX_RATIO} times the processor time of an empty script`, async (t) => {
  const directory = temporaryDirectory(t)
  const empty = path.join(directory, 'empty.js')
  fs.writeFileSync(empty, '')
  const main = path.join(stageInstalled(path.join(directory, 'node_modules')), 'lib', 'cli', 'main.js')
  const { baseDir } = await fakeFor(t)
  // Without verification, because the answer of a server is not part of the start.
  const candidates = {
    empty: [empty],
    version: [main, '--version'],
    url: [main, 'url', '--no-verify', '--base-dir', baseDir],
    list: [main, 'list', '--no-verify', '--base-dir', baseDir],
  }
  /** @type {Record<string, { processor: number, clock: number }[]>} */
  const runs = {}
  // Interleaved, so that other load on the machine slows all candidates equally.
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, args] of Object.entries(candidates)) {
      const { status, output } = spawnSync(process.execPath, ['--require', METER, ...args], {
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
    t.diagnostic(
      `${name}: ${processor.toFixed(2)} of the processor time, ${clock.toFixed(2)} of the elapsed time`,
    )
    // On an idle machine, the elapsed time has the same ratio; on a busy one it is noise.
    assert.ok(processor <= MAX_RATIO, `${name}: ${processor.toFixed(2)} times`)
  }
})

/** @param {{ processor: number, clock: number }[]} all @param {'processor' | 'clock'} what */
function median(all, what) {
  return all.map((each) => each[what]).sort((a, b) => a - b)[Math.floor(all.length / 2)]
}
