// Moves the wall clock of a process with faketime, on Linux.
//
// Its library is loaded before the system's and changes the date in JavaScript, in Node.js and in the addon alike. The monotonic
// clock stays as it is, as on a machine whose date is set.
'use strict'

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { runFixture } = require('./run-node.js')
const { temporaryDirectory } = require('./temporary-directory.js')

/**
 * Sets the clock that a file controls to a number of days from the real one. Returns by how many it moved in this process.
 * @param {string} file
 * @param {number} days
 */
function moveClock(file, days) {
  const before = Date.now()
  // Replaced atomically, because every thread of the process reads it with each reading of the time.
  fs.writeFileSync(`${file}.new`, `${days < 0 ? '' : '+'}${days}d`)
  fs.renameSync(`${file}.new`, file)
  return Math.round((Date.now() - before) / 86_400_000)
}

/**
 * Returns the environment of a process whose clock can be moved, through FAKETIME_TIMESTAMP_FILE.
 * @param {{ after(fn: () => unknown): void }} t
 */
function movableClock(t) {
  const file = path.join(temporaryDirectory(t), 'offset')
  moveClock(file, 0)
  // The program knows the path of its library; -m selects the one for threads.
  const printed = spawnSync('faketime', ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' })
  if (printed.error) throw printed.error
  return {
    LD_PRELOAD: printed.stdout.trim(),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  }
}

/** Moves the clock of this process, which `runFixtureWithClock` started. @param {number} days from the real clock */
const jump = (days) => moveClock(/** @type {string} */ (process.env.FAKETIME_TIMESTAMP_FILE), days)

/**
 * Runs a fixture as `runFixture` does, in a process whose clock `jump` moves.
 * @param {{ after(fn: () => unknown): void }} t
 * @param {string} fixture
 * @param {unknown} [data]
 */
function runFixtureWithClock(t, fixture, data) {
  return runFixture(fixture, { data, env: { ...process.env, ...movableClock(t) } })
}

/**
 * Returns the environment variables for a process whose clocks, the monotonic one included, run faster.
 * @param {number} factor
 */
function acceleratedClock(factor) {
  const printed = spawnSync('faketime', ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' })
  if (printed.error) throw printed.error
  return { LD_PRELOAD: printed.stdout.trim(), FAKETIME: `+0 x${factor}` }
}

module.exports = { acceleratedClock, jump, movableClock, moveClock, runFixtureWithClock }
