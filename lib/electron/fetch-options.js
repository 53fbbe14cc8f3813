// Validates the option `fetch` of registerOsaurus().
'use strict'

const { VALIDATORS: CLIENT, rejectUnknown } = require('../client/options.js')
const { checkAccessKey } = require('../client/headers.js')
const { invalidType } = require('../errors.js')
const { parseServerUrl } = require('../client/server-url.js')
const { validateOptions } = require('../validate.js')
const { validateRoutes } = require('./routes.js')

/**
 * @typedef {Omit<import('../../electron.js').PageFetchOptions, 'accessKey' | 'url'> & { accessKey?: string | null |
 *   import('../client/client.js').AccessKeySource, url?: import('../client/server-url.js').ServerUrl }} PageFetchOptions
 */

/** The option `discover` of registerOsaurus() says where to search, so it is not repeated here. @type {Record<string, import('../validate.js').Validator>} */
const VALIDATORS = {
  accessKey: CLIENT.accessKey,
  routes: validateRoutes,
  url: CLIENT.url,
  waitMs: CLIENT.waitMs,
}

const MISPLACED_OPTION_HINTS = new Map(
  ['baseDir', 'legacyDirs', 'probeTimeoutMs'].map((name) => [
    name,
    `It is an option of discovery: write { discover: { ${name} } } beside fetch.`,
  ]),
)

/**
 * Returns a validated copy of the options; undefined if pages may not fetch.
 * @param {any} fetch
 * @returns {PageFetchOptions | undefined}
 */
function validateFetch(fetch) {
  if (fetch === false) return undefined
  if (fetch === true) return {}
  if (typeof fetch !== 'object' || fetch === null || Array.isArray(fetch))
    throw invalidType('"options.fetch" property', 'of type boolean or object', fetch)
  rejectUnknown(fetch, VALIDATORS, 'options.fetch', MISPLACED_OPTION_HINTS)
  const validated = validateOptions(fetch, VALIDATORS, { name: 'options.fetch' })
  if (typeof validated.accessKey === 'string')
    validated.accessKey = checkAccessKey(validated.accessKey, "The property 'options.fetch.accessKey'")
  if (validated.url !== undefined) validated.url = parseServerUrl(validated.url, 'options.fetch.url')
  if (validated.routes) validated.routes = [...validated.routes]
  return validated
}

module.exports = { validateFetch }
