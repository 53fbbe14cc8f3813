// Calls all four functions that find instances, and compares their results.
'use strict'

const assert = require('node:assert/strict')
const {
  discoverLatestRunningInstance,
  discoverLatestRunningInstanceSync,
  listInstances,
  listInstancesSync,
} = require('../..')

/**
 * Returns what all four functions find in a directory, after comparing them with each other.
 * @param {string} baseDir
 */
async function allInstances(baseDir) {
  const list = listInstancesSync({ baseDir })
  assert.deepEqual(await listInstances({ baseDir }), list)
  const latest = discoverLatestRunningInstanceSync({ baseDir })
  assert.deepEqual(await discoverLatestRunningInstance({ baseDir }), latest)
  assert.deepEqual(latest, list[0])
  return list
}

/** Returns the ids that all four functions find. @param {string} baseDir */
async function allIds(baseDir) {
  return (await allInstances(baseDir)).map(({ instanceId }) => instanceId)
}

module.exports = { allIds, allInstances }
