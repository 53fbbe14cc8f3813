// Is the word that was probably meant found, and none where nothing is near?
'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { nearest } = require('../../lib/suggest.js')

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
  // Swapped neighbours are one mistake: with two, `list` would be as near.
  ['wiat', COMMANDS, 'wait'],
  ['lits', COMMANDS, 'list'],
  ['ulr', COMMANDS, 'url'],
  ['evn', COMMANDS, 'env'],
  ['help', COMMANDS, undefined],
  ['wait', [], undefined],
]

for (const [word, known, meant] of WORDS)
  test(`'${word}' of ${known.join(', ') || 'no words'}: ${meant ?? 'none is meant'}`, () => {
    assert.equal(nearest(word, known), meant)
  })
