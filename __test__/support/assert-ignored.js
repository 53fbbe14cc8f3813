// Asserts that an entry is ignored by every discovery function.
'use strict'

const assert = require('node:assert/strict')
const {
  discoverLatestRunningInstance,
  discoverLatestRunningInstanceSync,
  inspectRuntime,
  listInstances,
  listInstancesSync,
} = require('../..')
const { RUNNING_INSTANCE } = require('./runtime-directory.js')

/**
 * Asserts that the entry is ignored, alone and next to a valid one, by all four functions.
 * @param {InstanceType<typeof import('./runtime-directory.js').RuntimeDirectory>} runtime
 * @param {import('osaurus-discovery').IgnoredReason} reason
 */
async function assertIgnored(runtime, reason) {
  const { baseDir } = runtime
  const notFound = { code: 'OSAURUS_NOT_FOUND', message: /^Osaurus not found/ }
  assert.throws(() => discoverLatestRunningInstanceSync({ baseDir }), notFound)
  await assert.rejects(discoverLatestRunningInstance({ baseDir }), notFound)
  assert.deepEqual(listInstancesSync({ baseDir }), [])
  assert.deepEqual(await listInstances({ baseDir }), [])
  const { entries } = await inspectRuntime({ baseDir })
  assert.deepEqual(
    entries.map((entry) => (entry.status === 'ignored' ? entry.reason : entry.status)),
    [reason],
  )

  runtime.publish()
  assert.deepEqual(listInstancesSync({ baseDir }), [RUNNING_INSTANCE])
  assert.deepEqual(await listInstances({ baseDir }), [RUNNING_INSTANCE])
}

module.exports = { assertIgnored }
