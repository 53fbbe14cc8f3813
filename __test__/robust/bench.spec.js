// Tests the page that the benchmarks print, and the comparison with an earlier run.
'use strict'

const assert = require('node:assert/strict')
const path = require('node:path')
const { test } = require('node:test')

const { fallen, fileOf, keep, readKept } = require('../../bench/ratchet.js')
const { page } = require('../../bench/report.js')
const { SIZES, figuresOf, meets } = require('../../bench/targets.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')

const NAMES = ['guideLatest', 'latest', 'list', 'latestSync', 'listSync', 'floor', 'emptyTask']

/** A run in which each figure has the same value. @param {number} value */
function run(value) {
  const times = Object.fromEntries(NAMES.map((name) => [name, { median: 12.5 }]))
  const keys = ['latest', 'list', 'latestSync', 'syncOverFloor', 'asyncOverFloor']
  const ratios = Object.fromEntries(keys.map((key) => [key, value]))
  return {
    date: '2026-01-01T00:00:00.000Z',
    machine: { cpu: 'A processor', processors: 2, system: 'Linux 6', node: 'v20.1.0' },
    pinned: true,
    quick: false,
    load: { before: ['0'], after: ['0'] },
    scan: SIZES.map((directories) => ({ directories, times, ratios })),
    probes: { ratios: { liveOverBare: value, deadOverPollLoop: value } },
    fetch: { ratios: { smallOverRequest: value } },
    footprint: { indexMs: value, addonKB: value },
    watch: { watchMedian: value },
  }
}

/** @param {number} value */
const figures = (value) => figuresOf(run(value))

test('a figure meets its target up to the limit, in both directions', () => {
  const [gain] = figures(1.2)
  assert.equal(gain.least, 1.2)
  assert.equal(meets(gain), true)
  assert.equal(meets({ ...gain, value: 1.19 }), false)
  const live = figures(1.5).find(({ id }) => id === 'liveOverBare') ?? assert.fail()
  assert.equal(meets(live), true)
  assert.equal(meets({ ...live, value: 1.51 }), false)
})

test('the page has each area once, marks what is missed, and fits on a screen', () => {
  const lines = page(run(1.4), figures(1.4))
  for (const area of ['Scan', 'Verify', 'Fetch', 'Start', 'Size', 'Watch'])
    assert.equal(lines.filter((line) => line === area).length, 1, area)
  assert.ok(lines.length < 60, `${lines.length} lines`)
  assert.ok(Math.max(...lines.map((line) => line.length)) <= 120)
  const live = lines.find((line) => line.includes('a live server')) ?? assert.fail()
  assert.match(live, /1\.40 {3}█{19}·\| +at most 1\.5$/)
  const small = lines.find((line) => line.includes('a small request')) ?? assert.fail()
  assert.match(small, /1\.40! {2}█{20}\|██ +at most 1\.3$/)
  const missed = figures(1.4).filter((figure) => meets(figure) === false).length
  assert.match(lines[lines.length - 1], new RegExp(`, ${missed} missed$`))
})

test('a figure has fallen if it is worse by more than a tenth and by more than its noise', () => {
  const kept = Object.fromEntries(figures(2).map(({ id, value }) => [id, value]))
  const ids = (/** @type {number} */ value) => fallen(figures(value), kept).map(({ figure }) => figure.id)
  assert.deepEqual(ids(2), [])
  assert.deepEqual(ids(2.15), [])
  assert.ok(ids(2.3).includes('liveOverBare') && !ids(2.3).includes('scan.latest.10'))
  assert.ok(ids(1.7).includes('scan.latest.10') && !ids(1.7).includes('liveOverBare'))
  const [figure] = figures(2.3).filter(({ id }) => id === 'liveOverBare')
  assert.deepEqual(fallen([{ ...figure, noise: 0.5 }], kept), [])
  assert.deepEqual(fallen([figure], {}), [], 'a new figure has nothing to fall from')
})

test('a kept run belongs to its machine, whatever patch version of Node.js runs there', (t) => {
  const directory = temporaryDirectory(t)
  const result = run(2)
  const file = fileOf(result, directory)
  assert.equal(readKept(file), undefined)
  keep(file, result, figuresOf(result))
  assert.equal(readKept(file)?.values.liveOverBare, 2)
  const other = (/** @type {object} */ machine) => ({ ...result, machine: { ...result.machine, ...machine } })
  assert.equal(fileOf(other({ node: 'v20.9.9' }), directory), file)
  for (const machine of [{ node: 'v22.1.0' }, { cpu: 'Another' }, { processors: 4 }, { system: 'Linux 7' }])
    assert.notEqual(fileOf(other(machine), directory), file)
  assert.equal(path.dirname(file), directory)
})
