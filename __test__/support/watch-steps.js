// Tests a watcher step by step: what happens to its directories, and whom its state then has.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { listInstances } = require('../..')
const { recordChanges } = require('./change-recorder.js')
const { eventually } = require('./measure.js')
const { temporaryDirectory } = require('./temporary-directory.js')
const { publish } = require('./watch-publisher.js')

/**
 * @typedef {object} Ground where a step happens; all paths are below one directory of the test's own
 * @property {(name: string) => string} at a path
 * @property {string} runtime the watched directory: home/.osaurus/runtime
 */

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {(ground: Ground) => void} [given] what there is before; default: one instance, OLD, published
 * @property {[(ground: Ground) => void, string[]][]} steps what happens, and whom the state then has
 */

/** Publishes one instance, OLD. @param {Ground} ground */
const oldOne = ({ runtime }) => publish(runtime, 'OLD')

/** Makes every row a test. @param {Row[]} rows */
function testSteps(rows) {
  for (const { name, given = oldOne, steps } of rows) {
    test(name, async (t) => {
      const root = temporaryDirectory(t)
      const at = (/** @type {string} */ part) => path.join(root, part)
      const ground = { at, runtime: at('home/.osaurus/runtime') }
      fs.mkdirSync(at('home'))
      given(ground)
      const record = recordChanges(t, { baseDir: ground.runtime })
      await record.started()
      for (const [index, [step, ids]] of steps.entries()) {
        step(ground)
        // Published in one second, and so in the order of the files, which some file systems tell no finer.
        await eventually(() => assert.deepEqual(record.ids?.toSorted(), ids.toSorted(), `step ${index + 1}`))
      }
      await record.quiet()
      assert.deepEqual(
        record.watcher.instances,
        await listInstances({ baseDir: ground.runtime }).catch(() => []),
      )
    })
  }
}

module.exports = { oldOne, testSteps }
