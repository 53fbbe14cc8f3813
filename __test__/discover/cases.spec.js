// Tests the addon with every configuration.json in the table of cases.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const test = require('node:test')
const {
  discoverLatestRunningInstance,
  discoverLatestRunningInstanceSync,
  inspectRuntime,
  listInstances,
  listInstancesSync,
} = require('../..')
const { RUNNING, RUNNING_INSTANCE, runtimeDirectory } = require('../support/runtime-directory.js')

/**
 * @typedef {{ status: 'running', updatedAt: number | 'mtime' } & Record<string, any>} Running
 * @typedef {{ status: 'starting' | 'restarting', instanceId: string, updatedAt: number | 'mtime' }} Starting
 * @typedef {Running | Starting | { status: 'ignored', reason: string }} Expectation
 * @type {{ name: string, text?: string, hex?: string, expect: Expectation }[]}
 */
const cases = /** @type {any} */ (require('../fixtures/cases.json'))

/** The directory whose name is the id of entries without one in the table. */
const DIRECTORY = 'DIRECTORY'

const NEIGHBOUR = { ...RUNNING, instanceId: 'NEIGHBOUR', updatedAt: '2000-01-01T00:00:00Z' }
const NEIGHBOUR_INSTANCE = {
  ...RUNNING_INSTANCE,
  instanceId: 'NEIGHBOUR',
  updatedAt: Date.parse(NEIGHBOUR.updatedAt),
}

/**
 * @template {Running | Starting} T
 * @param {T} expected
 * @param {string} dir
 */
function withoutStatus({ status, ...fields }, dir) {
  return fields.updatedAt === 'mtime' ? { ...fields, updatedAt: fs.statSync(dir).mtimeMs } : fields
}

/**
 * Returns the expected report, without the words of a reason.
 * @param {Expectation} expected
 * @param {string} path
 */
function expectedReport(expected, path) {
  if (expected.status === 'running')
    return { status: 'running', path, instance: withoutStatus(expected, path) }
  if (expected.status === 'ignored') return { ...expected, path }
  return { status: expected.status, path, ...withoutStatus(expected, path) }
}

/**
 * Returns the report, without the words of a reason.
 * @param {string} baseDir
 */
async function inspected(baseDir) {
  const { entries } = await inspectRuntime({ baseDir })
  return entries.map((entry) => {
    if (entry.status !== 'ignored') return entry
    const { detail, ...rest } = entry
    assert.ok(detail.length > 0, 'a reason has a detail')
    return rest
  })
}

for (const { name, text, hex, expect } of cases) {
  test(`${name}: ${expect.status === 'ignored' ? expect.reason : expect.status}`, async (t) => {
    const runtime = runtimeDirectory(t)
    const { baseDir } = runtime
    runtime.write(DIRECTORY, text ?? Buffer.from(/** @type {string} */ (hex), 'hex'))

    if (expect.status === 'running') {
      const instance = withoutStatus(/** @type {Running} */ (expect), runtime.dir(DIRECTORY))
      assert.deepEqual(discoverLatestRunningInstanceSync({ baseDir }), instance)
      assert.deepEqual(await discoverLatestRunningInstance({ baseDir }), instance)
      assert.deepEqual(listInstancesSync({ baseDir }), [instance])
      assert.deepEqual(await listInstances({ baseDir }), [instance])
      assert.equal(String(new URL(instance.url).port || 80), String(instance.port), 'the url can be parsed')
    } else {
      const code = expect.status === 'ignored' ? 'OSAURUS_NOT_FOUND' : 'OSAURUS_STARTING'
      assert.throws(() => discoverLatestRunningInstanceSync({ baseDir }), { code })
      await assert.rejects(discoverLatestRunningInstance({ baseDir }), { code })
      assert.deepEqual(listInstancesSync({ baseDir }), [])
      assert.deepEqual(await listInstances({ baseDir }), [])
    }

    assert.deepEqual(await inspected(baseDir), [expectedReport(expect, runtime.dir(DIRECTORY))])

    runtime.publish(NEIGHBOUR)
    const found = listInstancesSync({ baseDir })
    const neighbour = found.find(({ instanceId }) => instanceId === NEIGHBOUR.instanceId)
    assert.deepEqual(neighbour, NEIGHBOUR_INSTANCE, 'the entry does not hide its neighbour')
    assert.equal(found.length, expect.status === 'running' ? 2 : 1)
  })
}
