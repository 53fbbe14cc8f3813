// Answers the routes that only Osaurus has: the banner, health, memory, plugins and pairing.
'use strict'

const { error, json, text } = require('../http-response.js')
const { findAgent } = require('./agents.js')
const { refuse } = require('./openai.js')

/**
 * @typedef {import('../http-response.js').HttpResponse} HttpResponse
 * @typedef {import('../routes.js').Call} Call
 */

const banner = () => text(200, 'Osaurus Server is running! 🦕')
const health = () => json(200, { status: 'healthy', timestamp: new Date().toISOString() })

/**
 * @param {Call} call
 * @returns {HttpResponse}
 */
function ingest({ body }) {
  for (const name of ['agent_id', 'conversation_id']) {
    if (typeof body[name] !== 'string') return refuse(400, `\`${name}\` is missing or not a string`)
  }
  if (!Array.isArray(body.turns)) return refuse(400, '`turns` is missing or not an array')
  return json(200, { status: 'ok', turns_ingested: body.turns.length })
}

/**
 * A plugin's route checks the access key itself, also while the server is not exposed.
 * @param {Call} call
 * @returns {HttpResponse}
 */
function plugin({ method, url, params, headers, checkKey }) {
  const denied = checkKey()
  if (denied) return denied
  const { pathname, searchParams } = new URL(url, 'http://fake')
  const agent = headers['x-osaurus-agent-id'] ?? searchParams.get('osr_agent') ?? undefined
  if (agent === undefined)
    return error(400, 'invalid_request_error', 'The header X-Osaurus-Agent-Id is missing')
  if (!findAgent(String(agent))) return error(404, 'not_found', `Agent not found: ${agent}`)
  return json(200, { plugin: params.id, method, path: pathname, agent_id: agent })
}

/** @returns {HttpResponse} */
function refusePairing() {
  const message = 'The fake Osaurus cannot be paired, because pairing is confirmed by a person in the app.'
  return error(403, 'pairing_refused', message)
}

module.exports = { banner, health, ingest, plugin, refusePairing }
