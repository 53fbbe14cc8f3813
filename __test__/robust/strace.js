// How does a test see, or spoil, the system calls of a process?
//
// strace counts them, and its fault injection has the kernel answer with the error of a broken disk or of a system
// that has run out: the addon makes its calls itself, so nothing above the kernel could stand in for it.
'use strict'

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')
const { text } = require('node:stream/consumers')

const { PROJECT } = require('../helpers/run-node')

/** Where no file is: asking for it is how a script marks a place in its trace. */
const MARK = '/no-such-file-but-a-mark'

/** @typedef {{ name: string, line: string, injected: boolean }} SystemCall */

/**
 * Runs a script in a Node process of its own, traced, and gives its result and what it asked of the system between
 * its first `mark()` and its second.
 * @param {string} root a folder of the test's own
 * @param {string} script the body of an async function; has `discovery` (loaded when first named), `data`, `mark`
 * @param {object} [options]
 * @param {unknown} [options.data]
 * @param {string} [options.trace] which calls, in strace's words
 * @param {string[]} [options.inject] faults, in strace's words, as in `openat:error=EIO:when=2`
 * @param {string[]} [options.paths] only calls that touch one of these
 * @returns {Promise<{ result: any, calls: SystemCall[] }>}
 */
async function traced(root, script, { data, trace = 'all', inject = [], paths = [] } = {}) {
  const log = path.join(root, 'strace.log')
  const source = `(async () => {
    const data = JSON.parse(process.argv[1])
    Object.defineProperty(globalThis, 'discovery', { get: () => require(${JSON.stringify(PROJECT)}) })
    const mark = () => require('fs').existsSync(${JSON.stringify(MARK)})
    ${script}
  })().then((result) => process.stdout.write(JSON.stringify(result ?? null)))`
  const filter = [
    ...inject.flatMap((each) => ['-e', `inject=${each}`]),
    ...(paths.length > 0 ? [...paths, MARK] : []).flatMap((each) => ['-P', each]),
  ]
  const child = spawn(
    'strace',
    ['-f', '-qq', '-o', log, '-e', `trace=${trace}`, ...filter].concat([
      process.execPath,
      '-e',
      source,
      JSON.stringify(data ?? null),
    ]),
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  assert.equal(code, 0, stderr)
  return { result: JSON.parse(stdout), calls: betweenMarks(fs.readFileSync(log, 'utf8')) }
}

/**
 * @param {string} log
 * @returns {SystemCall[]}
 */
function betweenMarks(log) {
  const lines = log.split('\n')
  const marks = lines.flatMap((line, index) => (line.includes(MARK) ? [index] : []))
  return lines.slice((marks[0] ?? -1) + 1, marks[1]).flatMap((line) => {
    const name = /^\d+\s+([a-z0-9_]+)\(/.exec(line)?.[1]
    return name === undefined ? [] : [{ name, line, injected: line.includes('(INJECTED)') }]
  })
}

module.exports = { traced }
