// Validates what the testing kit is given, and fills in defaults.
'use strict'

const { isIP } = require('node:net')

const { MAX_TIMER_MS } = require('../defaults.js')
const { invalidType, invalidValue, outOfRange } = require('../errors.js')
const { validateAbsolutePath, validateFunction, validateOptions } = require('../validate.js')

/**
 * @typedef {import('osaurus-discovery/testing').FakeOsaurusOptions} FakeOsaurusOptions
 * @typedef {(value: unknown, name: string) => void} Check throws where the value is wrong
 */

/** @type {Check} */
function validatePort(value, name) {
  validateType(value, name, 'number')
  if (!Number.isInteger(value) || Number(value) < 0 || Number(value) > 65535) {
    throw outOfRange(name, 'a whole number >= 1 && <= 65535, or 0 for a free port', value)
  }
}

/** @type {Check} */
function validatePublishedPort(value, name) {
  validatePort(value, name)
  if (value === 0) throw outOfRange(name, 'a whole number >= 1 && <= 65535', value)
}

/** @type {Check} */
function validateStatus(value, name) {
  validateType(value, name, 'number')
  if (!Number.isInteger(value) || Number(value) < 200 || Number(value) > 599) {
    throw outOfRange(name, 'a whole number >= 200 && <= 599', value)
  }
}

/** @type {Check} */
function validateDelay(value, name) {
  validateType(value, name, 'number')
  if (!(Number(value) >= 0 && Number(value) <= MAX_TIMER_MS)) {
    throw outOfRange(name, `>= 0 && <= ${MAX_TIMER_MS}`, value)
  }
}

/** @type {Check} */
function validateTime(value, name) {
  if (value instanceof Date ? !Number.isNaN(value.getTime()) : Number.isFinite(value)) return
  throw invalidType(kindOf(name), 'a Date, or a finite number of milliseconds', value)
}

/** @type {Check} */
function validateAccessKey(value, name) {
  if (/^[!-~]+$/.test(validateString(value, name))) return
  throw invalidValue(name, 'must be printable ASCII without spaces, and not empty', value)
}

/**
 * @param {(value: string, name: string) => void} validateItem
 * @returns {Check}
 */
function validateList(validateItem) {
  return (value, name) => {
    if (!Array.isArray(value)) throw invalidType(kindOf(name), 'an instance of Array', value)
    for (const [index, item] of value.entries()) {
      const itemName = `${name}[${index}]`
      validateItem(validateString(item, itemName), itemName)
    }
  }
}

/** @param {string} name */
function kindOf(name) {
  return `"${name}" ${name.includes('.') ? 'property' : 'argument'}`
}

/**
 * @param {unknown} value
 * @param {string} name
 * @param {'string' | 'number' | 'boolean'} type
 */
