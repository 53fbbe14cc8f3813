// How long does a scan take, for any number of folders, beside the guide's way and the bare system calls?
'use strict'

const fs = require('node:fs')

const discovery = require('..')
const { makeRuntime } = require('./folders.js')
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
  for (const folders of quick ? SIZES.slice(0, -1) : SIZES) {
    log(`scan: ${folders} folders`)
    const baseDir = makeRuntime(Array.from({ length: folders }, (_, index) => 1 + (index % 65535)))
    const options = { baseDir }
    try {
      // A folder without instances is an error; what it costs to make and to catch belongs to the way.
      const times = await inTurns(
        {
          guideLatest: () => latestByGuide(baseDir).catch(nothing),
          guideList: () => listByGuide(baseDir),
          latest: () => discovery.discoverLatestRunningInstance(options).catch(nothing),
          list: () => discovery.listInstances(options),
          latestSync:
            folders === 0
              ? () => caught(options)
              : () => discovery.discoverLatestRunningInstanceSync(options),
          listSync: () => discovery.listInstancesSync(options),
          floor: () => floor.readAll(baseDir),
          emptyTask: () => floor.emptyTask(),
        },
        { seconds: quick ? 0.5 : folders < 1000 ? 4 : 8 },
      )
      rows.push({ folders, times, ratios: ratios(times, folders) })
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
    // Nothing is published there.
  }
}

/**
 * @param {Record<string, import('./measure.js').Spread>} times
 * @param {number} folders
 */
function ratios(times, folders) {
  const { guideLatest, guideList, latest, list, latestSync, floor, emptyTask } = times
  return {
    latest: guideLatest.median / latest.median,
    list: guideList.median / list.median,
    latestSync: guideLatest.median / latestSync.median,
    syncOverFloor: folders === 0 ? undefined : latestSync.median / floor.median,
    asyncOverFloor: folders === 0 ? undefined : latest.median / (floor.median + emptyTask.median),
  }
}

module.exports = { SIZES, measureScan }
