// Is what startFakeOsaurus() was given usable, and what stands where nothing was given?
'use strict'

const { isIP } = require('node:net')

const { invalidType, invalidValue, outOfRange } = require('../errors.js')
const { validateAbsolutePath, validateOptions } = require('../validate.js')

/** @typedef {import('osaurus-discovery/testing').FakeOsaurusOptions} FakeOsaurusOptions */

/**
 * @param {unknown} given
 * @returns {Required<Omit<FakeOsaurusOptions, 'baseDir' | 'port'>> & Pick<FakeOsaurusOptions, 'baseDir' | 'port'>}
 */
function checkOptions(given = {}) {
  const { baseDir, port, ...others } = /** @type {FakeOsaurusOptions} */ (validateOptions(given, CHECKS))
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
  baseDir: validateAbsolutePath,
  port(value, name) {
    if (typeof value !== 'number') throw invalidType(kindOf(name), 'of type number', value)
    if (!Number.isInteger(value) || value < 0 || value > 65535) {
      throw outOfRange(name, 'a whole number >= 1 && <= 65535, or 0 for a free port', value)
    }
  },
  exposeToNetwork: checkBoolean,
  lanAddress(value, name) {
    checkString(value, name)
    if (!isIP(value)) throw invalidValue(name, 'must be an IPv4 or IPv6 address', value)
  },
  accessKey(value, name) {
    checkString(value, name)
    if (!/^[!-~]+$/.test(value)) {
      throw invalidValue(name, 'must be printable ASCII without spaces, and not empty', value)
    }
  },
  health(value, name) {
    checkOneOf(value, ['starting', 'running'], name)
  },
  models(value, name) {
    if (!Array.isArray(value)) throw invalidType(kindOf(name), 'an instance of Array', value)
    for (const [index, model] of value.entries()) {
      checkString(model, `${name}[${index}]`)
      if (model === '') throw invalidValue(`${name}[${index}]`, 'must not be empty', model)
    }
  },
}

/** @param {string} name */
function kindOf(name) {
  return `"${name}" ${name.includes('.') ? 'property' : 'argument'}`
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {asserts value is string}
 */
function checkString(value, name) {
  if (typeof value !== 'string') throw invalidType(kindOf(name), 'of type string', value)
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function checkBoolean(value, name) {
  if (typeof value !== 'boolean') throw invalidType(kindOf(name), 'of type boolean', value)
}

/**
 * @param {unknown} value
 * @param {string[]} allowed
 * @param {string} name
 */
function checkOneOf(value, allowed, name) {
  checkString(value, name)
  const words = `must be one of: ${allowed.map((word) => `'${word}'`).join(', ')}`
  if (!allowed.includes(value)) throw invalidValue(name, words, value)
}

module.exports = { checkOptions, checkBoolean, checkOneOf }
