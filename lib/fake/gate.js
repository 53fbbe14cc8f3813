// Decides which requests the fake lets through: CORS, access keys, agents' keys and the secure channel.
'use strict'

const { error } = require('./http-response.js')
const { findAgent } = require('./api/agents.js')

/**
 * @typedef {import('./http-response.js').HttpResponse} HttpResponse
 * @typedef {import('node:http').IncomingHttpHeaders} Headers
 */

/** Paths that need no key while the server is exposed. */
const PUBLIC = new Set([
  '/',
  '/health',
  '/pair',
  '/pair/challenge',
  '/pair/code',
  '/pair/confirm',
  '/pair/hello',
  '/pair-invite',
  '/secure/session',
])

class Gate {
  /** Whether the listener was started with exposure on, whatever is published. */
  isExposed
  #keys
  #corsOrigins

  /**
   * @param {InstanceType<typeof import('./access-keys.js').AccessKeys>} keys
   * @param {{ exposeToNetwork: boolean, corsOrigins: string[] }} options
   */
  constructor(keys, { exposeToNetwork, corsOrigins }) {
    this.#keys = keys
    this.isExposed = exposeToNetwork
    this.#corsOrigins = corsOrigins
  }

  /**
   * @param {string} method
   * @param {string} path without a prefix
   * @param {Headers} headers
   * @returns {HttpResponse | undefined} undefined where the request may pass
   */
  refuse(method, path, headers) {
    if (!this.isExposed || PUBLIC.has(path) || /^\/(plugins|channels)\//.test(path)) return undefined
    return this.checkKey(path, headers) ?? (method === 'POST' ? requireSecureChannel(path) : undefined)
  }

  /**
   * @param {string} path
   * @param {Headers} headers
   * @returns {HttpResponse | undefined} 401 or 403, and undefined for a key that is valid here
   */
  checkKey(path, headers) {
    const checked = this.#keys.check(headers.authorization)
    if ('denied' in checked) return error(401, 'authentication_error', checked.denied)
    const keyAgent = findAgent(checked.claims.aud)
    const wanted = /^\/agents\/([^/]+)/.exec(path)?.[1] ?? headers['x-osaurus-agent-id']
    if (!keyAgent || wanted === undefined || findAgent(String(wanted)) === keyAgent) return undefined
    return error(403, 'agent_scope_denied', `This access key is limited to the agent ${keyAgent.id}`)
  }

  /**
   * @param {Headers} headers
   * @param {boolean} isPreflight
   * @returns {Record<string, string>}
   */
  corsHeaders({ origin, 'access-control-request-headers': requested }, isPreflight) {
    const allowed = !this.isExposed || this.#corsOrigins.includes('*') ? '*' : origin
    if (allowed === undefined || (allowed !== '*' && !this.#corsOrigins.includes(allowed))) return {}
    return {
      'Access-Control-Allow-Origin': allowed,
      ...(allowed === '*' ? {} : { Vary: 'Origin' }),
      ...(isPreflight
        ? {
            'Access-Control-Allow-Methods': 'GET, POST, DELETE, OPTIONS, HEAD',
            'Access-Control-Allow-Headers': String(requested ?? 'Content-Type, Authorization'),
            'Access-Control-Max-Age': '600',
          }
        : {}),
    }
  }
}

/** An exposed server runs agents only through its encrypted channel, which the fake does not have. @param {string} path */
function requireSecureChannel(path) {
  if (!/^\/agents\/[^/]+\/(run|dispatch)$/.test(path)) return undefined
  const message = 'While the server is exposed, agents run only through the secure channel.'
  return error(426, 'secure_channel_required', message)
}

module.exports = { Gate }
