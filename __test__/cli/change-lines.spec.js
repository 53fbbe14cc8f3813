// Tests the lines that `watch` prints for a change.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { formatChange } = require('../../lib/cli/change-lines.js')

/** @typedef {import('osaurus-discovery').OsaurusInstance} OsaurusInstance */

const NOW = new Date(2026, 0, 2, 3, 4, 5)

/** @param {number} columns */
const screenOf = (columns) =>
  /** @type {import('../../lib/cli/screen.js').Screen} */ (
    /** @type {unknown} */ ({
      columns,
      style: (/** @type {unknown} */ _, /** @type {string} */ text) => text,
    })
  )

/**
 * @param {string} instanceId
 * @param {Partial<OsaurusInstance>} [more]
 * @returns {OsaurusInstance}
 */
function instance(instanceId, more) {
  const url = 'http://127.0.0.1:1337'
  return { instanceId, updatedAt: 1, address: '127.0.0.1', port: 1337, url, exposeToNetwork: false, ...more }
}

const NOTHING = { instances: [], added: [], updated: [], removed: [], reason: null }

/**
 * @param {object} change
 * @param {{ before?: OsaurusInstance[], columns?: number }} [options]
 */
function lines(change, { before = [], columns = Infinity } = {}) {
  return formatChange({ ...NOTHING, ...change }, before, NOW, screenOf(columns))
}

describe('formatChange()', () => {
  test('formatChange() prints removed servers, then added ones, then updated ones', () => {
    const change = {
      added: [instance('B', { exposeToNetwork: true })],
      updated: [instance('C', { url: 'http://127.0.0.1:2' })],
      removed: [instance('A')],
    }
    assert.deepEqual(lines(change, { before: [instance('A'), instance('C')] }), [
      '03:04:05  gone     http://127.0.0.1:1337  A',
      '03:04:05  running  http://127.0.0.1:1337  exposed to the network  B',
      '03:04:05  changed  http://127.0.0.1:2  was http://127.0.0.1:1337  C',
    ])
  })

  test('formatChange() drops the least important fields on a narrow screen', () => {
    const change = { added: [instance('B', { exposeToNetwork: true })] }
    assert.deepEqual(
      lines(change, { columns: 57 }),
      ['03:04:05  running  http://127.0.0.1:1337  exposed to the network'].map((line) => line.slice(10)),
    )
    assert.deepEqual(lines(change, { columns: 30 }), ['running  http://127.0.0.1:1337'])
  })

  /** @type {[string, string][]} */
  const reasons = [
    ['OSAURUS_NOT_FOUND', 'Osaurus is not running'],
    ['OSAURUS_STARTING', 'Osaurus is starting'],
    ['OSAURUS_NOT_RESPONDING', 'Osaurus is not responding'],
    ['OSAURUS_ACCESS_DENIED', 'A directory may not be read'],
    ['OSAURUS_IO', 'A directory cannot be read'],
  ]
  for (const [reason, words] of reasons) {
    test(`formatChange() prints the reason ${reason} after the servers that are gone`, () => {
      assert.deepEqual(lines({ removed: [instance('A')], reason }), [
        '03:04:05  gone     http://127.0.0.1:1337  A',
        `03:04:05  none     ${words}`,
      ])
      const [narrow] = lines({ reason }, { columns: 40 })
      assert.ok(narrow.length <= 40 && narrow.endsWith(words), narrow)
    })
  }
})
