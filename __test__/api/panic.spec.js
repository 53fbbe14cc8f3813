// Does a panic inside end a call, and nothing else? Provoked in an addon built for this test alone.
'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { panickingPackage } = require('../support/panicking-package.js')
const { evaluate } = require('../support/run-node.js')
const { stopAfter } = require('../support/verify-servers.js')

const MEASURE = JSON.stringify(require.resolve('../support/measure'))

const packageDir = panickingPackage()

/** `said` gives what a call gave in short; `panic` has the core panic at a place, or nowhere. */
const TOOLS = `
  const options = { baseDir: data.baseDir }
  const verify = { ...options, verify: true, probeTimeoutMs: 20000 }
  const panic = (place) => place ? (process.env.OSAURUS_DISCOVERY_PANIC = place) : delete process.env.OSAURUS_DISCOVERY_PANIC
  const said = async (call) => {
    try {
      const value = await call()
      return value.entries && !Array.isArray(value) ? value.entries.length : [value].flat().length
    } catch (error) {
      return [error instanceof Error, error.code, error.message]
    }
  }
  const { discoverLatestRunningInstance, listInstances, inspectRuntime } = discovery
  const { discoverLatestRunningInstanceSync, listInstancesSync } = discovery`

/** @param {string} place */
const internal = (place) => [
  true,
  'OSAURUS_INTERNAL',
  `Internal error in osaurus-discovery: deliberate panic in ${place}. Please report this bug`,
]

/** How each kind of call is made, and where it can panic. */
const CALLS = [
  { call: 'discoverLatestRunningInstance(options)', places: ['scan'] },
  { call: 'listInstances(options)', places: ['scan'] },
  { call: 'inspectRuntime(options)', places: ['scan'] },
  { call: 'discoverLatestRunningInstanceSync(options)', places: ['scan'] },
  { call: 'listInstancesSync(options)', places: ['scan'] },
  { call: 'discoverLatestRunningInstance(verify)', places: ['scan', 'probe'] },
  { call: 'listInstances(verify)', places: ['scan', 'probe'] },
  { call: 'inspectRuntime(verify)', places: ['scan', 'probe'] },
]

for (const { call, places } of CALLS) {
  for (const place of places) {
    test(`${call}: a panic in ${place} is an error with its message, and the next call is answered`, async (t) => {
      const { baseDir } = await stopAfter(t, startFakeOsaurus())
      const answers = await evaluate(
        `${TOOLS}
        const before = await said(async () => ${call})
        panic('${place}')
        const panicked = [await said(async () => ${call}), await said(async () => ${call})]
        panic()
        return { before, panicked, after: await said(async () => ${call}) }`,
        { packageDir, data: { baseDir } },
      )
      assert.deepEqual(answers, { before: 1, panicked: [internal(place), internal(place)], after: 1 })
    })
  }
}

test('a promise rejects, it does not throw at the call; a sync function throws', async (t) => {
  const { baseDir } = await stopAfter(t, startFakeOsaurus())
  const answers = await evaluate(
    `${TOOLS}
    panic('scan')
    const promises = [discoverLatestRunningInstance(options), listInstances(verify), inspectRuntime(options)]
    const codes = (await Promise.allSettled(promises)).map(({ reason }) => reason.code)
    try {
      listInstancesSync(options)
    } catch ({ code }) {
      return [...codes, code]
    }`,
    { packageDir, data: { baseDir } },
  )
  assert.deepEqual(answers, Array(4).fill('OSAURUS_INTERNAL'))
})

test('hundreds of panics at once cost hundreds of calls, and leave nothing behind', async (t) => {
  const { baseDir } = await stopAfter(t, startFakeOsaurus())
  const answers = await evaluate(
    `${TOOLS}
    const { eventually, openHandlesAtRest } = require(${MEASURE})
    const assert = require('node:assert/strict')
    const calls = [() => listInstances(options), () => listInstances(verify), () => inspectRuntime(verify)]
    await Promise.all(calls.map((call) => call()))
    const before = process.platform === 'linux' ? await openHandlesAtRest() : undefined
    const codes = {}
    for (const place of ['scan', 'probe']) {
      panic(place)
      const all = await Promise.all(Array.from({ length: 300 }, (_, i) => said(calls[i % 3])))
      panic()
      for (const outcome of all) codes[outcome[1] ?? 'found'] = 1 + (codes[outcome[1] ?? 'found'] ?? 0)
    }
    if (before) await eventually(async () => assert.deepEqual(await openHandlesAtRest(), before))
    return { codes, after: await said(calls[1]) }`,
    { packageDir, data: { baseDir } },
  )
  // By the files alone nobody is asked, and so nobody panics there.
  assert.deepEqual(answers, { codes: { OSAURUS_INTERNAL: 500, found: 100 }, after: 1 })
})

test('a panic in a worker is that worker’s error', async (t) => {
  const { baseDir } = await stopAfter(t, startFakeOsaurus())
  const answers = await evaluate(
    `const { Worker } = require('node:worker_threads')
    const source = \`
      const discovery = require(\${JSON.stringify(data.packageDir)})
      const options = { baseDir: \${JSON.stringify(data.baseDir)}, verify: true }
      discovery.listInstances(options).catch(({ code }) => require('node:worker_threads').parentPort.postMessage(code))\`
    process.env.OSAURUS_DISCOVERY_PANIC = 'scan'
    const worker = new Worker(source, { eval: true })
    const code = await new Promise((resolve) => worker.once('message', resolve))
    await worker.terminate()
    delete process.env.OSAURUS_DISCOVERY_PANIC
    const { length } = await discovery.listInstances({ baseDir: data.baseDir })
    return [code, length]`,
    { packageDir, data: { baseDir, packageDir } },
  )
  assert.deepEqual(answers, ['OSAURUS_INTERNAL', 1])
})

test('the addon that is published panics nowhere, whatever the environment says', async (t) => {
  const { baseDir } = await stopAfter(t, startFakeOsaurus())
  const found = await evaluate(
    `process.env.OSAURUS_DISCOVERY_PANIC = 'scan'
    return (await discovery.listInstances({ baseDir: data, verify: true, probeTimeoutMs: 20000 })).length`,
    { data: baseDir },
  )
  assert.equal(found, 1)
})
