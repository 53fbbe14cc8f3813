// Words the errors of requests to Osaurus. None contains a header, a body or a query.
'use strict'

const { osaurusError, withCause } = require('../errors.js')
const { isLoopback } = require('./server-url.js')

/**
 * Words the loss of a connection that may have carried the request, which is therefore not sent again.
 * @param {InstanceType<typeof import('./call.js').Call>} call
 * @param {string} when
 * @param {Error} [cause]
 */
function connectionLost({ request, target }, when, cause) {
  const server = target ? target.authority : 'Osaurus'
  const path = request.path.split('?')[0]
  return withCause(
    osaurusError(
      'OSAURUS_CONNECTION_LOST',
      `Osaurus at ${server} closed the connection ${when} (${request.method} ${path}). ` +
        'It may have processed the request, so the request is not sent again. Check its effect before you repeat it.',
    ),
    cause,
  )
}

/**
 * Words the failure of a request of which no byte was sent, not even at the last attempt.
 * @param {import('./servers.js').Target} target
 * @param {NodeJS.ErrnoException} cause
 */
function notResponding({ authority }, cause) {
  const code = cause.code || ''
  if (code.startsWith('OSAURUS_')) return cause
  if (LOCAL_PROBLEMS.has(code))
    return withCause(osaurusError('OSAURUS_IO', `Cannot connect to Osaurus: ${cause.message}`), cause)
  const what = failureOf(cause)
  return withCause(
    osaurusError(
      'OSAURUS_NOT_RESPONDING',
      `Osaurus is not responding: ${authority} ${what}. Start Osaurus and try again.`,
    ),
    cause,
  )
}

/**
 * Words why the server of the option `url` cannot be used: it cannot be reached, or is not Osaurus.
 * @param {import('./server-url.js').ServerUrl} url
 * @param {NodeJS.ErrnoException} cause
 */
function serverNotResponding({ href, host }, cause) {
  const code = cause.code || ''
  if (LOCAL_PROBLEMS.has(code))
    return withCause(osaurusError('OSAURUS_IO', `Cannot connect to ${href}: ${cause.message}`), cause)
  const what =
    code.startsWith('E') && cause.syscall === 'getaddrinfo' ? `has no address (${code})` : failureOf(cause)
  return withCause(
    osaurusError(
      'OSAURUS_NOT_RESPONDING',
      `Osaurus is not responding: ${href} ${what}. ${adviceFor(code, host)}`,
    ),
    cause,
  )
}

/**
 * @param {string} code
 * @param {string} host
 */
function adviceFor(code, host) {
  if (code === 'NOT_OSAURUS') return "Another program has this port: check the option 'url'."
  if (isLoopback(host)) return 'Start Osaurus and try again.'
  if (code === 'ECONNREFUSED') return 'Start Osaurus there, expose its server to the network, and try again.'
  const permission =
    process.platform === 'darwin'
      ? ', and that this app is allowed under System Settings > Privacy & Security > Local Network'
      : ''
  return `Check the option 'url', that the other machine is awake and on this network${permission}.`
}

/**
 * What a program, or the network, has done to a connection.
 * @param {NodeJS.ErrnoException} error of the system, or of a guard
 */
function failureOf(error) {
  const { code } = error
  if (code === 'ECONNREFUSED') return 'refused the connection'
  if (code === 'TIMED_OUT' || code === 'NOT_OSAURUS' || code === 'CLOSED') return error.message
  return `cannot be reached (${error.message})`
}

/** The codes of system errors that mean no descriptor, port or memory is left. */
const LOCAL_PROBLEMS = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM'])

/** Creates the error of calls that `close()` ended. */
function closedError() {
  const error = Object.assign(new Error('The operation was aborted: this fetch was closed'), {
    code: 'ABORT_ERR',
  })
  error.name = 'AbortError'
  return error
}

module.exports = { closedError, connectionLost, notResponding, serverNotResponding }
