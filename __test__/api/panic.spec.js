// Tests that a panic in the core ends one call with an error and nothing else. Uses an addon that panics on demand.
'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { panickingPackage } = require('../support/panicking-package.js')
const { evaluate, runFixture } = require('../support/run-node.js')
const { stopAfter } = require('../support/verify-servers.js')

const packageDir = panickingPackage()

/** @param {string} failpoint */
const internalError = (failpoint) => ({
  isError: true,
  code: 'OSAURUS_INTERNAL',
  message: `Internal error in osaurus-discovery: deliberate panic in ${failpoint}. Please report this bug`,
})

/** Every function, and the failpoints that it passes. */
const CALLS = [
  { name: 'discoverLatestRunningInstance', verify: false, failpoints: ['scan'] },
  { name: 'listInstances', verify: false, failpoints: ['scan'] },
  { name: 'inspectRuntime', verify: false, failpoints: ['scan'] },
  { name: 'discoverLatestRunningInstanceSync', verify: false, failpoints: ['scan'] },
  { name: 'listInstancesSync', verify: false, failpoints: ['scan'] },
  { name: 'discoverLatestRunningInstance', verify: true, failpoints: ['scan', 'probe'] },
  { name: 'listInstances', verify: true, failpoints: ['scan', 'probe'] },
  { name: 'inspectRuntime', verify: true, failpoints: ['scan', 'probe'] },
]

for (const { name, verify, failpoints } of CALLS) {
  for (const failpoint of failpoints) {
    const title = `${name}() ${verify ? 'with' : 'without'} verify reports a panic in ${failpoint} as an error and works afterwards`
    test(title, async (t) => {
      const { baseDir } = await stopAfter(t, startFakeOsaurus())
      const data = { baseDir, name, verify, failpoint }
      assert.deepEqual(await runFixture('api/panic.js', { packageDir, data }), {
        before: 1,
        panicked: [internalError(failpoint), internalError(failpoint)],
        after: 1,
      })
    })
  }
}

test('a panic rejects a promise, and is thrown only by a Sync function', async (t) => {
  const { baseDir } = await stopAfter(t, startFakeOsaurus())
  const codes = await runFixture('api/panic-codes.js', { packageDir, data: { baseDir } })
  assert.deepEqual(codes, Array(4).fill('OSAURUS_INTERNAL'))
})

test('hundreds of simultaneous panics fail their own calls only and leave nothing open', async (t) => {
  const { baseDir } = await stopAfter(t, startFakeOsaurus())
  const outcome = await runFixture('api/panic-many.js', { packageDir, data: { baseDir } })
  // The calls without verify send no probe, so the failpoint of probes does not affect them.
  assert.deepEqual(outcome, { codes: { OSAURUS_INTERNAL: 500, found: 100 }, after: 1 })
})

test('a panic in a worker is an error in that worker only', async (t) => {
  const { baseDir } = await stopAfter(t, startFakeOsaurus())
  const outcome = await runFixture('api/panic-in-worker.js', { packageDir, data: { baseDir, packageDir } })
  assert.deepEqual(outcome, ['OSAURUS_INTERNAL', 1])
})

test('the published addon ignores the variable that selects a failpoint', async (t) => {
  const { baseDir } = await stopAfter(t, startFakeOsaurus())
  const found = await evaluate(
    `process.env.OSAURUS_DISCOVERY_PANIC = 'scan'
    return (await discovery.listInstances({ baseDir: data, verify: true, probeTimeoutMs: 20000 })).length`,
    { data: baseDir },
  )
  assert.equal(found, 1)
})
