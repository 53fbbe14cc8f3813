// Is what startFakeOsaurus() was given usable, and what stands where nothing was given?
'use strict'
const { isIP } = require('node:net')
const path = require('node:path')
const { inspect } = require('node:util')

/** @typedef {import('osaurus-discovery/testing').FakeOsaurusOptions} FakeOsaurusOptions */

/**
 * @param {unknown} given
 * @returns {Required<Omit<FakeOsaurusOptions, 'baseDir' | 'port'>> & Pick<FakeOsaurusOptions, 'baseDir' | 'port'>}
 */
function checkOptions(given = {}) {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw wrongType('options', 'an object', given)
  }
  const options = /** @type {Record<string, unknown>} */ (given)
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(CHECKS, name)) {
      const known = Object.keys(CHECKS).join(', ')
      throw wrongValue(`options.${name}`, options[name], `is no option; there are ${known}`)
    }
    if (options[name] !== undefined) CHECKS[name](options[name], `options.${name}`)
  }
  const { baseDir, port, ...others } = /** @type {FakeOsaurusOptions} */ (options)
  const {
    exposeToNetwork = false,
    lanAddress = '192.0.2.1',
    accessKey = 'osk-v1-test',
    health = 'running',
  } = others
  const models = [...(others.models ?? ['llama-3.2-3b-instruct'])]
  return { baseDir, port, exposeToNetwork, lanAddress, accessKey, health, models }
}

/** @type {Record<string, (value: unknown, name: string) => void>} */
const CHECKS = {
  baseDir(value, name) {
    checkString(value, name)
    if (value.includes('\0')) throw wrongValue(name, value, 'must not contain a NUL byte')
    if (!path.isAbsolute(value)) throw wrongValue(name, value, 'must be an absolute path')
  },
  port(value, name) {
    if (typeof value !== 'number') throw wrongType(name, 'a number', value)
    if (!Number.isInteger(value) || value < 0 || value > 65535) {
      throw outOfRange(name, 'a whole number from 1 to 65535, or 0 for a free port', value)
    }
  },
  exposeToNetwork: checkBoolean,
  lanAddress(value, name) {
    checkString(value, name)
    if (!isIP(value)) throw wrongValue(name, value, 'must be an IPv4 or IPv6 address')
  },
  accessKey(value, name) {
    checkString(value, name)
    if (!/^[!-~]+$/.test(value))
      throw wrongValue(name, value, 'must be printable ASCII without spaces, and not empty')
  },
  health(value, name) {
    checkOneOf(value, ['starting', 'running'], name)
  },
  models(value, name) {
    if (!Array.isArray(value)) throw wrongType(name, 'an array of strings', value)
    value.forEach((model, index) => {
      checkString(model, `${name}[${index}]`)
      if (model === '') throw wrongValue(`${name}[${index}]`, model, 'must not be empty')
    })
  },
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {asserts value is string}
 */
function checkString(value, name) {
  if (typeof value !== 'string') throw wrongType(name, 'a string', value)
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function checkBoolean(value, name) {
  if (typeof value !== 'boolean') throw wrongType(name, 'a boolean', value)
}

/**
 * @param {unknown} value
 * @param {string[]} allowed
 * @param {string} name
 */
function checkOneOf(value, allowed, name) {
  checkString(value, name)
  if (!allowed.includes(value))
    throw wrongValue(name, value, `must be one of: ${allowed.map((it) => `'${it}'`).join(', ')}`)
}

// As Node words and codes them.
const show = (/** @type {unknown} */ value) => inspect(value, { depth: 0, maxStringLength: 128 })
const what = (/** @type {string} */ name) =>
  name.includes('.') ? `The property '${name}'` : `The "${name}" argument`

/** @param {string} name @param {string} expected @param {unknown} value */
function wrongType(name, expected, value) {
  const got = value === null || value === undefined ? `${value}` : `type ${typeof value} (${show(value)})`
  const message = `${what(name)} must be ${expected}. Received ${got}`
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' })
}

/** @param {string} name @param {unknown} value @param {string} rule */
function wrongValue(name, value, rule) {
  return Object.assign(new TypeError(`${what(name)} ${rule}. Received ${show(value)}`), {
    code: 'ERR_INVALID_ARG_VALUE',
  })
}

/** @param {string} name @param {string} range @param {unknown} value */
function outOfRange(name, range, value) {
  const message = `The value of "${name}" is out of range. It must be ${range}. Received ${show(value)}`
  return Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' })
}

module.exports = { checkOptions, checkBoolean, checkOneOf }
