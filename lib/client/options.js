// Validates the options of createOsaurusFetch().
'use strict'

const { inspect } = require('util')

const { invalidType, invalidValue } = require('../errors.js')
const { VALIDATORS: DISCOVERY, validateOptions } = require('../validate.js')
const { checkAccessKey } = require('./headers.js')
const { parseServerUrl } = require('./server-url.js')

/**
 * @typedef {import('../../fetch.js').OsaurusFetchOptions} FetchOptions
 * @typedef {Omit<FetchOptions, 'url' | 'accessKey'> & { url?: import('./server-url.js').ServerUrl, accessKey?: string | null |
 *   import('./client.js').AccessKeySource }} ClientOptions
 */

/**
 * Validates an access key or a function that returns it. A key that cannot be sent is reported without its value.
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
  url: parseServerUrl,
  probeTimeoutMs: DISCOVERY.probeTimeoutMs,
  accessKey: validateAccessKey,
  waitMs: DISCOVERY.timeoutMs,
}

/**
 * Returns a validated copy of the options.
 * @param {unknown} options
 * @returns {ClientOptions}
 */
function clientOptions(options) {
  if (options === undefined) return {}
  rejectUnknown(options, VALIDATORS, 'options')
  const checked = validateOptions(options, VALIDATORS)
  if (checked.legacyDirs && checked.baseDir !== undefined)
    throw invalidValue(
      'options.legacyDirs',
      "cannot be true beside 'options.baseDir', which names the only directory",
      true,
    )
  if (typeof checked.accessKey === 'string')
    checked.accessKey = checkAccessKey(checked.accessKey, "The property 'options.accessKey'")
  if (checked.url === undefined) return checked
  for (const name of LOCAL_OPTIONS)
    if (checked[name] !== undefined)
      throw invalidValue(
        `options.${name}`,
        "cannot be set beside 'options.url', which names the only server: no directory is searched",
        checked[name],
      )
  return { ...checked, url: parseServerUrl(checked.url, 'options.url') }
}

/** Where the servers of this machine are found. */
const LOCAL_OPTIONS = ['baseDir', 'legacyDirs']

/**
 * Rejects unknown options without repeating their values, since a mistyped one may hold the key.
 * @param {any} options
 * @param {Record<string, import('../validate.js').Validator>} validators by option name
 * @param {string} name of the options in error messages
 * @param {Map<string, string>} [hints] sentences for options that belong elsewhere
 */
function rejectUnknown(options, validators, name, hints) {
  for (const key of Object.keys(Object(options)))
    if (!Object.keys(validators).includes(key))
      validateOptions({ [key]: HIDDEN }, validators, { name, hints })
}

const HIDDEN = { [inspect.custom]: () => '[a value that is not shown]' }

module.exports = { VALIDATORS, clientOptions, rejectUnknown }
