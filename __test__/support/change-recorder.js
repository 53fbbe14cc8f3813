// Records the events of a watcher and checks that they are consistent.
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

/** Several times the watcher's debounce interval. */
const QUIET_MS = 120

/** Records all events, and checks that no change is empty or repeated and that each follows from the previous state. */
class ChangeRecorder {
  /** @type {InstanceChange[]} */
  changes = []
  /** @type {OsaurusError[]} */
  warnings = []
  closed = 0
  /** The inconsistencies found. @type {Error[]} */
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

  /** The ids of the current state, or undefined before the first change. */
  get ids() {
    return this.state?.map(({ instanceId }) => instanceId)
  }

  /** @param {InstanceChange} change */
  #note(change) {
    const before = this.changes.at(-1)
    this.changes.push(structuredClone(change))
    try {
      if (this.closed) assert.fail('a change after close()')
      if (before) assertFollows(before, change)
      else assert.deepEqual(change, { ...change, added: change.instances, updated: [], removed: [] })
      assert.deepEqual(this.watcher.instances, change.instances)
      assert.deepEqual(this.watcher.latest, change.instances[0] ?? null)
      assert.equal(this.watcher.reason, change.reason)
      assert.equal(change.reason === null, change.instances.length > 0, 'a reason exactly if nothing runs')
    } catch (error) {
      this.faults.push(/** @type {Error} */ (error))
    }
  }

  /** Waits until the current state has exactly these ids, in this order. @param {string[]} ids */
  async until(ids) {
    await eventually(() => assert.deepEqual(this.ids, ids))
  }

  /** Waits for the initial state. */
  async started() {
    await eventually(() => assert.ok(this.changes.length > 0))
  }

  /** Waits until no change has arrived for a while. */
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
 * @param {InstanceChange} before
 * @param {InstanceChange} change
 */
function assertFollows(before, { instances, added, updated, removed, reason }) {
  const differs = added.length + updated.length + removed.length > 0 || reason !== before.reason
  assert.ok(differs, 'a change without a difference')
  const old = new Map(before.instances.map((each) => [each.instanceId, each]))
  for (const each of removed) {
    assert.deepEqual(each, old.get(each.instanceId), 'a removed instance differs from the previous state')
    old.delete(each.instanceId)
  }
  const come = new Map([...added, ...updated].map((each) => [each.instanceId, each]))
  for (const { instanceId } of added) assert.ok(!old.has(instanceId), 'an added instance existed before')
  for (const { instanceId } of updated)
    assert.ok(old.delete(instanceId), 'an updated instance did not exist before')
  const stayed = [...old.values()]
  const replayed = instances.map(({ instanceId }) => come.get(instanceId) ?? stayed.shift())
  assert.deepEqual(replayed, instances, 'the change applied to the previous state')
  assert.equal(stayed.length, 0, 'an instance disappeared without a change')
}

/**
 * Opens a watcher, records its events, and closes and checks it when the test ends.
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
