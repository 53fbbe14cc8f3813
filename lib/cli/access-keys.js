// Finds an access key of Osaurus in environment variables, and describes it without printing it.
'use strict'

/**
 * @typedef {object} KeyFromEnvironment
 * @property {string} variable its name
 * @property {string} [key] undefined if the value cannot be sent as a key
 * @property {import('osaurus-discovery').AccessKey | null} claims what the key says about itself, null if it does not parse
 */

/** The variables that clients of Osaurus read, in order. */
const KEY_VARIABLES = ['OSAURUS_API_KEY', 'OSAURUS_ACCESS_KEY']

/** Where the user creates a key. */
const KEY_SETTINGS = 'Management → Server → Access Keys'

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {KeyFromEnvironment | undefined}
 */
function findAccessKey(env) {
  const { parseAccessKey } = require('../../index.js')
  const variable = KEY_VARIABLES.find((name) => env[name])
  if (variable === undefined) return undefined
  const value = (env[variable] ?? '').trim()
  const isSendable = /^[!-~]+$/.test(value)
  return { variable, ...(isSendable && { key: value }), claims: parseAccessKey(value) }
}

/**
 * Describes a key in one sentence.
 * @param {KeyFromEnvironment} key
 */
function describeAccessKey({ variable, claims }) {
  if (!claims) return `${variable} is set, but its value does not have the form of an access key of Osaurus.`
  const name = claims.label ? `the key "${claims.label}"` : 'a key'
  return `${variable} has ${name}, which ${describeExpiry(claims)}.`
}

/** @param {import('osaurus-discovery').AccessKey} claims */
function describeExpiry({ expiresAt, isExpired }) {
  if (expiresAt === null) return 'never expires'
  return `${isExpired ? 'expired' : 'expires'} on ${formatDate(expiresAt)}`
}

/** Formats a date in local time, for example `2026-11-25`. @param {number} ms since the Unix epoch */
function formatDate(ms) {
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return 'a date that is out of range'
  const twoDigits = (/** @type {number} */ number) => String(number).padStart(2, '0')
  return [date.getFullYear(), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())].join('-')
}

module.exports = { KEY_SETTINGS, KEY_VARIABLES, describeAccessKey, describeExpiry, findAccessKey }
