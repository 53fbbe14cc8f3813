// Compares the addon with two independent readers in JavaScript on random directories.
//
// A seed and a count may be given: OSAURUS_TEST_SEED=7 OSAURUS_TEST_DIRECTORIES=1000000 node --test __test__/discover/differential.spec.js
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const discovery = require('../..')
const { readByContract } = require('../support/contract-reader.js')
const { isNewestFirst, readByGuide } = require('../support/guide-reader.js')
const { Random } = require('../support/random.js')
const { makeRandomRuntime } = require('../support/random-runtime.js')

const { IN_MEMORY, temporaryDirectory } = require('../support/temporary-directory.js')

const seed = Number(process.env.OSAURUS_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32))
const wanted = Number(process.env.OSAURUS_TEST_DIRECTORIES ?? 6000)

/** @typedef {{ runtimes: number, directories: number, running: number, byGuide: number, open: number }} Tally */

/**
 * Compares one runtime directory with both readers.
 * @param {string} baseDir
 * @param {Tally} tally
 */
function compare(baseDir, tally) {
  const found = discovery.listInstancesSync({ baseDir })
  const { instances, starting } = readByContract(baseDir)
  assert.deepEqual(found, instances, 'the list is what the contract says')
  compareLatest(baseDir, instances, starting)

  assert.ok(isNewestFirst(found), 'newest first')
  const byGuide = readByGuide(baseDir)
  const defined = byGuide.flatMap((entry) => (entry.verdict === 'instance' ? [entry.instance] : []))
  for (const instance of defined) {
    const same = found.find(({ instanceId }) => instanceId === instance.instanceId)
    assert.deepEqual(same, instance, 'what the guide finds')
  }
  const open = byGuide.filter(({ verdict }) => verdict === 'undefined').length
  if (open === 0) assert.equal(found.length, defined.length, 'no more than the guide finds')
  tally.running += found.length
  tally.byGuide += defined.length
  tally.open += open
}

/**
 * @param {string} baseDir
 * @param {import('osaurus-discovery').OsaurusInstance[]} instances
 * @param {boolean} starting
 */
function compareLatest(baseDir, instances, starting) {
  if (instances.length > 0) {
    assert.deepEqual(
      discovery.discoverLatestRunningInstanceSync({ baseDir }),
      instances[0],
      'the latest is the first',
    )
    return
  }
  const code = starting ? 'OSAURUS_STARTING' : 'OSAURUS_NOT_FOUND'
  assert.throws(() => discovery.discoverLatestRunningInstanceSync({ baseDir }), { code })
}

test(`the addon agrees with two readers in JavaScript on thousands of random directories (OSAURUS_TEST_SEED=${seed})`, async (t) => {
  const root = temporaryDirectory(t, { parent: IN_MEMORY })
  /** @type {Tally} */
  const tally = { runtimes: 0, directories: 0, running: 0, byGuide: 0, open: 0 }
  for (; tally.directories < wanted; tally.runtimes++) {
    const runtimeSeed = (seed + tally.runtimes) >>> 0
    const baseDir = path.join(root, String(tally.runtimes))
    fs.mkdirSync(baseDir)
    tally.directories += makeRandomRuntime(new Random(runtimeSeed), baseDir)
    try {
      compare(baseDir, tally)
      if (tally.runtimes % 10 === 0) {
        const listed = await discovery.listInstances({ baseDir })
        assert.deepEqual(listed, discovery.listInstancesSync({ baseDir }), 'async and sync agree')
      }
    } catch (error) {
      t.diagnostic(
        `reproduce this directory with OSAURUS_TEST_SEED=${runtimeSeed} OSAURUS_TEST_DIRECTORIES=1`,
      )
      throw error
    }
    fs.rmSync(baseDir, { recursive: true })
  }
  t.diagnostic(JSON.stringify(tally))
  if (tally.directories < 1000) return
  assert.ok(tally.byGuide > tally.directories / 10, 'the guide finds many of them')
  assert.ok(tally.running > tally.byGuide, 'the contract some more')
  assert.ok(tally.open > tally.directories / 50, 'the guide does not define some')
})
