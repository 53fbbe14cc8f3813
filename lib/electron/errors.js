// Words errors for pages, and warnings for the developers of their apps.
'use strict'

const { NOT_RUNNING_CODES } = require('../defaults.js')
const { ACCESS_KEY, describeServers, factsOf, osaurusError, warn, withCause } = require('../errors.js')

/**
 * @typedef {{ code: string, message: string }} PageError an error as data, since Electron drops the `code` of an error
 * @typedef {{ code: string | null, message: string, isTypeError: boolean }} FetchError an error as data for window.osaurus.fetch; `code` is null if the error has none
 * @typedef {import('../addon/addon.js').Failure} Failure
 */

/** @template {Failure['code']} Code @typedef {Extract<Failure, { code: Code }>} FailureOf */

const UNREADABLE = 'Osaurus folder cannot be read'

/** The longest part of a URL that a message quotes. A data: URL contains a whole page. */
const MAX_URL_LENGTH = 300

/** The most pages to name in warnings. A page that keeps changing its address must not fill the memory. */
const MAX_WARNINGS = 100

/** Whether the error means "no Osaurus is running". @param {unknown} error */
function isNotRunning(error) {
  return NOT_RUNNING_CODES.has(codeOf(error))
}

/** Resolves with null in place of an error that means "no Osaurus is running". @param {unknown} error */
function nullIfNotRunning(error) {
  if (isNotRunning(error)) return null
  throw error
}

/**
 * Words an error for a page, with the code in front: Electron passes on an error's message and nothing else.
 * @param {unknown} error
 * @returns {PageError}
 */
function toPageError(error) {
  const code = codeOf(error)
  return { code, message: `[${code}] ${messageForPage(error)}` }
}

/**
 * Describes an error for window.osaurus.fetch, which creates one like it in the page. No access key is in it, whatever the
 * app's own code has thrown.
 * @param {unknown} error
 * @returns {FetchError}
 */
function toFetchError(error) {
  const isTypeError = error instanceof TypeError
  const hasCode = !isTypeError || 'code' in error
  return {
    code: hasCode ? codeOf(error) : null,
    message: messageForPage(error).replace(ACCESS_KEY, 'osk-…'),
    isTypeError,
  }
}

/**
 * Words an error for pages, which can neither pass options nor call inspectRuntime().
 * @param {unknown} error
 * @returns {string}
 */
function messageForPage(error) {
  const failure = factsOf(error)
  switch (failure && failure.code) {
    case 'OSAURUS_NOT_FOUND':
      return 'Osaurus not found: no server is running. Start Osaurus and try again'
    case 'OSAURUS_STARTING':
      return 'Osaurus is starting. Try again in a moment'
    case 'OSAURUS_NOT_RESPONDING': {
      const servers = describeServers(/** @type {FailureOf<'OSAURUS_NOT_RESPONDING'>} */ (failure))
      return `Osaurus is not responding: ${servers}. Start Osaurus and try again`
    }
    case 'OSAURUS_ACCESS_DENIED': {
      const { blockedBy, path } = /** @type {FailureOf<'OSAURUS_ACCESS_DENIED'>} */ (failure)
      return `${UNREADABLE}: this app has no access to ${blockedBy || path}. Give it access and try again`
    }
    case 'OSAURUS_IO':
      return ioMessage(/** @type {FailureOf<'OSAURUS_IO'>} */ (failure))
    default:
      return error instanceof Error ? error.message : String(error)
  }
}

/** @param {FailureOf<'OSAURUS_IO'>} failure */
function ioMessage(failure) {
  switch (failure.kind) {
    case 'not-a-directory':
      return `${UNREADABLE}: ${failure.path} is not a directory`
    case 'unreadable-directory':
      return `${UNREADABLE}: ${failure.path}: ${failure.systemError}`
    case 'unknown-home':
      return `${UNREADABLE}: the home directory of this user is unknown`
    default:
      return `Osaurus cannot be found: ${failure.systemError}. Close other apps, or restart this one`
  }
}

/** Creates an error for a page to reject with, worded by toPageError(). @param {unknown} error */
function toPageRejection(error) {
  const { code, message } = toPageError(error)
  return osaurusError(code, message, toPageRejection)
}

/** @param {unknown} error @returns {string} */
function codeOf(error) {
  const { code } = /** @type {{ code?: unknown }} */ (Object(error))
  return typeof code === 'string' ? code : 'OSAURUS_INTERNAL'
}

/** @param {string} reason */
function untrustedSender(reason) {
  const message = `This page has no access to Osaurus: ${reason}`
  return osaurusError('OSAURUS_UNTRUSTED_SENDER', message, untrustedSender)
}

/** @param {unknown} error */
function isUntrustedSender(error) {
  return codeOf(error) === 'OSAURUS_UNTRUSTED_SENDER'
}

/**
 * Warns the app's developer of a denied page. The page itself does not get these details.
 * @param {string} message
 */
function warnOfSender(message) {
  warn(message, 'OSAURUS_UNTRUSTED_SENDER')
}

/** Creates a function that warns of each denied page once. */
function createDenialWarnings() {
  /** @type {Set<string>} */
  const named = new Set()
  return (
    /** @type {{ url: string, isMainFrame: boolean }} */ { url, isMainFrame },
    /** @type {string} */ appPath,
  ) => {
    const name = url.length > MAX_URL_LENGTH ? `${url.slice(0, MAX_URL_LENGTH)}…` : url
    if (named.has(name) || named.size === MAX_WARNINGS) return
    named.add(name)
    const reason = isMainFrame
      ? `it is not a page of the app, whose directory is ${appPath}`
      : `only main frames are trusted (app directory: ${appPath})`
    warnOfSender(
      `Denied ${name} (${isMainFrame ? 'main frame' : 'embedded frame'}): ${reason}. ` +
        'If that directory does not contain your package.json, start the app there with `electron .`. ' +
        'To trust this page, pass isTrustedSender to registerOsaurus()',
    )
  }
}

/** @param {string} message */
function invalidState(message) {
  return osaurusError('ERR_INVALID_STATE', message, invalidState)
}

/** @param {string} message @param {Error} [cause] */
function alreadyRegistered(message, cause) {
  return withCause(osaurusError('OSAURUS_ALREADY_REGISTERED', message, alreadyRegistered), cause)
}

module.exports = {
  alreadyRegistered,
  createDenialWarnings,
  invalidState,
  isUntrustedSender,
  nullIfNotRunning,
  toFetchError,
  toPageError,
  toPageRejection,
  untrustedSender,
  warnOfSender,
}
