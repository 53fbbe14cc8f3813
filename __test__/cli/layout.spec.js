// Tests wrapping, tables and durations.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { parseDuration } = require('../../lib/cli/options.js')
const { ago, elapsed, table, widthOf, wrap } = require('../../lib/cli/text.js')

describe('widthOf()', () => {
  /** @type {[string, string, number][]} */
  const cases = [
    ['counts a letter as one column', 'abc', 3],
    ['counts a Chinese character as two columns', '恐龙', 4],
    ['counts Hangul as two columns', '공룡', 4],
    ['counts an emoji as two columns', '🦕', 2],
    ['counts a full-width letter as two columns', 'Ａ', 2],
    ['counts a combining accent as no column', 'e\u0301', 1],
  ]
  for (const [name, text, width] of cases) test(name, () => assert.equal(widthOf(text), width))
})

describe('wrap()', () => {
  test('wrap() breaks at spaces and indents continuation lines', () => {
    assert.deepEqual(wrap('one two three', 8, '> ', '  '), ['> one', '  two', '  three'])
    assert.deepEqual(wrap('one two three', 9, '> '), ['> one two', '  three'])
  })

  test('wrap() keeps a long word in one piece', () => {
    assert.deepEqual(wrap('see /a/very/long/path now', 8), ['see', '/a/very/long/path', 'now'])
  })
})

describe('table()', () => {
  const columns = [{ title: 'A' }, { title: 'BB' }]
  const rows = [
    ['恐龙', 'x'],
    ['y', 'zz'],
  ]
  /** @param {number} width */
  const screen = (width) =>
    /** @type {import('../../lib/cli/screen.js').Screen} */ (
      /** @type {unknown} */ ({
        columns: width,
        style: (/** @type {unknown} */ _, /** @type {string} */ text) => text,
      })
    )

  test('table() aligns by terminal columns, not by string length', () => {
    assert.deepEqual(table(columns, rows, screen(80)), ['A     BB', '恐龙  x', 'y     zz'])
  })

  test('table() becomes blocks if it is wider than the screen', () => {
    assert.deepEqual(table(columns, rows, screen(7)), ['恐龙', '  bb  x', '', 'y', '  bb', '    zz'])
  })
})

describe('parseDuration()', () => {
  /** @type {[string, 'ms' | 's', number | undefined][]} */
  const cases = [
    ['30', 's', 30_000],
    ['30', 'ms', 30],
    ['0', 's', 0],
    ['500ms', 's', 500],
    ['1.5s', 'ms', 1500],
    ['.5m', 's', 30_000],
    ['1h', 's', 3_600_000],
    ['', 's', undefined],
    ['s', 's', undefined],
    ['-1s', 's', undefined],
    ['1 s', 's', undefined],
    ['1e3', 's', undefined],
    ['0x10', 's', undefined],
    ['1d', 's', undefined],
    ['Infinity', 's', undefined],
    ['1.', 's', undefined],
  ]
  for (const [text, unit, ms] of cases) {
    test(`parseDuration() parses '${text}' as ${ms === undefined ? 'invalid' : `${ms} ms, with plain numbers in ${unit}`}`, () =>
      assert.equal(parseDuration(text, unit), ms))
  }
})

test('ago() formats past and future times', () => {
  const minute = 60_000
  const cases = /** @type {const} */ ([
    [0, 'just now'],
    [999, 'just now'],
    [1000, '1 second ago'],
    [59_999, '59 seconds ago'],
    [minute, '1 minute ago'],
    [119 * minute, '1 hour ago'],
    [48 * 60 * minute, '2 days ago'],
    [800 * 24 * 60 * minute, '2 years ago'],
    [-3 * minute, 'in 3 minutes'],
  ])
  for (const [past, words] of cases) assert.equal(ago(1e12 - past, 1e12), words)
})

test('elapsed() formats like a stopwatch', () => {
  assert.deepEqual([7000, 127_000, 3_720_000].map(elapsed), ['7s', '2m 07s', '1h 02m'])
})
