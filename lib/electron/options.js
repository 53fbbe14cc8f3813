// Are these the options that the Electron helpers take?
'use strict'

const { invalidType } = require('../errors.js')
const { WATCH, checkEach, checkOptions, isBoolean } = require('../validate.js')

/** What a page's calls may be told to do: a signal and the process's life are not theirs. */
const DISCOVER = WATCH.filter((name) => name !== 'signal' && name !== 'persistent')

/** @typedef {(value: any, name: string) => void} Check throws where the value is wrong */

/** @type {Record<string, Check>} */
const REGISTER = {
  discover: () => {}, // Checked where it is copied.
  isTrustedSender: isFunction,
  preload: isBoolean,
  session: isMadeBy('Session', (value) => typeof value.setPermissionRequestHandler === 'function'),
}

/** What is discovery's belongs one level deeper. */
const ELSEWHERE = new Map(DISCOVER.map((name) => [name, 'it belongs into discover']))

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
 * @param {unknown} options
 * @returns {import('../../electron.js').RegisterOptions}
 */
function checkRegisterOptions(options) {
  if (options === undefined) return {}
  const checked = checkEach(options, REGISTER, { elsewhere: ELSEWHERE })
  if (checked.discover !== undefined)
    checked.discover = checkOptions(checked.discover, DISCOVER, 'options.discover')
  return checked
}

/**
 * @param {unknown} options
 * @returns {import('../../electron.js').SandboxedRuntimeOptions}
 */
function checkRuntimeOptions(options) {
  const { loadBookmark, saveBookmark, ...rest } = /** @type {any} */ (checkEach(options, RUNTIME))
  // Both are needed: without a place to keep the bookmark, the user would be asked at every launch.
  isFunction(loadBookmark, 'options.loadBookmark')
  isFunction(saveBookmark, 'options.saveBookmark')
  return { loadBookmark, saveBookmark, ...rest }
}

module.exports = { checkRegisterOptions, checkRuntimeOptions }
