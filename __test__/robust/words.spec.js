// Tests that the check of words finds what its rules list, and leaves ordinary English alone.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')

const { checkSummary, checkWords } = require('../../scripts/check-words.js')

/** @param {string} text @param {string} [file] */
const found = (text, file = 'docs/page.md') => checkWords(file, text).map(({ says }) => says.split('"')[1])

describe('words', () => {
  for (const [text, word] of [
    ['The watcher begins anew.', 'anew'],
    ['The page is told the state.', 'is told'],
    ['Nobody listens on that port.', 'Nobody'],
    ['A port that is no number is malformed.', 'is no number'],
    ['The server is asked again.', 'is asked'],
    ['Strangers use that port.', 'Strangers'],
    ['The folder is gone.', 'folder'],
    ['It waits for ever.', 'for ever'],
    ['It does not exist any more.', 'any more'],
  ])
    test(`"${text}" is reported`, () => assert.deepEqual(found(text), [word]))

  for (const text of [
    'There is no server, and there are no files.',
    'The server is no longer running; no more than 64 KiB is read.',
    'Read troubleshooting, and recommend it.',
    'The directory of an instance is watched forever.',
    'Runs as the user nobody.',
    'Osaurus folder cannot be read: /tmp/x',
  ])
    test(`"${text}" is not reported`, () => assert.deepEqual(found(text), []))

  test('a report names the file and the line', () => {
    assert.deepEqual(checkWords('lib/a.js', "// One.\n'use strict'\n// Mends it."), [
      { file: 'lib/a.js', line: 3, says: '"Mends": write fix' },
    ])
  })
})

describe('first lines', () => {
  /** @param {string} file @param {string} text */
  const first = (file, text) => checkSummary(file, text).map(({ line, says }) => [line, says.split(':')[0]])

  test('a summary is accepted in every language, also below a shebang', () => {
    assert.deepEqual(first('lib/a.js', "// Validates options.\n'use strict'"), [])
    assert.deepEqual(first('src/a.rs', '//! Debounces file events.\n'), [])
    assert.deepEqual(first('lib/cli/main.js', '#!/usr/bin/env node\n// Runs the command line.\n'), [])
    assert.deepEqual(first('docs/page.md', '# What now?'), [])
  })

  test('a question, a missing summary and one of two lines are reported', () => {
    assert.deepEqual(first('lib/a.js', '// What is wrong?\n'), [[1, 'begins with a question']])
    assert.deepEqual(first('lib/a.js', "'use strict'\n"), [
      [1, 'begins without a comment that says what the file is'],
    ])
    assert.deepEqual(first('src/a.rs', '//! Debounces file events of\n//! all kinds.\n'), [
      [1, 'begins with a summary that is not one sentence on one line'],
    ])
  })
})
