// Decides which routes of Osaurus a page may request: inference, and what the app adds.
'use strict'

const { FORBIDDEN_METHODS } = require('../defaults.js')
const { invalidType, invalidValue, osaurusError } = require('../errors.js')
const { problemOfMethod, problemOfPath, problemOfTarget } = require('./plain-target.js')

/**
 * @typedef {object} Refusal
 * @property {string} route as in `GET /agents`, without the query
 * @property {string} [problem] why no pattern can allow the request, as in `its path contains a dot segment`
 */

/** What every page of the app may request. */
const DEFAULT_ROUTES = [
  'GET /models',
  'GET /tags',
  'POST /chat/completions',
  'POST /completions',
  'POST /responses',
  'POST /messages',
  'POST /chat',
  'POST /generate',
  'POST /show',
  'POST /embeddings',
  'POST /embed',
  'POST /audio/transcriptions',
  'POST /images/generations',
]

/** Osaurus serves every route below each of these, too. */
const PREFIX = /^\/(?:v1\/api|v1|api)(?=\/)/

/** The longest route that an error quotes. */
const MAX_QUOTED = 200

/**
 * Creates the policy for all pages: the default routes and those of the app.
 * @param {readonly string[]} [routes] patterns that validateRoutes() has accepted
 */
function createRoutePolicy(routes = []) {
  const patterns = [...DEFAULT_ROUTES, ...routes].map(compile)

  return {
    /**
     * Checks a request before any of it is sent.
     * @param {unknown} method must be in upper case
     * @param {unknown} target the path and the query, exactly as they go to the server
     * @returns {Refusal | null} null if the request is allowed
     */
    check(method, target) {
      if (typeof method !== 'string' || typeof target !== 'string')
        return { route: 'an unknown route', problem: 'its method and its path must be strings' }
      const path = target.split('?', 1)[0]
      const problem = problemOfMethod(method) || problemOfTarget(target)
      if (problem) return { route: quoted(`${method} ${path}`), problem }
      if (patterns.some((pattern) => pattern.method.test(method) && pattern.path.test(path))) return null
      return { route: quoted(`${method} ${path.replace(PREFIX, '')}`) }
    },
  }
}

/**
 * Makes the expressions that the method and the path of a request must match.
 * @param {string} route
 */
function compile(route) {
  const [method, path] = route.split(' ')
  const segments = path.slice(1).split('/')
  const rest = segments[segments.length - 1] === '**'
  if (rest) segments.pop()
  const source = segments.map((segment) => '/' + (segment === '*' ? '[^/]+' : escaped(segment))).join('')
  // A path that names a prefix means that one only.
  const prefix = PREFIX.test(path) ? '' : '(?:/v1/api|/v1|/api)?'
  return {
    method: method === '*' ? /^/ : new RegExp(`^${escaped(method)}$`),
    path: new RegExp(`^${prefix}${source}${rest ? '(?:/.*)?' : ''}$`),
  }
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/**
 * Throws unless the value is an array of patterns such as `POST /mcp/call`, `GET /agents/*` or `* /plugins/notes/**`.
 * @type {import('../validate.js').Validator}
 */
function validateRoutes(value, name) {
  if (!Array.isArray(value)) throw invalidType(`"${name}" property`, 'an array of strings', value)
  // An index, since forEach() skips holes.
  for (let index = 0; index < value.length; index++) validateRoute(value[index], `${name}[${index}]`)
}

/** @type {import('../validate.js').Validator} */
function validateRoute(value, name) {
  if (typeof value !== 'string') throw invalidType(`"${name}" property`, 'of type string', value)
  const problem = problemOfPattern(value)
  if (problem) throw invalidValue(name, `must be a route such as 'POST /mcp/call': ${problem}`, value)
}

/** @param {string} pattern @returns {string | undefined} */
function problemOfPattern(pattern) {
  const parts = pattern.split(' ')
  if (parts.length !== 2) return 'a method, one space and a path'
  const [method, path] = parts
  if (method !== '*' && problemOfMethod(method))
    return FORBIDDEN_METHODS.has(method)
      ? `no page can use the method ${method}`
      : "the method is in upper case, or '*' for any"
  if (!path.startsWith('/')) return 'the path begins with a slash'
  if (/[?#]/.test(path)) return 'the path has no query, since queries are not compared'
  const segments = path.slice(1).split('/')
  if (segments.slice(0, -1).includes('**')) return "'**' can only be the last segment"
  if (segments.some((segment) => segment.includes('*') && segment !== '*' && segment !== '**'))
    return "'*' stands for one whole segment, and '**' for the rest of the path"
  if (segments.some((segment) => segment.startsWith(':')))
    return "a segment that begins with a colon is not a parameter: write '*'"
  const problem = problemOfPath(path)
  return problem && `the path ${problem}`
}

/**
 * The error for the page.
 * @param {Refusal} refusal
 */
function routeNotAllowed({ route, problem }) {
  const message = `This page may not request ${route}: ${problem ? `${problem}, which no route allows` : advice(route)}`
  return osaurusError('OSAURUS_ROUTE_NOT_ALLOWED', message, routeNotAllowed)
}

/** @param {string} route */
function advice(route) {
  // As an entry, a route with an asterisk would allow others as well.
  const entry = /['*\u2026]/.test(route) ? 'a route that covers it' : `'${route}'`
  return `to allow it, add ${entry} to the option 'fetch.routes' of registerOsaurus() in the main process`
}

/** Shortens a route, and escapes what may not reach a terminal. @param {string} route */
function quoted(route) {
  const printable = route.slice(0, MAX_QUOTED).replace(/[^ -~]/g, escapeCharacter)
  return route.length > MAX_QUOTED ? `${printable}…` : printable
}

/** @param {string} character */
function escapeCharacter(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

module.exports = { DEFAULT_ROUTES, createRoutePolicy, routeNotAllowed, validateRoutes }
