// Declares the options of all commands, and parses their values.
'use strict'

const path = require('node:path')

const {
  LAUNCH_TIMEOUT_MS,
  MAX_TIMER_MS,
  NETWORK_TIMEOUT_MS,
  PROBE_TIMEOUT_MS,
  PROBE_TIMEOUT_RANGE_MS,
  WAIT_TIMEOUT_MS,
} = require('../defaults.js')
const { printable } = require('./text.js')

/**
 * @typedef {object} Option
 * @property {string} help an imperative phrase
 * @property {string} [value] the placeholder of its value, such as `DIR`; switches have none
 * @property {string} [short] its one-letter name
 * @property {readonly string[]} [oneOf] all values that it accepts
 * @property {(text: string, name: string) => unknown} [parse] throws a UsageError
 */

/**
 * @typedef {object} Options as the commands receive them
 * @property {string} [base-dir]
 * @property {boolean} [no-verify]
 * @property {number} [probe-timeout]
 * @property {boolean} [json]
 * @property {boolean} [all]
 * @property {boolean | string} [network]
 * @property {number} [timeout]
 * @property {boolean} [launch]
 * @property {Shell} [shell]
 * @property {number} [port]
 * @property {boolean} [expose]
 * @property {'loopback' | 'network'} [advertise]
 * @property {boolean} [starting]
 * @property {number} [word-delay]
 */

/** @typedef {'sh' | 'fish' | 'powershell'} Shell */

/** A mistake on the command line. It ends the process with exit code 2. */
class UsageError extends Error {
  /**
   * @param {string} message what is wrong and what is right
   * @param {string} [command] the name of the command whose help explains more
   */
  constructor(message, command) {
    super(message)
    this.command = command
  }
}

const PLACES = /** @type {const} */ (['loopback', 'network'])
const SHELLS = /** @type {const} */ (['sh', 'fish', 'powershell'])

/** @satisfies {Record<string, Option>} */
const OPTIONS = {
  'base-dir': {
    value: 'DIR',
    help: 'scan only this directory; default: $OSAURUS_TEST_ROOT/runtime if that is set, otherwise ~/.osaurus/runtime and, unless --no-verify is given, the directories of older versions',
    parse: parseDirectory,
  },
  'no-verify': { help: 'trust the files; default: count only servers that answer as Osaurus' },
  'probe-timeout': {
    value: 'MS',
    help: `wait this long for the answer of a server: 800ms, 2s; a plain number is milliseconds; 1ms to 60s; default: ${PROBE_TIMEOUT_MS}ms`,
    parse: (/** @type {string} */ text, /** @type {string} */ name) =>
      parseTime(
        text,
        name,
        'ms',
        PROBE_TIMEOUT_RANGE_MS,
        'from 1ms to 60s, such as 800 (milliseconds) or 2s',
      ),
  },
  network: { help: 'search the local network for servers of other Macs instead' },
  all: { help: 'also print the entries that were ignored, with the reasons' },
  timeout: {
    value: 'TIME',
    help: `give up after this time: 500ms, 30s, 2m, 1h; a plain number is seconds; 0 scans once; infinity never gives up; default: ${WAIT_TIMEOUT_MS / 1000}s`,
    parse: (/** @type {string} */ text, /** @type {string} */ name) =>
      text === 'infinity'
        ? Infinity
        : parseTime(
            text,
            name,
            's',
            [0, MAX_TIMER_MS],
            'of at most 596h, such as 500ms, 30s, 2m or 1h, or infinity',
          ),
  },
  launch: {
    help: `start Osaurus if it is not running, and wait for its server; default --timeout: ${LAUNCH_TIMEOUT_MS / 1000}s`,
  },
  shell: {
    value: 'SHELL',
    help: 'write for this shell: sh (also bash and zsh), fish or powershell; default: the shell in $SHELL',
    oneOf: SHELLS,
    parse: (/** @type {string} */ text, /** @type {string} */ name) => parseWord(text, name, SHELLS),
  },
  port: {
    value: 'PORT',
    help: 'listen on this port of 127.0.0.1, 1 to 65535; default: a free port',
    parse: parsePort,
  },
  expose: { help: 'act as if exposed to the network: require an access key, publish a LAN address' },
  advertise: {
    value: 'WHERE',
    help: 'advertise the server by DNS-SD, and expose it: on the loopback interface, for tests of this machine (loopback), or to every host of the local networks, which then reach it (network)',
    oneOf: PLACES,
    parse: (/** @type {string} */ text, /** @type {string} */ name) => parseWord(text, name, PLACES),
  },
  starting: { help: 'publish that the server is starting, and do not listen' },
  'word-delay': {
    value: 'MS',
    help: 'wait this long before each word of a streamed answer: 100ms, 1s; a plain number is milliseconds; default: 0',
    parse: (/** @type {string} */ text, /** @type {string} */ name) =>
      parseTime(text, name, 'ms', [0, 60_000], 'of at most 60s, such as 100 (milliseconds) or 1s'),
  },
  json: { help: 'print JSON' },
  help: { help: 'print this help', short: 'h' },
  version: { help: 'print the version of osaurus-discovery', short: 'v' },
}

