// Which commands are there, and how does a test run each where it has something to say?
'use strict'

const path = require('node:path')
const { startCommand } = require('./command.js')
const { fakeFor } = require('./fake.js')
const { CTRL_C, terminal } = require('./terminal.js')
const { runtimeDirectory } = require('../runtime-directory.js')
const { temporaryDirectory } = require('../temporary-directory.js')

/**
 * @typedef {object} Traits
 * @property {boolean} [looks] for servers
 * @property {boolean} [isData] what it prints is for programs: the same wherever it goes
 * @property {boolean} [isPlain] it has no words beside its data that could be coloured
 * @property {{ terminal: RegExp, pipe: [RegExp, 'stdout' | 'stderr'] }} [stays] until Ctrl-C; what it has said by then
 */

/** By how each is called. @type {Readonly<Record<string, Traits>>} */
const EVERY_COMMAND = {
  list: { looks: true },
  'list --all': { looks: true },
  url: { looks: true, isData: true, isPlain: true },
  wait: { looks: true, isData: true },
  watch: {
    looks: true,
    stays: { terminal: /running[^]*unchanged for/, pipe: [/running/, 'stdout'] },
  },
  doctor: { looks: true },
  env: { looks: true, isData: true },
  fake: { stays: { terminal: /Ctrl-C ends it/, pipe: [/Ctrl-C ends it/, 'stderr'] } },
  'completion bash': { isData: true, isPlain: true },
}

/** The names of those that are of a kind. @param {(traits: Traits) => unknown} [isWanted] */
function everyCommand(isWanted = () => true) {
  return Object.keys(EVERY_COMMAND).filter((name) => isWanted(EVERY_COMMAND[name]))
}

/**
 * A folder where one server runs, another has crashed, and a third has written nonsense; with the one that runs.
 * @param {{ after(fn: () => unknown): void }} t
 */
async function oneOfEach(t) {
  const runtime = runtimeDirectory(t)
  runtime.publish({ port: 1 })
  runtime.write('BROKEN', 'nonsense')
  return fakeFor(t, { baseDir: runtime.baseDir })
}

/**
 * The words to call a command with. The fake publishes in a folder of its own, whose path is wider than a narrow terminal.
 * @param {{ after(fn: () => unknown): void }} t
 * @param {string} name
 * @param {string} baseDir where it looks for servers
 */
function callOf(t, name, baseDir) {
  const own = () => path.join(temporaryDirectory(t), 'a-folder-in-which-nobody-else-publishes')
  // However busy the machine, no server that lives looks dead.
  const looking = ['--base-dir', baseDir, '--probe-timeout', '60000']
  if (EVERY_COMMAND[name].looks) return [...name.split(' '), ...looking]
  return name === 'fake' ? ['fake', '--base-dir', own()] : name.split(' ')
}

/**
 * Runs a command in a terminal of its own, to its end or to Ctrl-C.
 * @param {{ after(fn: () => unknown): void }} t
 * @param {string} name
 * @param {string} baseDir
 * @param {import('./terminal.js').Options} [options]
 */
async function inTerminal(t, name, baseDir, options) {
  const term = terminal(t, callOf(t, name, baseDir), options)
  const { stays } = EVERY_COMMAND[name]
  if (stays) {
    await term.until(stays.terminal)
    term.type(CTRL_C)
  }
  return { expected: stays ? 130 : 0, ...(await term.ended()) }
}

/**
 * The same in a pipe.
 * @param {{ after(fn: () => unknown): void }} t
 * @param {string} name
 * @param {string} baseDir
 */
async function inPipe(t, name, baseDir) {
  const running = startCommand(callOf(t, name, baseDir))
  t.after(() => running.kill('SIGKILL'))
  const { stays } = EVERY_COMMAND[name]
  if (stays) {
    await running.until(...stays.pipe)
    running.kill('SIGINT')
  }
  return { expected: stays ? 130 : 0, ...(await running.ended()) }
}

module.exports = { EVERY_COMMAND, callOf, everyCommand, inPipe, inTerminal, oneOfEach }
