// Generates random runtime directories, from regular to malformed.
'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { randomFile } = require('./random-file.js')

/**
 * @typedef {InstanceType<typeof import('./random.js').Random>} Random
 * @typedef {'instance' | 'empty' | 'plain-file' | 'link' | 'linked-file' | 'directory-as-file' | 'nested'} Kind
 */

/** @type {Kind[]} */
const ODD_KINDS = ['empty', 'plain-file', 'link', 'linked-file', 'directory-as-file', 'nested']

/** Only a few, so that ties occur, with the fractions that file systems store. */
const MODIFIED = [1757334912, 1757334912.25, 1757334913, 1757334912.123456, 1700000000.5, 0, 4102444800]

/** Names that are not UUIDs and differ in more than case. */
const ODD_NAMES = [
  'a',
  'my mac',
  '.hidden',
  '...',
  '🦕',
  'new\nline',
  '-rf',
  '%41',
  "'",
  'null',
  '__proto__',
  'configuration.json',
]

/** Names that are not UTF-8, which only Linux allows. */
const BYTE_NAMES =
  process.platform === 'linux' ? [Buffer.from([0x61, 0xff, 0x62]), Buffer.from([0xf0, 0x9f, 0xa6])] : []

/** @param {Random} random */
function uuid(random) {
  const hex = Array.from({ length: 32 }, () => random.below(16).toString(16)).join('')
  return hex.toUpperCase().replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/**
 * Fills an empty directory with up to a dozen entries.
 * @param {Random} random
 * @param {string} baseDir
 * @returns {number} how many entries it made
 */
function makeRandomRuntime(random, baseDir) {
  const oddNames = random.shuffle([...ODD_NAMES, ...BYTE_NAMES])
  const count = random.below(13)
  /** @type {Buffer[]} */
  const made = []
  for (let i = 0; i < count; i++) {
    const id = uuid(random)
    const name = random.chance(0.15) ? /** @type {string | Buffer} */ (oddNames.pop()) : id
    const target = Buffer.concat([Buffer.from(baseDir + path.sep), Buffer.from(name)])
    const kind = random.chance(0.12) ? random.pick(ODD_KINDS) : 'instance'
    makeEntry(random, kind, id, target, made)
    made.push(target)
  }
  return count
}

/**
 * @param {Random} random
 * @param {Kind} kind
 * @param {string} id
 * @param {Buffer} target
 * @param {readonly Buffer[]} made
 */
function makeEntry(random, kind, id, target, made) {
  const inside = (/** @type {string} */ name) => Buffer.concat([target, Buffer.from(path.sep + name)])
  if (kind === 'plain-file') return fs.writeFileSync(target, randomFile(random, id))
  if (kind === 'link')
    return fs.symlinkSync(made.length > 0 ? random.pick(made) : Buffer.from('nowhere'), target)

  fs.mkdirSync(target)
  if (kind === 'nested') {
    fs.mkdirSync(inside('nested'))
    fs.writeFileSync(inside('nested/configuration.json'), randomFile(random, id))
  } else if (kind === 'directory-as-file') {
    fs.mkdirSync(inside('configuration.json'))
  } else if (kind === 'linked-file') {
    fs.writeFileSync(inside('elsewhere.json'), randomFile(random, id))
    fs.symlinkSync('elsewhere.json', inside('configuration.json'))
  } else if (kind === 'instance') {
    const file = inside('configuration.json')
    fs.writeFileSync(file, randomFile(random, id))
    const modified = random.pick(MODIFIED)
    fs.utimesSync(file, modified, modified)
  }
  const modified = random.pick(MODIFIED)
  fs.utimesSync(target, modified, modified)
}

module.exports = { makeRandomRuntime }