/** The options of every command that discovers servers, in the order of its help. */
const DISCOVERY_OPTIONS = /** @type {const} */ (['base-dir', 'no-verify', 'probe-timeout', 'json'])

/** The help of --timeout where it belongs to --network. */
const NETWORK_TIMEOUT_HELP = `with --network, listen for this long: 500ms, 5s; a plain number is seconds; default: ${NETWORK_TIMEOUT_MS / 1000}s`

/**
 * Throws if an option is given that has a meaning with --network only.
 * @param {Options} options
 * @param {string} command the name of the command
 */
function refuseWithoutNetwork(options, command) {
  if (options.timeout !== undefined) throw new UsageError('--timeout requires --network.', command)
}

/**
 * Converts options of the command line to those of the package, with `verify` on by default.
 * @param {Options} options
 * @param {AbortSignal} signal
 */
function toDiscoverOptions(options, signal) {
  return {
    baseDir: options['base-dir'] ?? testRuntimeDir(process.env),
    verify: !options['no-verify'],
    probeTimeoutMs: options['probe-timeout'],
    signal,
  }
}

/** @param {string} text @param {string} name */
function parseDirectory(text, name) {
  if (text === '') throw new UsageError(`${name} requires the path of a directory. It got an empty string.`)
  // Shells do not expand the ~ of --base-dir=~/x. The home directory may be unknown, so other paths do not query it.
  const expanded = text.replace(/^~(?=[\\/]|$)/, () => homeDirectory(name))
  return resolveDirectory(expanded, name)
}

/** @param {string} name of the option whose value begins with ~ */
function homeDirectory(name) {
  try {
    return require('node:os').homedir()
  } catch (cause) {
    const message = `The value of ${name} begins with ~, but the home directory of this user is unknown. Set HOME, or write an absolute path.`
    throw systemError(message, cause)
  }
}

/**
 * Returns the absolute path of a directory.
 * @param {string} text
 * @param {string} name of the option or variable that has this value
 */
function resolveDirectory(text, name) {
  try {
    return path.resolve(text)
  } catch (cause) {
    const message = `The value of ${name} is relative, but the working directory no longer exists. Change to another directory, or write an absolute path: ${name} got '${printable(text)}'.`
    throw systemError(message, cause)
  }
}

/**
 * Makes an error that ends the command with exit code 1 and this message.
 * @param {string} message
 * @param {unknown} cause an error of the system
 */
function systemError(message, cause) {
  const { code } = /** @type {NodeJS.ErrnoException} */ (cause)
  return Object.assign(new Error(message, { cause }), { code })
}

/**
 * Returns the runtime directory that OSAURUS_TEST_ROOT selects, or undefined. Osaurus itself moves its root there.
 * @param {NodeJS.ProcessEnv} env
 */
function testRuntimeDir({ OSAURUS_TEST_ROOT: root }) {
  return root ? path.join(resolveDirectory(root, 'OSAURUS_TEST_ROOT'), 'runtime') : undefined
}

/**
 * @param {string} text
 * @param {string} name
 * @param {'ms' | 's'} unit of a plain number
 * @param {readonly [number, number]} range in milliseconds
 * @param {string} allowed the range in words
 */
function parseTime(text, name, unit, [min, max], allowed) {
  const ms = parseDuration(text, unit)
  if (ms === undefined || ms < min || ms > max) {
    throw new UsageError(`${name} requires a time ${allowed}. It got '${printable(text)}'.`)
  }
  return ms
}

/** @type {Record<string, number>} */
const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/**
 * Returns milliseconds, or undefined if the text is not a duration.
 * @param {string} text a number and, without a space, `ms`, `s`, `m` or `h`
 * @param {'ms' | 's'} unit of a plain number
 */
function parseDuration(text, unit) {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h)?$/.exec(text)
  return match ? Number(match[1]) * MILLISECONDS[match[2] ?? unit] : undefined
}

/** @param {string} text @param {string} name */
function parsePort(text, name) {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port >= 1 && port <= 65535) return port
  throw new UsageError(
    `${name} requires a port from 1 to 65535; omit it for a free port. It got '${printable(text)}'.`,
  )
}

/** @param {string} text @param {string} name @param {readonly string[]} words */
function parseWord(text, name, words) {
  if (words.includes(text)) return text
  const hint = didYouMean(text, words)
  throw new UsageError(`${name} requires one of ${words.join(', ')}. It got '${printable(text)}'.${hint}`)
}

/**
 * Returns a sentence that names the closest known word, or an empty string if none is close.
 * @param {string} given
 * @param {readonly string[]} known
 * @param {string} [dashes] before the word
 */
function didYouMean(given, known, dashes = '') {
  const match = require('../suggest.js').closestMatch(given, known)
  return match ? ` Did you mean '${dashes}${match}'?` : ''
}

module.exports = {
  DISCOVERY_OPTIONS,
  NETWORK_TIMEOUT_HELP,
  OPTIONS,
  UsageError,
  didYouMean,
  parseDuration,
  refuseWithoutNetwork,
  toDiscoverOptions,
}
