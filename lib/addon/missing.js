// Creates the error that explains why the addon does not load.
'use strict'

const { osaurusError } = require('../errors.js')
const { CAUSES } = require('./causes.js')
const { collectFacts } = require('./facts.js')

/**
 * @param {import('./facts.js').Search} search
 * @param {Function} caller left out of the stack
 * @param {import('./facts.js').Runtime} [runtime] replaced in tests
 */
function addonMissing(search, caller, runtime) {
  const facts = collectFacts(search, runtime)
  const { platform, libc, attempts, error: reason } = facts
  const cause = CAUSES.find(({ applies }) => applies(facts))
  const lines = [
    `The compiled addon of osaurus-discovery cannot be loaded on ${platform}${libc ? ` (${libc})` : ''}.`,
    ...attempts.map(({ place, error }) => `  ${place}: ${error ? firstLine(error.message) : 'not found'}`),
    ...(cause ? cause.explain(facts) : []),
  ]
  const error = osaurusError('OSAURUS_ADDON_MISSING', lines.join('\n'), caller)
  if (reason) Object.defineProperty(error, 'cause', { value: reason, configurable: true })
  return error
}

/** @param {string} message */
const firstLine = (message) => message.split('\n')[0]

module.exports = { addonMissing }
