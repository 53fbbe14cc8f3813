// Defines the performance targets as ratios, which are comparable between machines.
'use strict'

/** Targets of the scan, for the sizes in bench/scan.js. */
const SCAN = [
  { key: 'latest', words: 'latest, times faster than the guide', least: [2.5, 4, 13, 19, 15, 13] },
  { key: 'list', words: 'list, times faster than the guide', least: [2.5, 4, 10, 13, 14, 10] },
  { key: 'latestSync', words: 'latest sync, times faster', least: [15, 9, 17, 21, 18, 13] },
  {
    key: 'syncOverFloor',
    words: 'latest sync over the bare calls',
    most: [undefined, 1.7, 1.2, 1.12, 1.1, 1.05],
  },
  {
    key: 'asyncOverFloor',
    words: 'latest over (bare calls + empty task)',
    most: [undefined, 1.35, 1.2, 1.12, 1.12, 1.05],
  },
]

const OTHER = [
  { section: 'probes', key: 'deadOverPollLoop', words: '50 closed ports, over one poll loop', most: 2 },
  {
    section: 'probes',
    key: 'hungBeyondTimeoutMs',
    words: '100 unresponsive servers, ms beyond timeout',
    most: 50,
  },
  { section: 'probes', key: 'statOverAlone', words: "the app's own stat during that, over alone", most: 1.1 },
  { section: 'probes', key: 'liveOverBare', words: 'a live server, over connect-write-read', most: 1.5 },
  { section: 'fetch', key: 'smallOverRequest', words: 'a small request, over http.request', most: 1.3 },
  { section: 'fetch', key: 'smallOverGlobal', words: 'a small request, over the global fetch', most: 0.87 },
  { section: 'fetch', key: 'largeOverGlobal', words: '100 MB, over the global fetch', most: 1 },
  { section: 'fetch', key: 'firstOverGlobal', words: 'the first chunk, over the global fetch', most: 1 },
  { section: 'fetch', key: 'recoveryMs', words: 'the next answer after a relaunch, ms', most: 10 },
  { section: 'footprint', key: 'requireMs', words: 'require, ms over an empty module', most: 1.5 },
  { section: 'footprint', key: 'addonKB', words: 'the addon, KB', most: 900 },
  { section: 'footprint', key: 'rssMiB', words: 'memory, MiB over none', most: 3 },
]

/**
 * @param {number | undefined} value
 * @param {{ least?: number, most?: number }} target
 */
function meets(value, { least, most }) {
  if (value === undefined || (least === undefined && most === undefined)) return undefined
  return (least === undefined || value >= least) && (most === undefined || value <= most)
}

module.exports = { OTHER, SCAN, meets }
