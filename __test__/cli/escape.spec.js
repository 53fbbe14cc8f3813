// Is text that comes from a file shown so that it cannot command the terminal?
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { json, printable } = require('../../lib/cli/escape.js')
const { UNSAFE } = require('../support/cli/command.js')

describe('printable()', () => {
  /** @type {[string, string, string][]} */
  const cases = [
    ['leaves a URL as it is', 'http://127.0.0.1:1337/', 'http://127.0.0.1:1337/'],
    [
      'leaves the letters of every script as they are',
      'Größe 大恐竜 공룡 דינוזאור',
      'Größe 大恐竜 공룡 דינוזאור',
    ],
    ['leaves an emoji as it is', 'Osaurus 🦕', 'Osaurus 🦕'],
    ['leaves a backslash as it is', 'C:\\Users', 'C:\\Users'],
    ['shows a line feed', 'a\nb', 'a\\nb'],
    ['shows a carriage return', 'a\rb', 'a\\rb'],
    ['shows a tab', 'a\tb', 'a\\tb'],
    ['shows a NUL', 'a\0b', 'a\\x00b'],
    ['shows a bell', 'a\x07b', 'a\\x07b'],
    ['shows a backspace', 'a\bb', 'a\\x08b'],
    ['shows a colour', '\x1b[31mred', '\\x1b[31mred'],
    ['shows a window title', '\x1b]0;title\x07', '\\x1b]0;title\\x07'],
    ['shows a link', '\x1b]8;;http://x\x1b\\y', '\\x1b]8;;http://x\\x1b\\y'],
    ['shows a delete', 'a\x7fb', 'a\\x7fb'],
    ['shows the one-character escape of eight bits', 'a\x9b31mb', 'a\\x9b31mb'],
    ['shows a next line', 'a\x85b', 'a\\x85b'],
    ['shows a right-to-left override', 'a\u202eb', 'a\\u202eb'],
    [
      'shows the other marks of direction',
      '\u200e\u200f\u061c\u202a\u202c',
      '\\u200e\\u200f\\u061c\\u202a\\u202c',
    ],
    ['shows isolates', '\u2066\u2067\u2068\u2069', '\\u2066\\u2067\\u2068\\u2069'],
    ['shows characters of no width', 'a\u200b\u200d\ufeff\u00adb', 'a\\u200b\\u200d\\ufeff\\xadb'],
    ['shows line and paragraph separators', '\u2028\u2029', '\\u2028\\u2029'],
    ['shows invisible tags', 'a\u{e0041}b', 'a\\u{e0041}b'],
    ['shows half a surrogate pair', 'a\ud800b', 'a\\ud800b'],
    ['shows a private character', 'a\ue000b', 'a\\ue000b'],
    ['shows a character that is none', 'a\uffffb', 'a\\uffffb'],
  ]
  for (const [name, text, shown] of cases) {
    test(name, () => {
      assert.equal(printable(text), shown)
      assert.doesNotMatch(printable(text), UNSAFE)
    })
  }
})

describe('json()', () => {
  test('holds no unsafe character, whatever the value, and parses back to it', () => {
    for (let code = 0; code <= 0x10ffff; code += code < 0x3000 ? 1 : 97) {
      const value = { [String.fromCodePoint(code)]: `${String.fromCodePoint(code)}x` }
      const text = json(value)
      assert.doesNotMatch(text, UNSAFE)
      assert.deepEqual(JSON.parse(text), value)
    }
  })

  test('breaks lines only where JSON does', () => {
    assert.equal(json({ a: ['b\nc'] }), '{\n  "a": [\n    "b\\nc"\n  ]\n}')
    assert.equal(json({ a: ['b\nc'] }, 0), '{"a":["b\\nc"]}')
  })
})
