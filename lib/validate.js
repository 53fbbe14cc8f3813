// Validates caller options.
'use strict'

const path = require('path')

const { MAX_TIMER_MS, PROBE_TIMEOUT_RANGE_MS } = require('./defaults.js')
const { invalidType, invalidValue, outOfRange } = require('./errors.js')
const { closestMatch } = require('./suggest.js')

/** @typedef {(value: any, name: string) => void} Validator throws if the value is invalid; `name` is as in `options.port` */

/** @type {Validator} */
function validateBoolean(value, name) {
  if (typeof value !== 'boolean') throw invalidType(`"${name}" property`, 'of type boolean', value)
}

/** @type {Validator} */
function validateFunction(value, name) {
  if (typeof value !== 'function') throw invalidType(`"${name}" property`, 'of type function', value)
}

/** @type {Validator} */
function validateAbsolutePath(value, name) {
  if (typeof value !== 'string') throw invalidType(`"${name}" property`, 'of type string', value)
  if (value.includes('\0')) throw invalidValue(name, 'must be a path without null bytes', value)
  if (path.isAbsolute(value)) return
  const hint = /^~([\\/]|$)/.test(value) ? '; only a shell expands ~, use os.homedir()' : ''
  throw invalidValue(name, `must be an absolute path${hint}`, value)
}

/** @type {Validator} */
function validateAbortSignal(value, name) {
  const hasState = typeof value === 'object' && value !== null && 'aborted' in value
  const isTarget = ['addEventListener', 'removeEventListener'].every(
    (method) => hasState && typeof value[method] === 'function',
  )
  if (!isTarget) throw invalidType(`"${name}" property`, 'an instance of AbortSignal', value)
}

/**
 * @param {number} min
 * @param {number} max
 * @param {{ allowInfinity?: boolean }} [options]
 * @returns {Validator}
 */
function validateMilliseconds(min, max, { allowInfinity = false } = {}) {
  return (value, name) => {
    if (typeof value !== 'number') throw invalidType(`"${name}" property`, 'of type number', value)
    if (allowInfinity && value === Infinity) return
    const range = `>= ${min} && <= ${max}${allowInfinity ? ', or Infinity' : ''}`
    if (!(value >= min && value <= max)) throw outOfRange(name, range, value)
  }
}

/** The errors never show the value, which may be a key with a typing error. @type {Validator} */
function validateAccessKey(value, name) {
  if (typeof value !== 'string') throw invalidType(`"${name}" property`, 'of type string', typeof value)
  if (!/^[!-~]+$/.test(value))
    throw invalidValue(name, 'must be an access key, without white space', undefined)
}

/** Every option of the discovery functions, by name. */
const VALIDATORS = /** @type {Record<string, Validator>} */ ({
  baseDir: validateAbsolutePath,
  legacyDirs: validateBoolean,
  verify: validateBoolean,
  probeTimeoutMs: validateMilliseconds(...PROBE_TIMEOUT_RANGE_MS),
  timeoutMs: validateMilliseconds(0, MAX_TIMER_MS, { allowInfinity: true }),
  persistent: validateBoolean,
  signal: validateAbortSignal,
  accessKey: validateAccessKey,
})

const SYNC_OPTIONS = ['baseDir', 'legacyDirs']
const DISCOVER_OPTIONS = [...SYNC_OPTIONS, 'verify', 'probeTimeoutMs', 'signal']
const INSPECT_OPTIONS = [...DISCOVER_OPTIONS, 'accessKey']
const WAIT_OPTIONS = [...DISCOVER_OPTIONS, 'timeoutMs']
const LAUNCH_OPTIONS = [...SYNC_OPTIONS, 'probeTimeoutMs', 'timeoutMs', 'signal']
const WATCH_OPTIONS = [...DISCOVER_OPTIONS, 'persistent']

/** Hints for options that only another discovery function takes. */
const MISPLACED_OPTION_HINTS = new Map([
  ['verify', 'Only the functions without Sync can verify.'],
  ['probeTimeoutMs', 'Only the functions without Sync can verify.'],
  ['signal', 'Only the functions without Sync can be aborted.'],
  ['timeoutMs', 'It is an option of waitForRunningInstance.'],
  ['persistent', 'It is an option of watchInstances.'],
  ['accessKey', 'It is an option of inspectRuntime.'],
])

/**
 * Returns a validated copy of the options of a discovery function.
 * @param {unknown} options
 * @param {readonly string[]} known the options that the function takes
 * @param {string} [name] of the options in error messages
 * @returns {import('../index.js').DiscoverOptions & { timeoutMs?: number, persistent?: boolean, accessKey?: string }}
 */
function validateDiscoveryOptions(options, known, name = 'options') {
  if (options === undefined) return {}
  const validated = validateOptions(options, VALIDATORS, {
    name,
    known,
    hints: name === 'options' ? MISPLACED_OPTION_HINTS : undefined,
  })
  if (validated.legacyDirs && validated.baseDir !== undefined)
    throw invalidValue(
      `${name}.legacyDirs`,
      `cannot be true beside '${name}.baseDir', which names the only directory`,
      true,
    )
  return validated
}

/**
 * Returns a validated copy of the options. Reads each option once, treats undefined as absent, and rejects unknown options.
 * @param {unknown} options
 * @param {Record<string, Validator>} validators by option name
 * @param {object} [more]
 * @param {string} [more.name] of the options in error messages
 * @param {readonly string[]} [more.known] the options to accept, by default all that have a validator
 * @param {Map<string, string>} [more.hints] sentences for options that belong elsewhere
 * @returns {Record<string, any>}
 */
function validateOptions(
  options,
  validators,
  { name = 'options', known = Object.keys(validators), hints } = {},
) {
  if (options === null || typeof options !== 'object' || Array.isArray(options))
    throw invalidType(`"${name}" ${name.includes('.') ? 'property' : 'argument'}`, 'of type object', options)

  const given = /** @type {Record<string, unknown>} */ (options)
  for (const key of Object.keys(given))
    if (!known.includes(key)) throw unknownOption(name, key, given[key], known, hints && hints.get(key))
  /** @type {Record<string, any>} */
  const validated = {}
  // Reads inherited options too, such as the getters of a class, as Node's own functions do.
  for (const key of known) {
    const value = given[key]
    if (value === undefined) continue
    validators[key](value, `${name}.${key}`)
    validated[key] = value
  }
  return validated
}

/**
 * @param {string} name of the options
 * @param {string} key
 * @param {unknown} value
 * @param {readonly string[]} known
 * @param {string} [hint] where the option belongs
 */
function unknownOption(name, key, value, known, hint) {
  const match = hint ? undefined : closestMatch(key, known)
  const advice = hint || (match && `Did you mean '${match}'?`)
  const list = `Known options: ${known.join(', ')}`
  return invalidValue(`${name}.${key}`, `is not a known option. ${advice ? `${advice} ` : ''}${list}`, value)
}

module.exports = {
  DISCOVER_OPTIONS,
  INSPECT_OPTIONS,
  SYNC_OPTIONS,
  VALIDATORS,
  LAUNCH_OPTIONS,
  WAIT_OPTIONS,
  WATCH_OPTIONS,
  validateAbsolutePath,
  validateBoolean,
  validateDiscoveryOptions,
  validateFunction,
  validateMilliseconds,
  validateOptions,
}
