// Prints a run on one page: a table of times, and a chart of the figures of each area against their targets.
'use strict'

const { SIZES, isGain, meets } = require('./targets.js')

/** @typedef {import('./targets.js').Figure} Figure */

/** @param {number} us */
const time = (us) => (us < 1000 ? `${us.toPrecision(3)} µs` : `${(us / 1000).toPrecision(3)} ms`)

/** The times of a scan, by their heading. */
const TIMES = {
  guide: 'guideLatest',
  latest: 'latest',
  list: 'list',
  'latest sync': 'latestSync',
  'list sync': 'listSync',
  'bare calls': 'floor',
  'empty task': 'emptyTask',
}

/** The width of a bar whose figure just meets its target. */
const FULL = 20

/**
 * How much of what the target allows a figure uses, as a bar: it ends at the line if the target is just met.
 * @param {Figure} figure
 */
function bar(figure) {
  const { value, least, most } = figure
  if (least === undefined && most === undefined) return ''
  const share = isGain(figure) ? Number(least) / value : value / Number(most)
  const length = Math.min(2 * FULL, Math.max(1, Math.round(share * FULL)))
  return length <= FULL
    ? `${'█'.repeat(length).padEnd(FULL, '·')}|`
    : `${'█'.repeat(FULL)}|${'█'.repeat(length - FULL)}`
}

/** @param {number} value */
const number = (value) => (value >= 1000 ? Math.round(value).toString() : value.toPrecision(3))

/** @param {Figure} figure */
const mark = (figure) => `${number(figure.value)}${meets(figure) === false ? '!' : ' '}`

/** @param {Figure} figure */
function targetOf({ least, most }) {
  return least !== undefined ? `at least ${least}` : most !== undefined ? `at most ${most}` : ''
}

/**
 * The lines of the page.
 * @param {any} result
 * @param {Figure[]} figures
 * @returns {string[]}
 */
function page(result, figures) {
  const { machine, pinned, load, quick } = result
  const lines = [
    `${machine.cpu}, ${machine.system}, Node ${machine.node}, ${pinned ? 'pinned to one processor' : 'not pinned'}`,
    `load before ${load.before.join(' ')}, after ${load.after.join(' ')}${quick ? '; quick, too imprecise to compare' : ''}`,
    '',
    'A bar shows how much of what its target allows a figure uses. It ends before the line, or the target is missed (!).',
  ]
  const areas = [...new Set(figures.map(({ area }) => area))]
  for (const area of areas) {
    lines.push('', area)
    const own = figures.filter((figure) => figure.area === area)
    lines.push(...(area === 'Scan' ? scanLines(result.scan, own) : own.map(figureLine)))
  }
  const met = figures.filter((figure) => meets(figure) === true).length
  const missed = figures.filter((figure) => meets(figure) === false).length
  return [...lines, '', `${met} targets met, ${missed} missed`].map((line) => line.trimEnd())
}

/** @param {Figure} figure */
const figureLine = (figure) =>
  `  ${figure.words.padEnd(48)}${mark(figure).padStart(9)}  ${bar(figure).padEnd(2 * FULL + 1)} ${targetOf(figure)}`

/**
 * @param {any[]} rows
 * @param {Figure[]} figures
 */
function scanLines(rows, figures) {
  const heading = ['directories', ...Object.keys(TIMES)].map((name) => name.padStart(12)).join('')
  const times = rows.map((row) =>
    [String(row.directories), ...Object.values(TIMES).map((name) => time(row.times[name].median))]
      .map((cell) => cell.padStart(12))
      .join(''),
  )
  const lines = [heading, ...times, '']
  for (const key of new Set(figures.map((figure) => figure.key))) {
    const own = figures.filter((figure) => figure.key === key)
    const cells = SIZES.map((size) => own.find((figure) => figure.size === size))
    const worst = own.reduce((a, b) => (shareOf(b) > shareOf(a) ? b : a))
    lines.push(
      `  ${own[0].words.padEnd(40)}${cells.map((each) => (each ? mark(each) : '- ').padStart(8)).join('')}`,
      `  ${`  worst at ${worst.size}: ${targetOf(worst)}`.padEnd(48)}${bar(worst)}`,
    )
  }
  return lines
}

/** @param {Figure} figure */
function shareOf(figure) {
  return isGain(figure) ? Number(figure.least) / figure.value : figure.value / (figure.most ?? Infinity)
}

module.exports = { page }
