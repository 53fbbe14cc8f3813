// Are these the options that the Electron helpers take?
'use strict'

const { invalidType } = require('../errors.js')
const { WATCH, checkOptions, unknownOption } = require('../options.js')

/** What a page's calls may be told to do: a signal and the process's life are not theirs. */
const DISCOVER = WATCH.filter((name) => name !== 'signal' && name !== 'persistent')

/** @typedef {(value: any, name: string) => void} Check throws where the value is wrong */

/** @type {Record<string, Check>} */
const REGISTER = {
  discover: (value, name) => void checkOptions(value, DISCOVER, name),
  isTrustedSender: isFunction,
  preload: (value, name) => {
    if (typeof value !== 'boolean') throw invalidType(`"${name}" property`, 'of type boolean', value)
  },
  session: isMadeBy('Session', (value) => typeof value.setPermissionRequestHandler === 'function'),
}

/** @type {Record<string, Check>} */
const RUNTIME = {
  window: isMadeBy('BrowserWindow', (value) => typeof value.loadURL === 'function'),
  loadBookmark: isFunction,
  saveBookmark: isFunction,
}

/** @type {Check} */
function isFunction(value, name) {
  if (typeof value !== 'function') throw invalidType(`"${name}" property`, 'of type function', value)
}

/**
 * Electron's classes are not at hand everywhere, so a method tells.
 * @param {string} kind
 * @param {(value: any) => boolean} test
 * @returns {Check}
 */
function isMadeBy(kind, test) {
  return (value, name) => {
    if (typeof value !== 'object' || value === null || !test(value))
      throw invalidType(`"${name}" property`, `an instance of ${kind}`, value)
  }
}

/**
 * A checked copy; what is undefined is as missing.
 * @param {unknown} options
 * @param {Record<string, Check>} checks
 * @returns {Record<string, any>}
 */
function check(options, checks) {
  if (options === null || typeof options !== 'object' || Array.isArray(options))
    throw invalidType('"options" argument', 'of type object', options)
  /** @type {Record<string, any>} */
  const checked = {}
  for (const [key, value] of Object.entries(options)) {
    if (!Object.keys(checks).includes(key)) {
      const elsewhere = checks === REGISTER && DISCOVER.includes(key) ? 'it belongs into discover' : undefined
      throw unknownOption('options', key, value, Object.keys(checks), elsewhere)
    }
    if (value === undefined) continue
    checks[key](value, `options.${key}`)
    checked[key] = value
  }
  return checked
}

/**
 * @param {unknown} options
 * @returns {import('../../electron.js').RegisterOptions}
 */
function checkRegisterOptions(options) {
  return options === undefined ? {} : check(options, REGISTER)
}

/**
 * @param {unknown} options
 * @returns {import('../../electron.js').SandboxedRuntimeOptions}
 */
function checkRuntimeOptions(options) {
  const { loadBookmark, saveBookmark, ...rest } = check(options, RUNTIME)
  // Both are needed: without a place to keep the bookmark, the user would be asked at every launch.
  isFunction(loadBookmark, 'options.loadBookmark')
  isFunction(saveBookmark, 'options.saveBookmark')
  return { loadBookmark, saveBookmark, ...rest }
}

module.exports = { checkRegisterOptions, checkRuntimeOptions }
