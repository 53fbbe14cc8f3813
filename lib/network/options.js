// Validates the options of the functions for the local network.
'use strict'

const { MAX_TIMER_MS } = require('../defaults.js')
const { VALIDATORS, validateMilliseconds, validateOptions } = require('../validate.js')

const SEARCH_OPTIONS = ['verify', 'probeTimeoutMs', 'includeSelf', 'signal']
const LIST_OPTIONS = [...SEARCH_OPTIONS, 'timeoutMs']
const WATCH_OPTIONS = [...SEARCH_OPTIONS, 'persistent']

const NETWORK_VALIDATORS = {
  ...VALIDATORS,
  includeSelf: VALIDATORS.verify,
  // A list needs an end, and time for an answer.
  timeoutMs: validateMilliseconds(1, MAX_TIMER_MS),
}

/** Hints for options that only other functions take. */
const MISPLACED_OPTION_HINTS = new Map([
  ['baseDir', 'Only the functions for this machine read directories.'],
  ['legacyDirs', 'Only the functions for this machine read directories.'],
  ['accessKey', 'A search sends no key. It is an option of createOsaurusFetch.'],
  ['timeoutMs', 'It is an option of listNetworkInstances.'],
  ['persistent', 'It is an option of watchNetworkInstances.'],
])

/**
 * Returns a validated copy of the options.
 * @param {unknown} options
 * @param {readonly string[]} known the options that the function takes
 * @returns {import('../../network.js').ListNetworkOptions & import('../../network.js').WatchNetworkOptions}
 */
function validateNetworkOptions(options, known) {
  if (options === undefined) return {}
  return validateOptions(options, NETWORK_VALIDATORS, { known, hints: MISPLACED_OPTION_HINTS })
}

module.exports = { LIST_OPTIONS, WATCH_OPTIONS, validateNetworkOptions }
