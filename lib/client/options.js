// Validates the options of createOsaurusFetch().
'use strict'

const { inspect } = require('util')

const { invalidType, invalidValue } = require('../errors.js')
const { VALIDATORS: DISCOVERY, validateOptions } = require('../validate.js')
const { checkAccessKey } = require('./headers.js')

/**
 * A key that cannot be sent is reported without its value.
 * @param {any} value
 * @param {string} name
 */
function validateAccessKey(value, name) {
  if (typeof value === 'string') checkAccessKey(value, `The property '${name}'`)
  else if (typeof value !== 'function')
    throw invalidType(`"${name}" property`, 'of type string or function', value)
}

const VALIDATORS = {
  baseDir: DISCOVERY.baseDir,
  legacyDirs: DISCOVERY.legacyDirs,
  probeTimeoutMs: DISCOVERY.probeTimeoutMs,
  accessKey: validateAccessKey,
  waitMs: DISCOVERY.timeoutMs,
}

/**
 * Returns a validated copy of the options.
 * @param {unknown} options
 * @returns {import('../../fetch.js').OsaurusFetchOptions & { accessKey?: string | null | import('./client.js').AccessKeySource }}
 */
function clientOptions(options) {
  if (options === undefined) return {}
  rejectUnknown(options)
  const checked = validateOptions(options, VALIDATORS)
  if (checked.legacyDirs && checked.baseDir !== undefined)
    throw invalidValue(
      'options.legacyDirs',
      "cannot be true beside 'options.baseDir', which names the only directory",
      true,
    )
  if (typeof checked.accessKey === 'string')
    checked.accessKey = checkAccessKey(checked.accessKey, "The property 'options.accessKey'")
  return checked
}

/**
 * Rejects unknown options without repeating their values, since a mistyped one may hold the key.
 * @param {any} options
 */
function rejectUnknown(options) {
  for (const key of Object.keys(Object(options)))
    if (!Object.keys(VALIDATORS).includes(key)) validateOptions({ [key]: HIDDEN }, VALIDATORS)
}

const HIDDEN = { [inspect.custom]: () => '[a value that is not shown]' }

module.exports = { clientOptions }
