// Checks that a request's method and path are in plain form, which every program reads in the same way.
'use strict'

const { FORBIDDEN_METHODS } = require('../defaults.js')

/** No route of Osaurus is nearly as long; Node.js servers accept twice as much. */
const MAX_LENGTH = 8192

/** What each path must not match. The first match names the problem. @type {[RegExp, string][]} */
const PATH_PROBLEMS = [
  [/^(?!\/)/, 'does not begin with a slash'],
  [/\\/, 'contains a backslash'],
  [/#/, 'contains a fragment'],
  // The characters of RFC 3986.
  [/[^\w\-.~!$&'()*+,;=:@%/]/, 'contains a character that must be encoded'],
  [/\/\//, 'contains a doubled slash'],
  // Some servers drop what follows a semicolon before they resolve dot segments.
  [/\/\.{1,2}(?=[/;]|$)/, 'contains a dot segment'],
  [/%(?![\da-f]{2})/i, 'contains an incomplete escape'],
  [/%(?:2f|5c)/i, 'contains an encoded slash or backslash'],
  [/%(?:[01][\da-f]|7f)/i, 'contains an encoded control character'],
  [/%(?:2[de]|3\d|[46][1-9a-f]|5[\daf]|7[\dae])/i, 'contains an escape of a character that needs none'],
  [/%25[\da-f]{2}/i, 'is encoded twice'],
]

/**
 * @param {string} method
 * @returns {string | undefined} what is wrong with the method of a request
 */
function problemOfMethod(method) {
  // Node.js sends every method in upper case, whatever it is given.
  if (!/^[A-Z][A-Z-]{0,31}$/.test(method)) return 'its method is not a word in upper case'
  if (FORBIDDEN_METHODS.has(method)) return `no page can use the method ${method}`
}

/**
 * @param {string} target a path, which a query may follow
 * @returns {string | undefined} what is wrong with it
 */
function problemOfTarget(target) {
  if (target.length > MAX_LENGTH) return `its path and query are longer than ${MAX_LENGTH} characters`
  const queryAt = target.indexOf('?')
  const path = queryAt < 0 ? target : target.slice(0, queryAt)
  const problem = problemOfPath(path)
  if (problem) return `its path ${problem}`
  // The URL parser leaves no other character in a query.
  if (queryAt >= 0 && /[^!-~]|["#'<>]/.test(target.slice(queryAt)))
    return 'its query contains a character that must be encoded'
}

/**
 * @param {string} path
 * @returns {string | undefined} what is wrong with it
 */
function problemOfPath(path) {
  for (const [pattern, problem] of PATH_PROBLEMS) if (pattern.test(path)) return problem
  // Overlong forms of a slash or a dot are not UTF-8.
  if (!isUtf8(path)) return 'contains an escape that is not UTF-8'
}

/** @param {string} path */
function isUtf8(path) {
  try {
    decodeURIComponent(path)
    return true
  } catch (_) {
    return false
  }
}

module.exports = { problemOfMethod, problemOfPath, problemOfTarget }
