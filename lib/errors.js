// Makes errors: words failures of the core for JavaScript programmers, and creates errors in the style of Node.
'use strict'

const { inspect } = require('util')

const { FAILURE } = require('./symbols.js')

/**
 * @typedef {import('./addon/addon.js').Failure} Failure
 * @typedef {import('../index.js').OsaurusError} OsaurusError
 */

/**
 * @param {string} code
 * @param {string} message
 * @param {Function} [caller] removed from the stack, with every frame above it
 * @returns {OsaurusError}
 */
function osaurusError(code, message, caller) {
  const error = /** @type {OsaurusError} */ (new Error(message))
  error.code = /** @type {any} */ (code)
  // Only on request: a second stack doubles the cost of an error.
  if (caller) Error.captureStackTrace(error, caller)
  return error
}

/**
 * Makes an error from a failure of the core.
 * @param {Failure} failure
 */
function errorOf(failure) {
  const error = osaurusError(failure.code, messageOf(failure))
  // Not enumerable, so that nothing prints, copies or serializes it.
  Object.defineProperty(error, FAILURE, { value: failure })
  return error
}

/**
 * Returns the failure that an error was made from: its code and facts. Other layers word their advice from it.
 * @param {unknown} error
 * @returns {Failure | undefined}
 */
function factsOf(error) {
  return typeof error === 'object' && error !== null ? /** @type {any} */ (error)[FAILURE] : undefined
}

/**
 * Returns the value that the addon returned, or throws the failure that it returned instead.
 * @template T
 * @param {T | Failure} outcome
 * @returns {T}
 */
function unwrap(outcome) {
  if (/** @type {{ code?: string }} */ (outcome).code !== undefined) {
    throw errorOf(/** @type {Failure} */ (outcome))
  }
  return /** @type {T} */ (outcome)
}

/**
 * Words a failure for a programmer: what happened, where, and what to do.
 * @param {Failure} failure
 * @returns {string}
 */
function messageOf(failure) {
  switch (failure.code) {
    case 'OSAURUS_NOT_FOUND':
      return `Osaurus not found: ${notFound(failure)}`
    case 'OSAURUS_STARTING':
      return (
        `Osaurus is starting: ${failure.path} is not running yet. ` +
        'Call waitForRunningInstance() to wait for it, or try again in a moment'
      )
    case 'OSAURUS_NOT_RESPONDING':
      return (
        `Osaurus is not responding: ${describeServers(failure)}. ` +
        'Start Osaurus and try again, or call inspectRuntime() for details'
      )
    case 'OSAURUS_ACCESS_DENIED':
      return (
        `Osaurus folder cannot be read: ${failure.path}: ${failure.systemError}. Give this app access to ` +
        `${failure.blockedBy || 'it'}; a sandboxed app must ask its user for access`
      )
    case 'OSAURUS_IO':
      return ioMessage(failure)
    case 'OSAURUS_WATCH_DEGRADED':
      return `File events are unavailable: ${degradedCause(failure)}. Polling once a second instead`
    case 'OSAURUS_NETWORK_UNAVAILABLE':
      return `The local network cannot be searched: ${failure.systemError}. ${networkAdvice(failure)}`
    case 'OSAURUS_INTERNAL':
      return (
        `Internal error in osaurus-discovery: ${failure.panic}. Please report this bug` +
        (failure.degraded ? '. Polling once a second from now on' : '')
      )
    case 'ABORT_ERR':
      return 'The operation was aborted'
  }
}

/** @param {import('./addon/addon.js').NotFoundFailure} failure */
function notFound({ directories, ignored, nestedRuntimeDir, unreadable }) {
  const next = nestedRuntimeDir
    ? `Set baseDir to ${nestedRuntimeDir} instead`
    : unreadable
      ? `${unreadable.path}: ${unreadable.systemError}. Osaurus may be running: give this app access to it`
      : 'Start Osaurus and try again'
  const read = directories.filter(({ status }) => status === 'read').map(({ path }) => path)
  if (read.length === 0) {
    const [current, ...older] = directories
    const others = older.length ? `, nor do ${older.length} directories of older versions` : ''
    return `${current.path} does not exist${others}. ${next}`
  }
  if (ignored.length === 0) return `no instance in ${read.join(', ')}. ${next}`
  const reasons = ignored.map(({ reason, count }) => `${count} ${reason}`).join(', ')
  const why = nestedRuntimeDir ? '' : ', or call inspectRuntime() to see why each entry was ignored'
  return `no running instance in ${read.join(', ')} (${reasons}). ${next}${why}`
}

/**
 * Says which servers are published, and how each answered its probe. Gives no advice.
 * @param {Extract<Failure, { code: 'OSAURUS_NOT_RESPONDING' }>} failure
 */
function describeServers({ servers, total }) {
  const outcomes = servers.map((each) => `${each.server} ${describeOutcome(each)}`)
  if (total > servers.length) outcomes.push(`and ${total - servers.length} more`)
  return `published as running, but ${outcomes.join('; ')}`
}

/** @param {{ outcome: string, detail?: string }} probe */
function describeOutcome({ outcome, detail }) {
  switch (outcome) {
    case 'refused':
      return 'refused the connection'
    case 'timed-out':
      return 'did not answer in time'
    case 'error':
      return `could not be probed (${detail})`
    default:
      return detail
  }
}

