// How does a failure become an error that Node developers know how to handle?
'use strict'

const { inspect } = require('util')

/**
 * @param {string} code
 * @param {string} message
 * @param {Function} [caller] left out of the stack, with all above it; a second stack doubles what an error costs
 * @returns {import('../index.js').OsaurusError}
 */
function osaurusError(code, message, caller) {
  const error = /** @type {import('../index.js').OsaurusError} */ (new Error(message))
  error.code = /** @type {any} */ (code)
  if (caller) Error.captureStackTrace(error, caller)
  return error
}

/**
 * The value that the addon gave, or the failure it gave instead, thrown.
 * @template T
 * @param {T | { code: string, message: string }} outcome
 * @returns {T}
 */
function unwrap(outcome) {
  const failure = /** @type {{ code?: string, message: string }} */ (outcome)
  if (failure.code !== undefined) throw osaurusError(failure.code, failure.message)
  return /** @type {T} */ (outcome)
}

/**
 * Tells the process of what is in somebody's way, and of nobody's error.
 * @param {string} message
 * @param {string} code
 */
function warn(message, code) {
  process.emitWarning(message, 'OsaurusWarning', code)
}

/** @param {AbortSignal} signal */
function abortError(signal) {
  const error = Object.assign(new Error('The operation was aborted'), { code: 'ABORT_ERR' })
  error.name = 'AbortError'
  Object.defineProperty(error, 'cause', { value: signal.reason, configurable: true, writable: true })
  return error
}

/**
 * @param {string} name with its kind, as in `"options.port" property`
 * @param {string} expected as in `of type number`
 * @param {unknown} got
 */
function invalidType(name, expected, got) {
  const error = new TypeError(`The ${name} must be ${expected}. Received ${received(got)}`)
  return Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' })
}

/**
 * @param {string} name as in `options.port`
 * @param {string} reason as in `must be absolute`
 * @param {unknown} got
 */
function invalidValue(name, reason, got) {
  const error = new TypeError(`The property '${name}' ${reason}. Received ${shortened(got, 128)}`)
  return Object.assign(error, { code: 'ERR_INVALID_ARG_VALUE' })
}

/**
 * @param {string} name as in `options.port`
 * @param {string} range as in `>= 1 && <= 65535`
 * @param {unknown} got
 */
function outOfRange(name, range, got) {
  const error = new RangeError(
    `The value of "${name}" is out of range. It must be ${range}. Received ${inspect(got)}`,
  )
  return Object.assign(error, { code: 'ERR_OUT_OF_RANGE' })
}

/**
 * What a value is, in the words of Node's own errors.
 * @param {unknown} value
 */
function received(value) {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'function') return `function ${value.name}`
  if (typeof value !== 'object') return `type ${typeof value} (${shortened(value, 28)})`
  const { constructor } = value
  return constructor && constructor.name
    ? `an instance of ${constructor.name}`
    : inspect(value, { depth: -1 })
}

/**
 * @param {unknown} value
 * @param {number} most
 */
function shortened(value, most) {
  const text = inspect(value)
  return text.length > most ? `${text.slice(0, most)}...` : text
}

module.exports = { abortError, invalidType, invalidValue, osaurusError, outOfRange, unwrap, warn }
