// Measures scans of 0 to 10,000 instance directories against the guide's algorithm and the bare system calls.
'use strict'

const fs = require('node:fs')

const discovery = require('..')
const { makeRuntime } = require('./runtime.js')
const { latestByGuide, listByGuide } = require('./guide.js')
const { inTurns } = require('./measure.js')

const SIZES = [0, 1, 10, 100, 1000, 10000]

const nothing = () => {}

/**
 * @param {import('./floor.js').Floor} floor
 * @param {{ quick: boolean, log: (line: string) => void }} options
 */
async function measureScan(floor, { quick, log }) {
  const rows = []
  for (const directories of quick ? SIZES.slice(0, -1) : SIZES) {
    log(`scan: ${directories} directories`)
    const baseDir = makeRuntime(Array.from({ length: directories }, (_, index) => 1 + (index % 65535)))
    const options = { baseDir }
    try {
      // A directory without instances is an error, whose creation and handling count as part of the call.
      const times = await inTurns(
        {
          guideLatest: () => latestByGuide(baseDir).catch(nothing),
          guideList: () => listByGuide(baseDir),
          latest: () => discovery.discoverLatestRunningInstance(options).catch(nothing),
          list: () => discovery.listInstances(options),
          latestSync:
            directories === 0
              ? () => caught(options)
              : () => discovery.discoverLatestRunningInstanceSync(options),
          listSync: () => discovery.listInstancesSync(options),
          floor: () => floor.readAll(baseDir),
          emptyTask: () => floor.emptyTask(),
          error: () => new Error('Osaurus not found').stack,
        },
        { seconds: quick ? 0.5 : directories < 1000 ? 4 : 8 },
      )
      rows.push({ directories, times, ratios: ratios(times, directories) })
    } finally {
      fs.rmSync(baseDir, { recursive: true })
    }
  }
  return rows
}

/** @param {{ baseDir: string }} options */
function caught(options) {
  try {
    discovery.discoverLatestRunningInstanceSync(options)
  } catch {
    // No instance is published there.
  }
}

/**
 * @param {Record<string, import('./measure.js').Spread>} times
 * @param {number} directories
 */
function ratios(times, directories) {
  const { guideLatest, guideList, latest, list, latestSync, floor, emptyTask, error } = times
  const failure = directories === 0 ? error.median : 0
  return {
    latest: guideLatest.median / latest.median,
    list: guideList.median / list.median,
    latestSync: guideLatest.median / latestSync.median,
    syncOverFloor: directories === 0 ? undefined : latestSync.median / floor.median,
    asyncOverFloor: latest.median / (floor.median + emptyTask.median + failure),
  }
}

module.exports = { measureScan }