/** @param {Extract<Failure, { code: 'OSAURUS_IO' }>} failure */
function ioMessage(failure) {
  const beginning = 'Osaurus folder cannot be read'
  switch (failure.kind) {
    case 'not-a-directory':
      return `${beginning}: ${failure.path} is not a directory. Check what is there, or set baseDir to another directory`
    case 'unreadable-directory':
      return `${beginning}: ${failure.path}: ${failure.systemError}. Fix the cause and try again`
    case 'unknown-home':
      return `${beginning}: the home directory of this user is unknown. Set HOME, or pass baseDir`
    default: {
      const verb = failure.kind === 'cannot-probe' ? 'probed' : 'watched'
      return `Osaurus cannot be ${verb}: ${failure.systemError}. ${EXHAUSTED[failure.resource]}`
    }
  }
}

/** What to do about a resource that has run out. */
const EXHAUSTED = {
  descriptors: 'Close files or sockets of this process, or raise its limit (ulimit -n)',
  ports: 'All ports for outgoing connections are taken: close some, or try again in a minute',
  threads: 'No thread can be started: end threads of this process, or processes of this user',
}

/** @param {import('./addon/addon.js').DegradedFailure} failure */
function degradedCause(failure) {
  switch (failure.cause) {
    case 'shared-disk':
      return `${failure.path} is on a disk that others may write to without an event`
    case 'unreadable':
      return `this process may not read ${failure.path}`
    case 'too-many-entries':
      return `${failure.path} has more than ${failure.limit} entries, too many to watch. Remove what crashes have left there`
    case 'watch-limit':
      return 'this user may watch no more directories. Raise the limit: sysctl fs.inotify.max_user_watches'
    case 'resource-exhausted':
      return (
        `${failure.systemError}. Close files of this process or programs that watch files, or raise the limits: ` +
        'ulimit -n, sysctl fs.inotify.max_user_instances'
      )
    case 'refused':
      return failure.systemError
    case 'queue-overflow':
      return 'the system dropped some of them because too many happened at once'
    case 'backend-restarted':
      return 'their receiver failed and was restarted'
  }
}

/** @param {{ connected: boolean }} failure */
function networkAdvice({ connected }) {
  if (!connected) return 'Connect this machine to a network'
  return process.platform === 'darwin'
    ? 'Allow this app under System Settings > Privacy & Security > Local Network'
    : 'Allow this program to share UDP port 5353 and to send multicast packets'
}

/**
 * Emits a process warning.
 * @param {string} message
 * @param {string} code
 */
function warn(message, code) {
  process.emitWarning(message, 'OsaurusWarning', code)
}

/**
 * Sets the cause of an error as `new Error(message, { cause })` does, which Node.js 12 ignores.
 * @template {Error} T
 * @param {T} error
 * @param {unknown} cause undefined: none
 */
function withCause(error, cause) {
  if (cause !== undefined)
    Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true })
  return error
}

/** @param {AbortSignal} signal */
function abortError(signal) {
  const error = Object.assign(new Error('The operation was aborted'), { code: 'ABORT_ERR' })
  error.name = 'AbortError'
  Object.defineProperty(error, 'cause', { value: signal.reason, configurable: true, writable: true })
  return error
}

/**
 * @param {string} name with its kind, as in `"options.port" property`
 * @param {string} expected as in `of type number`
 * @param {unknown} got
 */
function invalidType(name, expected, got) {
  const error = new TypeError(`The ${name} must be ${expected}. Received ${received(got)}`)
  return Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' })
}

/**
 * @param {string} name as in `options.port`
 * @param {string} reason as in `must be absolute`
 * @param {unknown} got
 */
function invalidValue(name, reason, got) {
  const error = new TypeError(`The property '${name}' ${reason}. Received ${shortened(got, 128)}`)
  return Object.assign(error, { code: 'ERR_INVALID_ARG_VALUE' })
}

/**
 * @param {string} name as in `options.port`
 * @param {string} range as in `>= 1 && <= 65535`
 * @param {unknown} got
 */
function outOfRange(name, range, got) {
  const error = new RangeError(
    `The value of "${name}" is out of range. It must be ${range}. Received ${inspect(got)}`,
  )
  return Object.assign(error, { code: 'ERR_OUT_OF_RANGE' })
}

/** An access key, also one with a typing error in it, which no message may show. */
const ACCESS_KEY = /osk-[^\s'"`,\]})]+/gi

/**
 * Describes a value as the errors of Node do.
 * @param {unknown} value
 */
function received(value) {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'function') return `function ${value.name}`
  if (typeof value !== 'object') return `type ${typeof value} (${shortened(value, 28)})`
  const { constructor } = value
  return constructor && constructor.name
    ? `an instance of ${constructor.name}`
    : inspect(value, { depth: -1 })
}

/**
 * @param {unknown} value
 * @param {number} most
 */
function shortened(value, most) {
  const text = inspect(value).replace(ACCESS_KEY, 'osk-…')
  return text.length > most ? `${text.slice(0, most)}...` : text
}

module.exports = {
  ACCESS_KEY,
  abortError,
  describeServers,
  errorOf,
  factsOf,
  invalidType,
  invalidValue,
  messageOf,
  osaurusError,
  outOfRange,
  unwrap,
  warn,
  withCause,
}
