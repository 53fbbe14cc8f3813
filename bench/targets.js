// Defines the performance targets, mostly as ratios measured in one run, which are comparable between machines.
'use strict'

/**
 * @typedef {object} Target one of `least` and `most`, unless the figure is only kept for comparison
 * @property {string} area
 * @property {string} key
 * @property {string} words
 * @property {number} [least]
 * @property {number} [most]
 * @property {number} [noise] a difference to an earlier run that says nothing, in the unit of the figure
 */

const SIZES = [0, 1, 10, 100, 1000, 10000]

/** Targets of the scan, for each of the sizes. */
const SCAN = [
  { key: 'latest', words: 'latest, times faster than the guide', least: [1.2, 4, 11, 17, 16, 14] },
  { key: 'list', words: 'list, times faster than the guide', least: [1.2, 4, 10, 13, 12, 10] },
  { key: 'latestSync', words: 'latest sync, times faster', least: [2.2, 9.5, 15, 18, 16, 14] },
  {
    key: 'syncOverFloor',
    words: 'latest sync, over the bare calls',
    most: [undefined, 1.3, 1.15, 1.1, 1.08, 1.08],
  },
  {
    key: 'asyncOverFloor',
    words: 'latest, over bare calls and empty task',
    most: [1.2, 1.3, 1.2, 1.12, 1.08, 1.08],
  },
]

/** @type {Target[]} */
const OTHER = [
  {
    area: 'Verify',
    key: 'liveOverBare',
    words: 'a live server, over connect-write-read and a hop',
    most: 1.5,
  },
  { area: 'Verify', key: 'deadOverPollLoop', words: '50 closed ports, over one poll loop', most: 1.5 },
  {
    area: 'Verify',
    key: 'hungBeyondTimeoutMs',
    words: '100 hung servers, ms beyond timeout',
    most: 50,
    noise: 5,
  },
  { area: 'Verify', key: 'statOverAlone', words: "the app's own stat meanwhile, over alone", most: 1.1 },
  { area: 'Fetch', key: 'smallOverRequest', words: 'a small request, over http.request', most: 1.3 },
  { area: 'Fetch', key: 'smallOverGlobal', words: 'a small request, over the global fetch', most: 0.87 },
  { area: 'Fetch', key: 'largeOverGlobal', words: '100 MB, over the global fetch', most: 1 },
  { area: 'Fetch', key: 'firstOverGlobal', words: 'the first chunk, over the global fetch', most: 1 },
  { area: 'Fetch', key: 'recoveryMs', words: 'the next answer after a relaunch, ms', most: 10, noise: 2 },
  { area: 'Page', key: 'smallOverOwn', words: "a page's small request, over its own fetch", most: 1 },
  { area: 'Page', key: 'largeOverOwn', words: '64 MB, over its own fetch', most: 5 },
  { area: 'Page', key: 'unreadMiB', words: 'memory of a body that no page reads, MiB', most: 8, noise: 8 },
  { area: 'Start', key: 'indexMs', words: 'require, ms over an empty module', most: 1.3 },
  { area: 'Start', key: 'fetchMs', words: 'require of fetch', most: 2 },
  { area: 'Start', key: 'electronMs', words: 'require of electron', most: 2.5 },
  { area: 'Start', key: 'networkMs', words: 'require of network' },
  { area: 'Start', key: 'urlOverScript', words: 'the command url, over a script that does it', most: 1.25 },
  { area: 'Size', key: 'addonKB', words: 'the addon of this checkout, KB' },
  { area: 'Size', key: 'packageKB', words: 'the main package, KB', most: 500 },
  { area: 'Size', key: 'rssMiB', words: 'memory, MiB over none', most: 3, noise: 0.5 },
  { area: 'Watch', key: 'watchMedian', words: 'a change, median, over the faster of the others', most: 0.6 },
  { area: 'Watch', key: 'watchP99', words: 'a change, 99th percentile', most: 0.6, noise: 0.2 },
]

/**
 * A measured value and its target.
 * @typedef {Target & { id: string, value: number, size?: number }} Figure
 */

/**
 * Returns the figures of a run that have a value, in the order of the page.
 * @param {any} result
 * @returns {Figure[]}
 */
function figuresOf(result) {
  const scans = SCAN.flatMap(({ key, words, least, most }) =>
    SIZES.map((size, index) => {
      const row = result.scan.find((/** @type {any} */ each) => each.directories === size)
      const target = { least: least && least[index], most: most && most[index] }
      return {
        id: `scan.${key}.${size}`,
        area: 'Scan',
        key,
        words,
        size,
        ...target,
        value: row && row.ratios[key],
      }
    }),
  )
  const values = {
    ...result.probes.ratios,
    ...result.fetch.ratios,
    ...result.footprint,
    ...result.watch,
    ...result.page,
  }
  const others = OTHER.map((target) => ({ ...target, id: target.key, value: values[target.key] }))
  return /** @type {Figure[]} */ ([...scans, ...others].filter(({ value }) => value !== undefined))
}

/**
 * Whether a figure meets its target; undefined if it has none.
 * @param {Figure} figure
 */
function meets({ value, least, most }) {
  if (least === undefined && most === undefined) return undefined
  return (least === undefined || value >= least) && (most === undefined || value <= most)
}

/** Whether more is better. @param {Target} target */
const isGain = ({ least }) => least !== undefined

module.exports = { SIZES, figuresOf, isGain, meets }
