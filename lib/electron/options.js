// Validates the options of the Electron helpers.
'use strict'

const { invalidType, invalidValue } = require('../errors.js')
const {
  WATCH_OPTIONS,
  validateAbsolutePath,
  validateBoolean,
  validateDiscoveryOptions,
  validateFunction,
  validateOptions,
} = require('../validate.js')

/** @typedef {import('../validate.js').Validator} Validator */

/** The options of `discover`: pages need neither a signal nor a say in when the process ends. */
const DISCOVER_OPTIONS = WATCH_OPTIONS.filter((name) => name !== 'signal' && name !== 'persistent')

const validateSession = validateInstanceOf(
  'Session',
  (value) => typeof value.setPermissionRequestHandler === 'function',
)

/** @type {Record<string, Validator>} */
const REGISTER = {
  discover: () => {}, // Validated where it is copied.
  fetch: () => {}, // The same.
  isTrustedSender: validateFunction,
  launch: validateBoolean,
  preload: validateBoolean,
  session: validateSessions,
}

const MISPLACED_OPTION_HINTS = new Map(
  DISCOVER_OPTIONS.map((name) => [name, `It is an option of discovery: write { discover: { ${name} } }.`]),
)
for (const name of ['accessKey', 'routes', 'url', 'waitMs'])
  MISPLACED_OPTION_HINTS.set(name, `It is an option of fetch: write { fetch: { ${name} } }.`)

/** @type {Record<string, Validator>} */
const ACCESS_KEY_STORE = { file: validateAbsolutePath }

/** @type {Record<string, Validator>} */
const SANDBOXED_RUNTIME = {
  window: validateInstanceOf('BrowserWindow', (value) => typeof value.loadURL === 'function'),
  loadBookmark: validateFunction,
  saveBookmark: validateFunction,
}

/** @type {Validator} */
function validateSessions(value, name) {
  if (value === 'all') return
  if (typeof value === 'string')
    throw invalidValue(name, "must be a Session, an array of them, or 'all'", value)
  if (!Array.isArray(value)) return validateSession(value, name)
  value.forEach((session, index) => validateSession(session, `${name}[${index}]`))
}

/**
 * Validates by a method of the class, because Electron's classes are not available in every process.
 * @param {string} name of the class
 * @param {(value: any) => boolean} hasMethod
 * @returns {Validator}
 */
function validateInstanceOf(name, hasMethod) {
  return (value, option) => {
    if (typeof value !== 'object' || value === null || !hasMethod(value))
      throw invalidType(`"${option}" property`, `an instance of ${name}`, value)
  }
}

/**
 * @param {unknown} options
 * @returns {import('../../electron.js').RegisterOptions & { fetch?: import('./fetch-options.js').PageFetchOptions }}
 */
function validateRegisterOptions(options) {
  if (options === undefined) return {}
  const validated = validateOptions(options, REGISTER, { hints: MISPLACED_OPTION_HINTS })
  if (validated.discover !== undefined)
    validated.discover = validateDiscoveryOptions(validated.discover, DISCOVER_OPTIONS, 'options.discover')
  // Loaded only where it is needed: what it imports takes milliseconds.
  if (validated.fetch !== undefined)
    validated.fetch = require('./fetch-options.js').validateFetch(validated.fetch)
  return validated
}

/**
 * @param {unknown} options
 * @returns {import('../../electron.js').AccessKeyStoreOptions}
 */
function validateAccessKeyStoreOptions(options) {
  return options === undefined ? {} : validateOptions(options, ACCESS_KEY_STORE)
}

/**
 * @param {unknown} options
 * @returns {import('../../electron.js').SandboxedRuntimeOptions}
 */
function validateSandboxedRuntimeOptions(options) {
  const { loadBookmark, saveBookmark, ...rest } = /** @type {any} */ (
    validateOptions(options, SANDBOXED_RUNTIME)
  )
  // Both are required: if the bookmark is not kept, the dialog appears at every launch.
  validateFunction(loadBookmark, 'options.loadBookmark')
  validateFunction(saveBookmark, 'options.saveBookmark')
  return { loadBookmark, saveBookmark, ...rest }
}

module.exports = { validateAccessKeyStoreOptions, validateRegisterOptions, validateSandboxedRuntimeOptions }
