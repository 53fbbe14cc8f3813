'use strict'
// How long does the command take to start, compared with a Node script that does nothing?

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { temporaryFolder } = require('../helpers/runtime-folder.js')
const { MAIN, environment } = require('./helpers/command.js')
const { fakeFor } = require('./helpers/fake.js')

const MOST = 1.3
const ROUNDS = 25

test(`the start takes at most ${MOST} times that of an empty script`, async (t) => {
  const empty = path.join(temporaryFolder(t), 'empty.js')
  fs.writeFileSync(empty, '')
  const { baseDir } = await fakeFor(t)
  // Not verified: what a server takes to answer is not the start.
  const candidates = {
    empty: [empty],
    version: [MAIN, '--version'],
    url: [MAIN, 'url', '--no-verify', '--base-dir', baseDir],
    list: [MAIN, 'list', '--no-verify', '--base-dir', baseDir],
  }
  /** @type {Record<string, number[]>} */
  const times = {}
  // In turns, so that what else the machine does slows all of them alike.
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, args] of Object.entries(candidates)) {
      const begin = process.hrtime.bigint()
      const { status } = spawnSync(process.execPath, args, { env: environment() })
      const took = Number(process.hrtime.bigint() - begin)
      assert.equal(status, 0)
      ;(times[name] ??= []).push(took)
    }
  }
  const medians = Object.entries(times).map(([name, all]) => /** @type {const} */ ([name, median(all)]))
  const ratios = medians.map(([name, time]) => /** @type {const} */ ([name, time / medians[0][1]]))
  t.diagnostic(ratios.map(([name, ratio]) => `${name} ${ratio.toFixed(2)}`).join(', '))
  for (const [name, ratio] of ratios) assert.ok(ratio <= MOST, `${name}: ${ratio.toFixed(2)} times`)
})

/** @param {number[]} all */
function median(all) {
  return all.sort((a, b) => a - b)[Math.floor(all.length / 2)]
}
