// Tests that text from files cannot control the terminal.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { json, printable } = require('../../lib/cli/text.js')
const { UNSAFE } = require('../support/cli/command.js')

describe('printable()', () => {
  /** @type {[string, string, string][]} */
  const cases = [
    ['keeps a URL', 'http://127.0.0.1:1337/', 'http://127.0.0.1:1337/'],
    ['keeps the letters of every script', 'Größe 大恐竜 공룡 דינוזאור', 'Größe 大恐竜 공룡 דינוזאור'],
    ['keeps an emoji', 'Osaurus 🦕', 'Osaurus 🦕'],
    ['keeps a backslash', 'C:\\Users', 'C:\\Users'],
    ['escapes a line feed', 'a\nb', 'a\\nb'],
    ['escapes a carriage return', 'a\rb', 'a\\rb'],
    ['escapes a tab', 'a\tb', 'a\\tb'],
    ['escapes a NUL', 'a\0b', 'a\\x00b'],
    ['escapes a bell', 'a\x07b', 'a\\x07b'],
    ['escapes a backspace', 'a\bb', 'a\\x08b'],
    ['escapes a colour', '\x1b[31mred', '\\x1b[31mred'],
    ['escapes a window title', '\x1b]0;title\x07', '\\x1b]0;title\\x07'],
    ['escapes a link', '\x1b]8;;http://x\x1b\\y', '\\x1b]8;;http://x\\x1b\\y'],
    ['escapes a delete', 'a\x7fb', 'a\\x7fb'],
    ['escapes the one-character escape of eight bits', 'a\x9b31mb', 'a\\x9b31mb'],
    ['escapes a next line', 'a\x85b', 'a\\x85b'],
    ['escapes a right-to-left override', 'a\u202eb', 'a\\u202eb'],
    [
      'escapes the other direction marks',
      '\u200e\u200f\u061c\u202a\u202c',
      '\\u200e\\u200f\\u061c\\u202a\\u202c',
    ],
    ['escapes isolates', '\u2066\u2067\u2068\u2069', '\\u2066\\u2067\\u2068\\u2069'],
    ['escapes zero-width characters', 'a\u200b\u200d\ufeff\u00adb', 'a\\u200b\\u200d\\ufeff\\xadb'],
    ['escapes line and paragraph separators', '\u2028\u2029', '\\u2028\\u2029'],
    ['escapes invisible tags', 'a\u{e0041}b', 'a\\u{e0041}b'],
    ['escapes a lone surrogate', 'a\ud800b', 'a\\ud800b'],
    ['escapes a private-use character', 'a\ue000b', 'a\\ue000b'],
    ['escapes an unassigned character', 'a\uffffb', 'a\\uffffb'],
  ]
  for (const [name, text, shown] of cases) {
    test(`printable() ${name}`, () => {
      assert.equal(printable(text), shown)
      assert.doesNotMatch(printable(text), UNSAFE)
    })
  }
})

describe('json()', () => {
  test('json() contains no unsafe character for any value, and parses back to it', () => {
    for (let code = 0; code <= 0x10ffff; code += code < 0x3000 ? 1 : 97) {
      const value = { [String.fromCodePoint(code)]: `${String.fromCodePoint(code)}x` }
      const text = json(value)
      assert.doesNotMatch(text, UNSAFE)
      assert.deepEqual(JSON.parse(text), value)
    }
  })

  test('json() breaks lines only between JSON tokens', () => {
    assert.equal(json({ a: ['b\nc'] }), '{\n  "a": [\n    "b\\nc"\n  ]\n}')
    assert.equal(json({ a: ['b\nc'] }, 0), '{"a":["b\\nc"]}')
  })
})
