// How does a test have the clock on the wall jump under a process, while time goes on as ever? Linux with faketime.
//
// Its library stands before the system's in a process and moves what that is told of the date: in JavaScript, in Node and
// in the addon alike. The clock that only ever goes forward stays as it is, as it does on a machine whose date is set.
'use strict'

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { evaluate } = require('./run-node.js')
const { temporaryDirectory } = require('./temporary-directory.js')

/**
 * Sets the clock that a file moves so many days from the real one; tells by how many it moved in this process.
 * @param {string} file
 * @param {number} days
 */
function moveClock(file, days) {
  const before = Date.now()
  // Whole at once: every thread of the process reads it, whenever it asks for the time.
  fs.writeFileSync(`${file}.new`, `${days < 0 ? '' : '+'}${days}d`)
  fs.renameSync(`${file}.new`, file)
  return Math.round((Date.now() - before) / 86_400_000)
}

/**
 * What gives a process a clock that can be moved, by FAKETIME_TIMESTAMP_FILE.
 * @param {{ after(fn: () => unknown): void }} t
 */
function movableClock(t) {
  const file = path.join(temporaryDirectory(t), 'offset')
  moveClock(file, 0)
  // The program knows where its library is; -m: the one for threads.
  const asked = spawnSync('faketime', ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' })
  if (asked.error) throw asked.error
  return {
    LD_PRELOAD: asked.stdout.trim(),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  }
}

/**
 * Runs a script as `evaluate` does, which has `jump(days)` too, and `startFakeOsaurus`.
 * @param {{ after(fn: () => unknown): void }} t
 * @param {string} script
 * @param {unknown} [data]
 */
function evaluateWithClock(t, script, data) {
  const prelude = `
    const { moveClock } = require(${JSON.stringify(__filename)})
    const jump = (days) => moveClock(process.env.FAKETIME_TIMESTAMP_FILE, days)
    const { setTimeout: delay } = require('timers/promises')
    const { startFakeOsaurus } = require('./testing.js')`
  return evaluate(`${prelude}\n${script}`, { data, env: { ...process.env, ...movableClock(t) } })
}

module.exports = { evaluateWithClock, movableClock, moveClock }
