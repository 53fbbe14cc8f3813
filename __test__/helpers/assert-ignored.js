// Does an entry count for nothing, whoever asks?
'use strict'

const assert = require('node:assert/strict')
const {
  discoverLatestRunningInstance,
  discoverLatestRunningInstanceSync,
  listInstances,
  listInstancesSync,
} = require('../..')
const { RUNNING_INSTANCE } = require('./runtime-folder')

/**
 * Asserts that the entry counts for nothing, alone and beside a good one, for all four functions.
 * @param {InstanceType<typeof import('./runtime-folder').RuntimeFolder>} runtime
 */
async function assertIgnored(runtime) {
  const { baseDir } = runtime
  const notFound = { code: 'OSAURUS_NOT_FOUND', message: /^Osaurus not found/ }
  assert.throws(() => discoverLatestRunningInstanceSync({ baseDir }), notFound)
  await assert.rejects(discoverLatestRunningInstance({ baseDir }), notFound)
  assert.deepEqual(listInstancesSync({ baseDir }), [])
  assert.deepEqual(await listInstances({ baseDir }), [])

  runtime.publish()
  assert.deepEqual(listInstancesSync({ baseDir }), [RUNNING_INSTANCE])
  assert.deepEqual(await listInstances({ baseDir }), [RUNNING_INSTANCE])
}

module.exports = { assertIgnored }
