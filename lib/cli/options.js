// Which options are there, and what may stand behind each?
'use strict'

const os = require('node:os')
const path = require('node:path')

const { parseDuration } = require('./duration.js')
const { printable } = require('./escape.js')
const { UsageError } = require('./usage-error.js')

/**
 * @typedef {object} Option
 * @property {string} help what it does, for whom it is new
 * @property {string} [value] what stands behind it, such as `DIR`; none for a switch
 * @property {string} [short] its one letter
 * @property {readonly string[]} [oneOf] all values there are
 * @property {(text: string, name: string) => unknown} [parse] throws a UsageError
 */

/**
 * @typedef {object} Options as the commands get them
 * @property {string} [base-dir]
 * @property {boolean} [no-verify]
 * @property {number} [probe-timeout]
 * @property {boolean} [json]
 * @property {boolean} [all]
 * @property {number} [timeout]
 * @property {Shell} [shell]
 * @property {number} [port]
 * @property {boolean} [expose]
 * @property {boolean} [starting]
 */

/** @typedef {'sh' | 'fish' | 'powershell'} Shell */

const SHELLS = /** @type {const} */ (['sh', 'fish', 'powershell'])
const LONGEST = 2 ** 31 - 1 // Milliseconds, 24.8 days: the most that timers and waitForRunningInstance() take.

/** @satisfies {Record<string, Option>} */
const OPTIONS = {
  'base-dir': {
    value: 'DIR',
    help: 'look in this folder alone; default ~/.osaurus/runtime and, unless --no-verify, where older versions published',
    parse: parseFolder,
  },
  'no-verify': { help: 'trust the files; default: count only servers that answer as Osaurus' },
  'probe-timeout': {
    value: 'MS',
    help: 'how long a server may take to answer: 800ms, 2s; a plain number is milliseconds; 1ms to 60s, default 500ms',
    parse: (/** @type {string} */ text, /** @type {string} */ name) =>
      parseTime(text, name, 'ms', [1, 60_000], 'from 1ms to 60s, such as 800 (milliseconds) or 2s'),
  },
  all: { help: 'also what was left out, and why' },
  timeout: {
    value: 'TIME',
    help: 'give up after this: 500ms, 30s, 2m, 1h; a plain number is seconds; 0 looks once, infinity never gives up; default 30s',
    parse: (/** @type {string} */ text, /** @type {string} */ name) =>
      text === 'infinity'
        ? Infinity
        : parseTime(
            text,
            name,
            's',
            [0, LONGEST],
            'of at most 596h, such as 500ms, 30s, 2m or 1h, or infinity',
          ),
  },
  shell: {
    value: 'SHELL',
    help: 'sh (also bash, zsh), fish or powershell; default: by $SHELL',
    oneOf: SHELLS,
    parse: parseShell,
  },
  port: {
    value: 'PORT',
    help: 'listen on this port of 127.0.0.1, 1 to 65535; default: a free one',
    parse: parsePort,
  },
  expose: { help: 'as after "expose to network": asks for an access key, publishes a LAN address' },
  starting: { help: 'publish that it is starting, and listen nowhere' },
  json: { help: 'print the same as JSON' },
  help: { help: 'this text', short: 'h' },
  version: { help: 'the version of osaurus-discovery', short: 'v' },
}

/** Those of every command that looks for servers, in the order of its help. */
const DISCOVERY = /** @type {const} */ (['base-dir', 'no-verify', 'probe-timeout', 'json'])

/**
 * What the functions of `osaurus-discovery` are asked: the command line verifies unless told not to.
 * @param {Options} options
 * @param {AbortSignal} signal
 */
function discoverOptions(options, signal) {
  return {
    baseDir: options['base-dir'],
    verify: !options['no-verify'],
    probeTimeoutMs: options['probe-timeout'],
    signal,
  }
}

/** @param {string} text @param {string} name */
function parseFolder(text, name) {
  if (text === '') throw new UsageError(`${name} needs the path of a folder, and got an empty one.`)
  // A shell leaves the ~ of --base-dir=~/x alone, and a folder called ~ is what nobody means.
  return path.resolve(text.replace(/^~(?=[\\/]|$)/, os.homedir()))
}

/**
 * @param {string} text
 * @param {string} name
 * @param {'ms' | 's'} unit
 * @param {[number, number]} range in milliseconds
 * @param {string} allowed in words
 */
function parseTime(text, name, unit, [least, most], allowed) {
  const ms = parseDuration(text, unit)
  if (ms === undefined || ms < least || ms > most) {
    throw new UsageError(`${name} needs a time ${allowed}. It got '${printable(text)}'.`)
  }
  return ms
}

/** @param {string} text @param {string} name */
function parsePort(text, name) {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port >= 1 && port <= 65535) return port
  throw new UsageError(
    `${name} needs a port from 1 to 65535; leave it out for a free one. It got '${printable(text)}'.`,
  )
}

/** @param {string} text @param {string} name */
function parseShell(text, name) {
  if (SHELLS.some((shell) => shell === text)) return text
  const near = require('../suggest.js').closestMatch(text, SHELLS)
  const hint = near ? ` Did you mean '${near}'?` : ''
  throw new UsageError(`${name} needs one of ${SHELLS.join(', ')}. It got '${printable(text)}'.${hint}`)
}

module.exports = { DISCOVERY, OPTIONS, SHELLS, discoverOptions }
