// What did a watcher tell, and does it add up?
'use strict'

const assert = require('node:assert/strict')
const { setTimeout: delay } = require('node:timers/promises')
const { eventually } = require('./measure.js')

/**
 * @typedef {import('osaurus-discovery').InstanceChange} InstanceChange
 * @typedef {import('osaurus-discovery').InstanceWatcher} InstanceWatcher
 * @typedef {import('osaurus-discovery').OsaurusError} OsaurusError
 * @typedef {import('osaurus-discovery').OsaurusInstance} OsaurusInstance
 */

/** Longer than the watcher takes to call it quiet, several times over. */
const QUIET_MS = 120

/** All that a watcher tells, checked as it comes: nothing twice, nothing empty, and every change leads on from the last. */
class ChangeRecorder {
  /** @type {InstanceChange[]} */
  changes = []
  /** @type {OsaurusError[]} */
  warnings = []
  closed = 0
  /** What is wrong with what was told. @type {Error[]} */
  faults = []

  /** @param {InstanceWatcher} watcher */
  constructor(watcher) {
    this.watcher = watcher
    watcher.on('change', (change) => this.#note(change))
    watcher.on('warning', (warning) => this.warnings.push(warning))
    watcher.on('close', () => this.closed++)
  }

  get state() {
    return this.changes.at(-1)?.instances
  }

  /** The ids of the present state, or undefined before the first. */
  get ids() {
    return this.state?.map(({ instanceId }) => instanceId)
  }

  /** @param {InstanceChange} change */
  #note(change) {
    const before = this.state
    this.changes.push(structuredClone(change))
    try {
      if (this.closed) assert.fail('a change after it was closed')
      if (before) assertLeadsOn(before, change)
      else assert.deepEqual(change, { ...change, added: change.instances, updated: [], removed: [] })
      assert.deepEqual(this.watcher.instances, change.instances)
      assert.deepEqual(this.watcher.latest, change.instances[0] ?? null)
    } catch (error) {
      this.faults.push(/** @type {Error} */ (error))
    }
  }

  /** Waits until the present state has just these ids, in this order. @param {string[]} ids */
  async until(ids) {
    await eventually(() => assert.deepEqual(this.ids, ids))
  }

  /** Waits for the state at the start. */
  async started() {
    await eventually(() => assert.ok(this.changes.length > 0))
  }

  /** Waits until nothing has come for a while. */
  async quiet() {
    for (let seen = -1; seen !== this.changes.length;) {
      seen = this.changes.length
      await delay(QUIET_MS)
    }
  }

  check() {
    if (this.faults.length) throw this.faults[0]
  }
}

/**
 * @param {OsaurusInstance[]} before
 * @param {InstanceChange} change
 */
function assertLeadsOn(before, { instances, added, updated, removed }) {
  assert.ok(added.length + updated.length + removed.length > 0, 'a change without a difference')
  const old = new Map(before.map((each) => [each.instanceId, each]))
  for (const each of removed) {
    assert.deepEqual(each, old.get(each.instanceId), 'removed as it was')
    old.delete(each.instanceId)
  }
  const come = new Map([...added, ...updated].map((each) => [each.instanceId, each]))
  for (const { instanceId } of added) assert.ok(!old.has(instanceId), 'added, and there before')
  for (const { instanceId } of updated) assert.ok(old.delete(instanceId), 'updated, and not there before')
  const stayed = [...old.values()]
  const replayed = instances.map(({ instanceId }) => come.get(instanceId) ?? stayed.shift())
  assert.deepEqual(replayed, instances, 'the change replayed on the state before')
  assert.equal(stayed.length, 0, 'gone without being told')
}

/**
 * A watcher that is closed with the test, and its record, which is checked then.
 * @param {{ after(fn: () => unknown): void }} t
 * @param {import('osaurus-discovery').WatchOptions} options
 */
function recordChanges(t, options) {
  const record = new ChangeRecorder(require('../..').watchInstances(options))
  t.after(() => {
    record.watcher.close()
    record.check()
  })
  return record
}

module.exports = { QUIET_MS, ChangeRecorder, recordChanges }
