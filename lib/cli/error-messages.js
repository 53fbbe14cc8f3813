// Words errors and warnings of the package for users of the command line.
'use strict'

const { describeServers, factsOf } = require('../errors.js')

/**
 * @typedef {Error & { code?: string, cause?: unknown }} CodedError
 * @typedef {NonNullable<ReturnType<typeof factsOf>>} Failure
 */

/** @template {Failure['code']} Code @typedef {Extract<Failure, { code: Code }>} FailureOf */

/**
 * The advice that follows an error. `%` is the name of this command.
 * @type {Record<string, string>}
 */
const NEXT_STEPS = {
  OSAURUS_NOT_FOUND: 'Run `% doctor` to see what was scanned, or `% wait` to wait for a server.',
  OSAURUS_STARTING: 'Run `% wait` to wait until it is running.',
  OSAURUS_NOT_RESPONDING: 'Run `% doctor` to see what each server answered.',
  OSAURUS_ACCESS_DENIED: 'Run `% doctor` to see which directories were scanned.',
  OSAURUS_IO: 'Run `% doctor` to see which directories were scanned.',
  OSAURUS_NONE_ON_NETWORK: 'Run `% doctor --network` to see what to check.',
  OSAURUS_NETWORK_UNAVAILABLE: 'Run `% list` for the servers of this machine.',
  OSAURUS_LAUNCH_TIMEOUT: 'Run `% doctor` to see the current state.',
  OSAURUS_UNSUPPORTED_PLATFORM: 'Run `% fake` to use a fake Osaurus here.',
  OSAURUS_TIMEOUT: 'Run `% doctor` to see the current state.',
}

/**
 * Returns the advice for an error, or undefined if its message says everything.
 * @param {CodedError} error
 * @param {string} name of this command
 */
function nextSteps(error, name) {
  const failure = factsOf(error)
  // No directory has to do with it.
  if (failure?.code === 'OSAURUS_IO' && 'resource' in failure) return undefined
  return NEXT_STEPS[error.code ?? '']?.replaceAll('%', name)
}

/**
 * Words an error or a warning: what happened, where, and what to do if that depends on the facts.
 * @param {unknown} thrown
 * @returns {string}
 */
function describeError(thrown) {
  const error = /** @type {CodedError} */ (thrown)
  if (error.code === 'OSAURUS_TIMEOUT') {
    const end = 'Gave up waiting for Osaurus.'
    return error.cause ? `${end} ${describeError(error.cause)}` : end
  }
  const failure = factsOf(error)
  if (!failure) return error.message
  switch (failure.code) {
    case 'OSAURUS_NOT_FOUND':
      return `Osaurus not found: ${describeNotFound(failure)}`
    case 'OSAURUS_STARTING':
      return `Osaurus is starting: ${failure.path} is not running yet.`
    case 'OSAURUS_NOT_RESPONDING':
      return `Osaurus is not responding: ${describeServers(failure)}. Start Osaurus and try again.`
    case 'OSAURUS_ACCESS_DENIED': {
      const { path, blockedBy = path, systemError } = failure
      return `Osaurus folder cannot be read: ${path}: ${systemError}. Give your user access to ${blockedBy}.`
    }
    case 'OSAURUS_IO':
      return describeIo(failure)
    case 'OSAURUS_WATCH_DEGRADED':
      return `File events are unavailable: ${describeDegradation(failure)}. Scanning once a second instead.`
    case 'OSAURUS_NETWORK_UNAVAILABLE':
      return `The local network cannot be searched: ${failure.systemError}. ${networkAdvice(failure)}`
    default:
      return error.message
  }
}

/** @param {FailureOf<'OSAURUS_NETWORK_UNAVAILABLE'>} failure */
function networkAdvice({ connected }) {
  if (!connected) return 'Connect this machine to a network.'
  return process.platform === 'darwin'
    ? 'Allow the app of this terminal under System Settings > Privacy & Security > Local Network.'
    : 'Allow this command to send multicast packets to port 5353.'
}

/**
 * Words the code that says why no instance is running, as a clause without a period.
 * @param {string} reason
 */
function describeReason(reason) {
  switch (reason) {
    case 'OSAURUS_STARTING':
      return 'Osaurus is starting'
    case 'OSAURUS_NOT_RESPONDING':
      return 'Osaurus is not responding'
    case 'OSAURUS_ACCESS_DENIED':
      return 'A directory may not be read'
    case 'OSAURUS_IO':
      return 'A directory cannot be read'
    default:
      return 'Osaurus is not running'
  }
}

/** @param {FailureOf<'OSAURUS_NOT_FOUND'>} failure */
function describeNotFound({ directories, ignored, nestedRuntimeDir, unreadable }) {
  const next = nestedRuntimeDir
    ? `Use --base-dir ${nestedRuntimeDir} instead`
    : unreadable
      ? `${unreadable.path}: ${unreadable.systemError}. Give your user access to that file`
      : 'Start Osaurus'
  const read = directories.flatMap(({ path, status }) => (status === 'read' ? [path] : []))
  if (read.length === 0) {
    const [current, ...older] = directories
    const others = older.length ? `, and neither do ${older.length} directories of older versions` : ''
    return `${current.path} does not exist${others}. ${next}.`
  }
  if (ignored.length === 0) return `no instance in ${read.join(', ')}. ${next}.`
  const reasons = ignored.map(({ reason, count }) => `${count} ${reason}`).join(', ')
  return `no running instance in ${read.join(', ')} (${reasons}). ${next}.`
}

/** @param {FailureOf<'OSAURUS_IO'>} failure */
function describeIo(failure) {
  const beginning = 'Osaurus folder cannot be read'
  switch (failure.kind) {
    case 'not-a-directory':
      return `${beginning}: ${failure.path} is not a directory. Check what is there, or choose another directory (--base-dir).`
    case 'unreadable-directory':
      return `${beginning}: ${failure.path}: ${failure.systemError}. Fix the cause, then run this command again.`
    case 'unknown-home':
      return `${beginning}: the home directory of this user is unknown. Set HOME, or choose a directory (--base-dir).`
    default: {
      const verb = failure.kind === 'cannot-probe' ? 'probed' : 'watched'
      return `Osaurus cannot be ${verb}: ${failure.systemError}. ${EXHAUSTED[failure.resource]}`
    }
  }
}

/** What to do about a resource that the system has run out of. */
const EXHAUSTED = {
  descriptors: 'Raise the limit of open files (ulimit -n), or close other programs.',
  ports: 'All ports for outgoing connections are in use: close other programs, or try again in a minute.',
  threads: 'Close other programs of this user, or raise the limit of processes (ulimit -u).',
}

/** @param {FailureOf<'OSAURUS_WATCH_DEGRADED'>} failure */
function describeDegradation(failure) {
  switch (failure.cause) {
    case 'shared-disk':
      return `${failure.path} is on a disk that other machines can change without an event`
    case 'unreadable':
      return `your user may not read ${failure.path}`
    case 'too-many-entries':
      return `${failure.path} has more than ${failure.limit} entries; remove those of crashed servers`
    case 'watch-limit':
      return 'this user cannot watch more directories; raise the limit with sysctl fs.inotify.max_user_watches'
    case 'resource-exhausted':
      return `${failure.systemError}; close programs that watch files, or raise fs.inotify.max_user_instances and ulimit -n`
    case 'queue-overflow':
      return 'too many happened at once, and the system dropped some'
    case 'backend-restarted':
      return 'their receiver failed and was restarted'
    case 'refused':
      return failure.systemError
  }
}

module.exports = { describeError, describeReason, nextSteps }
