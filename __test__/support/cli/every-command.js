// Lists all commands, and runs each one so that it prints something.
'use strict'

const path = require('node:path')
const { startCommand } = require('./command.js')
const { fakeFor } = require('./fake.js')
const { CTRL_C, terminal } = require('./terminal.js')
const { runtimeDirectory } = require('../runtime-directory.js')
const { temporaryDirectory } = require('../temporary-directory.js')

/**
 * @typedef {object} Traits
 * @property {boolean} [discovers] takes the options of discovery
 * @property {boolean} [isData] its output is for programs, and the same on a terminal and in a pipe
 * @property {boolean} [isPlain] it prints nothing that could be coloured
 * @property {{ terminal: RegExp, pipe: [RegExp, 'stdout' | 'stderr'] }} [untilCtrlC] it runs until Ctrl-C; matches its output before that
 */

/** The traits of each command line. @type {Readonly<Record<string, Traits>>} */
const EVERY_COMMAND = {
  list: { discovers: true },
  'list --all': { discovers: true },
  url: { discovers: true, isData: true, isPlain: true },
  wait: { discovers: true, isData: true },
  watch: {
    discovers: true,
    untilCtrlC: { terminal: /running[^]*unchanged for/, pipe: [/running/, 'stdout'] },
  },
  launch: { discovers: true, isData: true },
  doctor: { discovers: true },
  env: { discovers: true, isData: true },
  fake: { untilCtrlC: { terminal: /Ctrl-C to stop/, pipe: [/Ctrl-C to stop/, 'stderr'] } },
  'completion bash': { isData: true, isPlain: true },
}

/** Returns the names of all commands that a filter accepts. @param {(traits: Traits) => unknown} [isWanted] */
function everyCommand(isWanted = () => true) {
  return Object.keys(EVERY_COMMAND).filter((name) => isWanted(EVERY_COMMAND[name]))
}

/**
 * Starts a server in a directory that also has the entry of a crashed server and a malformed one.
 * @param {{ after(fn: () => unknown): void }} t
 */
async function oneOfEach(t) {
  const runtime = runtimeDirectory(t)
  runtime.publish({ port: 1 })
  runtime.write('BROKEN', 'nonsense')
  return fakeFor(t, { baseDir: runtime.baseDir })
}

/**
 * Returns the arguments for a command. `fake` gets its own directory, whose path is wider than a narrow terminal.
 * @param {{ after(fn: () => unknown): void }} t
 * @param {string} name
 * @param {string} baseDir the directory to scan
 */
function callOf(t, name, baseDir) {
  const ownDirectory = () => path.join(temporaryDirectory(t), 'a-directory-where-no-other-server-publishes')
  // Long enough for a live server on a busy machine.
  const discoveryArgs = ['--base-dir', baseDir, '--probe-timeout', '60000']
  if (EVERY_COMMAND[name].discovers) return [...name.split(' '), ...discoveryArgs]
  return name === 'fake' ? ['fake', '--base-dir', ownDirectory()] : name.split(' ')
}

/**
 * Runs a command in a new terminal until it ends, or ends it with Ctrl-C.
 * @param {{ after(fn: () => unknown): void }} t
 * @param {string} name
 * @param {string} baseDir
 * @param {import('./terminal.js').Options} [options]
 */
async function inTerminal(t, name, baseDir, options) {
  const term = terminal(t, callOf(t, name, baseDir), options)
  const { untilCtrlC } = EVERY_COMMAND[name]
  if (untilCtrlC) {
    await term.until(untilCtrlC.terminal)
    term.type(CTRL_C)
  }
  return { expected: untilCtrlC ? 130 : 0, ...(await term.ended()) }
}

/**
 * Runs a command in a pipe until it ends, or ends it with SIGINT.
 * @param {{ after(fn: () => unknown): void }} t
 * @param {string} name
 * @param {string} baseDir
 */
async function inPipe(t, name, baseDir) {
  const running = startCommand(callOf(t, name, baseDir))
  t.after(() => running.kill('SIGKILL'))
  const { untilCtrlC } = EVERY_COMMAND[name]
  if (untilCtrlC) {
    await running.until(...untilCtrlC.pipe)
    running.kill('SIGINT')
  }
  return { expected: untilCtrlC ? 130 : 0, ...(await running.ended()) }
}

module.exports = { EVERY_COMMAND, callOf, everyCommand, inPipe, inTerminal, oneOfEach }
