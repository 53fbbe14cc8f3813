// Prints a benchmark result.
'use strict'

const { OTHER, SCAN, meets } = require('./targets.js')

/** @param {number} us */
const time = (us) => (us < 1000 ? `${us.toPrecision(3)} µs` : `${(us / 1000).toPrecision(3)} ms`)

const COLUMNS = [
  ['entries', 8],
  ['guide', 10],
  ['latest', 10],
  ['list', 10],
  ['latest sync', 12],
  ['list sync', 10],
  ['bare calls', 11],
  ['empty task', 11],
]

/** @param {any} result */
function printReport(result) {
  const { machine, pinned, load } = result
  console.log(
    `${machine.cpu}, ${machine.system}, Node ${machine.node}, ${pinned ? 'pinned to one processor' : 'not pinned'}`,
  )
  console.log(
    `load before ${load.before.join(' ')}, after ${load.after.join(' ')}${result.quick ? '; quick, too imprecise to compare' : ''}\n`,
  )

  console.log(COLUMNS.map(([name, width]) => String(name).padStart(Number(width))).join(' '))
  for (const { directories, times } of result.scan) {
    const { guideLatest, latest, list, latestSync, listSync, floor, emptyTask } = times
    const cells = [guideLatest, latest, list, latestSync, listSync, floor, emptyTask].map((each) =>
      time(each.median),
    )
    console.log(
      [String(directories), ...cells].map((cell, i) => cell.padStart(Number(COLUMNS[i][1]))).join(' '),
    )
  }
  let met = 0
  let missed = 0
  const mark = (/** @type {number | undefined} */ value, /** @type {any} */ target) => {
    const good = meets(value, target)
    if (good === undefined || value === undefined) return '-'
    if (good) met++
    else missed++
    return `${value.toPrecision(3)}${good ? ' ' : '!'}`
  }
  console.log(
    `\n${'Ratios (! is a missed target)'.padEnd(40)}${result.scan.map((/** @type {any} */ row) => String(row.directories).padStart(9)).join('')}`,
  )
  for (const { key, words, least, most } of SCAN) {
    const cells = result.scan.map((/** @type {any} */ row, /** @type {number} */ i) =>
      mark(row.ratios[key], { least: least?.[i], most: most?.[i] }).padStart(9),
    )
    const targets = (least ?? most ?? []).map((each) => String(each ?? '-').padStart(8)).join(' ')
    console.log(`${words.padEnd(40)}${cells.join('')}`)
    console.log(`${(least ? '  at least' : '  at most').padEnd(40)}${targets}`)
  }
  console.log('')
  for (const { section, key, words, most } of OTHER) {
    const from = section === 'footprint' ? result.footprint : result[section].ratios
    console.log(`${words.padEnd(44)}${mark(from[key], { most }).padStart(9)}  at most ${most}`)
  }
  const { dead, live } = result.probes
  console.log(
    `\n50 dead ports ${time(dead.list.median)}, one poll loop ${time(dead.pollLoop.median)}, parallel fetch ${time(dead.parallelFetch.median)}`,
  )
  console.log(
    `a live server ${time(live.latest.median)}, connect-write-read ${time(live.bare.median)}, fetch ${time(live.fetch.median)}`,
  )
  console.log(`\n${met} targets met, ${missed} missed`)
}

module.exports = { printReport }
