// Are the caller's options what a function takes?
'use strict'

const path = require('path')

const { invalidType, invalidValue, outOfRange } = require('./errors.js')
const { nearest } = require('./suggest.js')

/** @typedef {(value: any, name: string) => void} Check throws where the value is wrong */

/** @type {Check} */
function isBoolean(value, name) {
  if (typeof value !== 'boolean') throw invalidType(`"${name}" property`, 'of type boolean', value)
}

/** @type {Check} */
function isFolder(value, name) {
  if (typeof value !== 'string') throw invalidType(`"${name}" property`, 'of type string', value)
  if (value.includes('\0')) throw invalidValue(name, 'must be a path without null bytes', value)
  if (path.isAbsolute(value)) return
  const hint = /^~([\\/]|$)/.test(value) ? '; ~ means something to a shell only, os.homedir() here' : ''
  throw invalidValue(name, `must be an absolute path${hint}`, value)
}

/** @type {Check} */
function isSignal(value, name) {
  const good = typeof value === 'object' && value !== null && 'aborted' in value
  const listens = ['addEventListener', 'removeEventListener'].every(
    (method) => good && typeof value[method] === 'function',
  )
  if (!listens) throw invalidType(`"${name}" property`, 'an instance of AbortSignal', value)
}

/**
 * @param {number} least
 * @param {number} most
 * @param {boolean} [orInfinity]
 * @returns {Check}
 */
function isMilliseconds(least, most, orInfinity) {
  return (value, name) => {
    if (typeof value !== 'number') throw invalidType(`"${name}" property`, 'of type number', value)
    if (orInfinity && value === Infinity) return
    const range = `>= ${least} && <= ${most}${orInfinity ? ', or Infinity' : ''}`
    if (!(value >= least && value <= most)) throw outOfRange(name, range, value)
  }
}

/** Every option there is, by name. */
const CHECKS = /** @type {Record<string, Check>} */ ({
  baseDir: isFolder,
  legacyDirs: isBoolean,
  verify: isBoolean,
  probeTimeoutMs: isMilliseconds(1, 60000),
  timeoutMs: isMilliseconds(0, 2 ** 31 - 1, true),
  persistent: isBoolean,
  signal: isSignal,
})

const FOLDER = ['baseDir', 'legacyDirs']
const DISCOVER = [...FOLDER, 'verify', 'probeTimeoutMs', 'signal']
const WAIT = [...DISCOVER, 'timeoutMs']
const WATCH = [...DISCOVER, 'persistent']

/** What to say of an option that only others of our functions take. */
const ELSEWHERE = new Map([
  ['verify', 'only the functions without Sync ask servers'],
  ['probeTimeoutMs', 'only the functions without Sync ask servers'],
  ['signal', 'only the functions without Sync can be aborted'],
  ['timeoutMs', 'it is one of waitForRunningInstance'],
  ['persistent', 'it is one of watchInstances'],
])

/**
 * A checked copy of what one of our functions that look for Osaurus was given.
 * @param {unknown} options
 * @param {readonly string[]} known the options that the function takes
 * @param {string} [name] how the caller would call them
 * @returns {import('../index.js').DiscoverOptions & { timeoutMs?: number, persistent?: boolean }}
 */
function checkOptions(options, known, name = 'options') {
  if (options === undefined) return {}
  const checked = checkEach(options, CHECKS, {
    name,
    known,
    elsewhere: name === 'options' ? ELSEWHERE : undefined,
  })
  if (checked.legacyDirs && checked.baseDir !== undefined)
    throw invalidValue(
      `${name}.legacyDirs`,
      `cannot be true beside '${name}.baseDir', which names the one folder`,
      true,
    )
  return checked
}

/**
 * A checked copy of the options, each read once; what is undefined is as missing.
 * @param {unknown} options
 * @param {Record<string, Check>} checks by the option's name
 * @param {object} [more]
 * @param {string} [more.name] how the caller would call them
 * @param {readonly string[]} [more.known] those that are taken here, of all that can be checked
 * @param {Map<string, string>} [more.elsewhere] what to say of those that are taken at another place
 * @returns {Record<string, any>}
 */
function checkEach(options, checks, { name = 'options', known = Object.keys(checks), elsewhere } = {}) {
  if (options === null || typeof options !== 'object' || Array.isArray(options))
    throw invalidType(`"${name}" ${name.includes('.') ? 'property' : 'argument'}`, 'of type object', options)

  const given = /** @type {Record<string, unknown>} */ (options)
  for (const key of Object.keys(given))
    if (!known.includes(key))
      throw unknownOption(name, key, given[key], known, elsewhere && elsewhere.get(key))
  /** @type {Record<string, any>} */
  const checked = {}
  // Those that an object inherits too, such as a class's getters, as Node's own functions read them.
  for (const key of known) {
    const value = given[key]
    if (value === undefined) continue
    checks[key](value, `${name}.${key}`)
    checked[key] = value
  }
  return checked
}

/**
 * @param {string} name of the options
 * @param {string} key
 * @param {unknown} value
 * @param {readonly string[]} known
 * @param {string} [elsewhere] where it would be right
 */
function unknownOption(name, key, value, known, elsewhere) {
  const near = elsewhere ? undefined : nearest(key, known)
  const hint = elsewhere || (near && `did you mean '${near}'?`)
  const reason = `is none of the options ${known.join(', ')}${hint ? ` (${hint})` : ''}`
  return invalidValue(`${name}.${key}`, reason, value)
}

module.exports = { CHECKS, DISCOVER, FOLDER, WAIT, WATCH, checkEach, checkOptions, isBoolean, isFolder }
