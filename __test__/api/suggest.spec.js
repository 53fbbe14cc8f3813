// Tests which known word is suggested for a misspelled one.
'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { closestMatch } = require('../../lib/suggest.js')

const OPTIONS = ['baseDir', 'legacyDirs', 'verify', 'probeTimeoutMs', 'signal', 'persistent']
const COMMANDS = ['list', 'url', 'wait', 'watch', 'doctor', 'env', 'fake', 'completion']

/** @type {[word: string, known: string[], meant: string | undefined][]} */
const WORDS = [
  ['vefiry', OPTIONS, 'verify'],
  ['verfy', OPTIONS, 'verify'],
  ['basedir', OPTIONS, 'baseDir'],
  ['probeTimeout', OPTIONS, 'probeTimeoutMs'],
  ['timeout', OPTIONS, undefined],
  ['', OPTIONS, undefined],
  ['toString', OPTIONS, undefined],
  // A swap of neighbors counts as one mistake. If it counted as two, `list` would be as close.
  ['wiat', COMMANDS, 'wait'],
  ['lits', COMMANDS, 'list'],
  ['ulr', COMMANDS, 'url'],
  ['evn', COMMANDS, 'env'],
  ['help', COMMANDS, undefined],
  ['wait', [], undefined],
]

for (const [word, known, meant] of WORDS)
  test(`'${word}' among ${known.join(', ') || 'no words'} ${meant ? `suggests '${meant}'` : 'suggests nothing'}`, () => {
    assert.equal(closestMatch(word, known), meant)
  })
