// What do a page, and the developer of its app, learn of a failure?
'use strict'

const { osaurusError, warn } = require('../errors.js')

/** Of a URL in a message. */
const LONGEST_URL = 300

/** The failures that a page sees as "there is none". */
const NONE = new Set(['OSAURUS_NOT_FOUND', 'OSAURUS_STARTING', 'OSAURUS_NOT_RESPONDING'])

/** @param {unknown} error */
function meansNone(error) {
  return NONE.has(codeOf(error))
}

/**
 * Electron hands on an error's message and nothing else, so the code goes in front of it.
 * @param {unknown} error
 */
function forPage(error) {
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  return osaurusError(code, `[${code}] ${message}`, forPage)
}

/** @param {unknown} error @returns {string} */
function codeOf(error) {
  const { code } = /** @type {{ code?: unknown }} */ (Object(error))
  return typeof code === 'string' ? code : 'OSAURUS_INTERNAL'
}

/** @param {string} why */
function untrustedSender(why) {
  const message = `This page may not ask for Osaurus: ${why}`
  return osaurusError('OSAURUS_UNTRUSTED_SENDER', message, untrustedSender)
}

/**
 * For the app's developer: what a page is not told, since it is nobody's friend yet.
 * @param {string} message
 */
function warnOfSender(message) {
  warn(message, 'OSAURUS_UNTRUSTED_SENDER')
}

/** So many pages are named at most: one that changes its address all the time must not fill the memory. */
const MOST_NAMED = 100

/** Names each page once: some ask again and again. */
function refusalWarnings() {
  /** @type {Set<string>} */
  const named = new Set()
  return (
    /** @type {{ url: string, isMainFrame: boolean }} */ { url, isMainFrame },
    /** @type {string} */ appPath,
  ) => {
    // A data: URL is a whole page.
    const name = url.length > LONGEST_URL ? `${url.slice(0, LONGEST_URL)}…` : url
    if (named.has(name) || named.size === MOST_NAMED) return
    named.add(name)
    const frame = isMainFrame ? 'a main frame' : 'a frame inside a page'
    warnOfSender(
      `${name} (${frame}) may not ask for Osaurus: it is no main frame of a page of the app, whose folder is ${appPath}. ` +
        'If that is not the folder with your package.json, start the app there by `electron .`; ' +
        'or let the page in by registerOsaurus({ isTrustedSender })',
    )
  }
}

/** @param {string} what @param {Error} [cause] */
function alreadyRegistered(what, cause) {
  const error = osaurusError('OSAURUS_ALREADY_REGISTERED', what, alreadyRegistered)
  if (cause) Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true })
  return error
}

module.exports = { alreadyRegistered, forPage, meansNone, refusalWarnings, untrustedSender, warnOfSender }