function validateType(value, name, type) {
  if (typeof value !== type) throw invalidType(kindOf(name), `of type ${type}`, value)
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function validateString(value, name) {
  validateType(value, name, 'string')
  return /** @type {string} */ (value)
}

/** @type {Check} */
function validateBoolean(value, name) {
  validateType(value, name, 'boolean')
}

/**
 * @param {unknown} value
 * @param {string[]} allowed
 * @param {string} name
 */
function validateOneOf(value, allowed, name) {
  const words = `must be one of: ${allowed.map((word) => `'${word}'`).join(', ')}`
  if (!allowed.includes(validateString(value, name))) throw invalidValue(name, words, value)
}

/** @type {Record<string, Check>} */
const START_CHECKS = {
  baseDir: validateAbsolutePath,
  port: validatePort,
  exposeToNetwork: validateBoolean,
  lanAddress(value, name) {
    if (!isIP(validateString(value, name))) throw invalidValue(name, 'must be an IPv4 or IPv6 address', value)
  },
  accessKey: validateAccessKey,
  accessKeys: validateList(validateAccessKey),
  corsOrigins: validateList((value, name) => {
    if (value !== '*' && !(URL.canParse(value) && new URL(value).origin === value)) {
      throw invalidValue(name, "must be an origin such as 'http://localhost:3000', or '*'", value)
    }
  }),
  health: (value, name) => validateOneOf(value, ['starting', 'running'], name),
  models: validateList((value, name) => {
    if (value === '') throw invalidValue(name, 'must not be empty', value)
  }),
  slow: validateDelay,
  wordDelayMs: validateDelay,
  answer: validateFunction,
  advertise(value, name) {
    if (typeof value !== 'boolean') validateOptions(value, ADVERTISE_CHECKS, { name })
  },
}

/** @type {Record<string, Check>} */
const ADVERTISE_CHECKS = {
  name(value, name) {
    const bytes = Buffer.byteLength(validateString(value, name))
    if (bytes < 1 || bytes > 63) throw invalidValue(name, 'must have from 1 to 63 bytes', value)
  },
  where: (value, name) => validateOneOf(value, ['loopback', 'network'], name),
}

/**
 * @param {FakeOsaurusOptions['advertise']} given checked
 * @returns {import('./advertiser.js').AdvertiseOptions | undefined}
 */
function advertisePlace(given) {
  if (!given) return undefined
  const { name = 'Fake Osaurus', where = 'loopback' } = given === true ? {} : given
  return { name, where }
}

/**
 * @param {unknown} given what startFakeOsaurus() was given
 */
function startOptions(given = {}) {
  const checked = /** @type {FakeOsaurusOptions} */ (validateOptions(given, START_CHECKS))
  if (checked.accessKey !== undefined && checked.accessKeys !== undefined) {
    throw invalidValue('options.accessKey', "cannot be set beside 'options.accessKeys'", checked.accessKey)
  }
  const advertise = advertisePlace(checked.advertise)
  if (advertise && checked.exposeToNetwork === false) {
    const reason =
      "cannot be false beside 'options.advertise', because Osaurus advertises exposed servers only"
    throw invalidValue('options.exposeToNetwork', reason, false)
  }
  const { accessKey = 'osk-v1-test', models = ['llama-3.2-3b-instruct'], ...others } = checked
  return {
    baseDir: others.baseDir,
    port: others.port ?? 0,
    exposeToNetwork: others.exposeToNetwork ?? advertise !== undefined,
    lanAddress: others.lanAddress ?? '192.0.2.1',
    accessKeys: others.accessKeys ?? [accessKey],
    corsOrigins: [...(others.corsOrigins ?? [])],
    health: others.health ?? 'running',
    models: [...models],
    slow: others.slow ?? 0,
    wordDelayMs: others.wordDelayMs ?? 0,
    answer: others.answer,
    advertise,
  }
}

const SETTINGS = { port: validatePublishedPort, expose: validateBoolean }

/** @param {unknown} given @returns {import('osaurus-discovery/testing').FakeServeOptions} */
const serveOptions = (given = {}) => validateOptions(given, SETTINGS)

/** @param {unknown} given @returns {import('osaurus-discovery/testing').FakeRestartOptions} */
const restartOptions = (given = {}) =>
  validateOptions(given, { ...SETTINGS, delayMs: validateDelay, startingMs: validateDelay })

/** @param {unknown} given @returns {import('osaurus-discovery/testing').FakeRelaunchOptions} */
const relaunchOptions = (given = {}) =>
  validateOptions(given, { port: validatePort, startingMs: validateDelay })

/** @param {unknown} given @returns {{ path?: string }} */
const failureOptions = (given = {}) =>
  validateOptions(given, {
    path(value, name) {
      if (!validateString(value, name).startsWith('/')) throw invalidValue(name, "must begin with '/'", value)
    },
  })

/** @param {unknown} given @returns {import('osaurus-discovery/testing').FakeAccessKeyOptions} */
const accessKeyOptions = (given = {}) =>
  validateOptions(given, {
    label: validateString,
    audience: validateString,
    issuedAt: validateTime,
    expiresAt(value, name) {
      if (value !== null) validateTime(value, name)
    },
  })

module.exports = {
  accessKeyOptions,
  failureOptions,
  relaunchOptions,
  restartOptions,
  serveOptions,
  startOptions,
  validateAccessKey,
  validateBoolean,
  validateDelay,
  validateOneOf,
  validateStatus,
}
