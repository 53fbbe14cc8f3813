// What does a page learn of a failure?
'use strict'

const { osaurusError } = require('../errors.js')

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

/** @param {string} what @param {Error} [cause] */
function alreadyRegistered(what, cause) {
  const error = osaurusError('OSAURUS_ALREADY_REGISTERED', what, alreadyRegistered)
  if (cause) Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true })
  return error
}

module.exports = { alreadyRegistered, forPage, meansNone, untrustedSender }
