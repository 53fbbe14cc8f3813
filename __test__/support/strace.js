// Traces the system calls of a script per thread with strace, and injects faults into them, on Linux.
//
// The addon makes its system calls itself, so a broken disk or an exhausted system can only be imitated in the kernel.
'use strict'

const { spawn } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { PROJECT, fixtureArguments } = require('./run-node.js')
const { temporaryDirectory } = require('./temporary-directory.js')

/**
 * @typedef {{ name: string, args: string, result: string, injected: boolean }} Call as strace prints them
 * @typedef {{ main: Call[], others: Call[][], all: Call[], result: any }} Trace
 */

/**
 * Runs a fixture, a path below __test__/fixtures. `mark` of mark.js makes a system call in it that `between` finds.
 * @param {import('node:test').TestContext} t
 * @param {string} filter which calls, as strace's -e takes them
 * @param {string} fixture
 * @param {unknown} data
 * @param {object} [faults]
 * @param {string[]} [faults.inject] in strace's words, as in `openat:error=EIO:when=2`
 * @param {string[]} [faults.paths] only calls that use one of these are traced or injected
 * @returns {Promise<Trace>}
 */
async function trace(t, filter, fixture, data, { inject = [], paths = [] } = {}) {
  const directory = temporaryDirectory(t)
  const strace = [
    ...['-ff', '-qq', '-s', '256', '-o', path.join(directory, 'thread'), '-e', 'signal=none', '-e', filter],
    ...inject.flatMap((each) => ['-e', `inject=${each}`]),
    ...paths.flatMap((each) => ['-P', each]),
  ]
  const node = [process.execPath, '--unhandled-rejections=throw', ...fixtureArguments(fixture, data)]
  const stdout = await run('strace', [...strace, '--', ...node])
  // One file per thread, named by its id; the first thread runs JavaScript.
  const threads = fs
    .readdirSync(directory)
    .sort((a, b) => Number(a.split('.')[1]) - Number(b.split('.')[1]))
    .map((name) => parse(fs.readFileSync(path.join(directory, name), 'utf8')))
  return { main: threads[0], others: threads.slice(1), all: threads.flat(), result: JSON.parse(stdout) }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<string>} its stdout
 */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: PROJECT, timeout: 60_000, killSignal: 'SIGKILL' })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
    child.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      const missing = `This test traces system calls with ${command}: install it (apt-get install ${command}).`
      reject(error.code === 'ENOENT' ? new Error(missing) : error)
    })
    child.once('close', (code, signal) => {
      if (code === 0) resolve(stdout)
      else reject(new Error(`${command} ended with ${code ?? signal}:\n${stderr}${stdout}`))
    })
  })
}

/**
 * @param {string} text
 * @returns {Call[]}
 */
function parse(text) {
  return text.split('\n').flatMap((line) => {
    const match = /^(\w+)\((.*)\)\s+= (.+)$/.exec(line)
    if (!match) return []
    const [, name, args, result] = match
    return [{ name, args, result, injected: result.includes('(INJECTED)') }]
  })
}

/**
 * Returns the calls of one thread between two marks.
 * @param {Call[]} calls
 * @param {string} from
 * @param {string} to
 */
function between(calls, from, to) {
  const at = (/** @type {string} */ name) => calls.findIndex(({ args }) => args.startsWith(`"/mark/${name}"`))
  if (at(from) < 0 || at(to) < 0) throw new Error(`the marks ${from} and ${to} were not traced`)
  return calls.slice(at(from) + 1, at(to))
}

module.exports = { between, trace }
