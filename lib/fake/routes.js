// Maps requests to the handlers that answer them.
'use strict'

const { error, text } = require('./http-response.js')
const { MAX_REQUEST_BYTES } = require('../defaults.js')
const { replyTo } = require('./reply.js')
const agents = require('./api/agents.js')
const anthropic = require('./api/anthropic.js')
const images = require('./api/images.js')
const mcp = require('./api/mcp.js')
const ollama = require('./api/ollama.js')
const openai = require('./api/openai.js')
const osaurus = require('./api/osaurus.js')
const responses = require('./api/responses.js')

/**
 * @typedef {import('./http-response.js').HttpResponse} HttpResponse
 * @typedef {import('./reply.js').Reply} Reply
 * @typedef {import('node:http').IncomingHttpHeaders} Headers
 * @typedef {{ method: string, url: string, headers: Headers, sent: Buffer | 'too large', body: unknown }} Request
 *   `sent` are the bytes of the body, and `body` is what they decode to
 *
 * @typedef {object} Call the argument of a handler
 * @property {string} method
 * @property {string} url
 * @property {Headers} headers
 * @property {Record<string, string>} params the parts of the path that the route names
 * @property {Record<string, any>} body a JSON object; `{}` for the routes that take none
 * @property {Buffer} sent
 * @property {string[]} models
 * @property {Map<string, import('./api/agents.js').Task>} tasks
 * @property {(body?: Record<string, any>) => Promise<Reply>} reply what the model says to this body
 * @property {() => HttpResponse | undefined} checkKey gives 401 or 403, and undefined for a valid key
 *
 * @typedef {(status: number, message: string) => HttpResponse} Refuse how an API words an error
 * @typedef {(call: Call) => HttpResponse | Promise<HttpResponse>} Handler
 * @typedef {{ method: string, pattern: RegExp, handle: Handler, refuse?: Refuse, needsModel: boolean }} Route
 */

const NO_MODEL = { needsModel: false }

/** `:id` is one part of a path, and `*` the rest. A route with `refuse` takes a JSON object. */
const ROUTES = [
  route('GET /', osaurus.banner),
  route('GET /health', osaurus.health),
  route('GET /models', openai.listModels),
  route('GET /tags', ollama.listModels),
  route('GET /mcp/health', mcp.health),
  route('GET /mcp/tools', mcp.listTools),
  route('GET /agents', agents.listAgents),
  route('GET /agents/:id', agents.getAgent),
  route('GET /tasks/:id', agents.getTask),
  route('GET /images/models', images.listModels),
  route('GET /pair/challenge', osaurus.refusePairing),
  route('POST /chat/completions', openai.chat, openai.refuse),
  route('POST /completions', openai.complete, openai.refuse),
  route('POST /responses', responses.create, responses.refuse),
  route('POST /messages', anthropic.messages, anthropic.refuse),
  route('POST /chat', ollama.chat, ollama.refuse),
  route('POST /generate', ollama.generate, ollama.refuse),
  route('POST /show', ollama.show, ollama.refuse),
  route('POST /embeddings', openai.embed, openai.refuse),
  route('POST /embed', ollama.embed, ollama.refuse),
  route('POST /audio/transcriptions', openai.transcribe),
  route('POST /mcp/call', mcp.callTool, openai.refuse, NO_MODEL),
  route('POST /memory/ingest', osaurus.ingest, openai.refuse, NO_MODEL),
  route('POST /agents/:id/run', agents.runAgent, openai.refuse, NO_MODEL),
  route('POST /agents/:id/dispatch', agents.dispatch, openai.refuse, NO_MODEL),
  route('POST /images/generations', images.generate, openai.refuse, NO_MODEL),
  route('POST /images/edits', images.edit),
  route('POST /pair', osaurus.refusePairing),
  route('POST /pair-invite', osaurus.refusePairing),
  route('POST /secure/session', osaurus.refusePairing),
  route('DELETE /tasks/:id', agents.cancelTask),
  route('ANY /plugins/:id/*', osaurus.plugin),
]

/**
 * @param {string} name
 * @param {Handler} handle
 * @param {Refuse} [refuse]
 * @param {{ needsModel: boolean }} [options]
 * @returns {Route}
 */
function route(name, handle, refuse, { needsModel } = { needsModel: refuse !== undefined }) {
  const [method, path] = name.split(' ')
  const pattern = path.replace(/:(\w+)/g, '(?<$1>[^/]+)').replace('*', '.*')
  return { method, pattern: new RegExp(`^${pattern}$`), handle, refuse, needsModel }
}

/**
 * @param {InstanceType<typeof import('./gate.js').Gate>} gate
 * @param {Pick<import('osaurus-discovery/testing').FakeOsaurusOptions, 'answer'> & { models: string[] }} options
 * @returns {(request: Request) => Promise<HttpResponse>}
 */
function createRoutes(gate, { models, answer }) {
  /** @type {Call['tasks']} */
  const tasks = new Map()

  return async ({ method, url, headers, sent, body }) => {
    const path = stripPrefix(url.split('?')[0])
    if (sent === 'too large') {
      return error(413, 'payload_too_large', `Request body too large (> ${MAX_REQUEST_BYTES} bytes)`)
    }
    if (method === 'OPTIONS') return { status: 204 }
    const refused = gate.refuse(method, path, headers)
    if (refused) return refused
    if (method === 'HEAD') return { status: 204, headers: { 'Content-Type': 'text/plain; charset=utf-8' } }

    for (const { method: known, pattern, handle, refuse, needsModel } of ROUTES) {
      const match = known === 'ANY' || known === method ? pattern.exec(path) : null
      if (!match) continue
      const object = isObject(body) ? body : {}
      if (refuse && !isObject(body)) return refuse(400, 'The request body is not a JSON object')
      if (refuse && needsModel) {
        if (typeof object.model !== 'string') return refuse(400, '`model` is missing or not a string')
        if (!models.includes(object.model)) return refuse(404, `Model not found: ${object.model}`)
      }
      return handle({
        ...{ method, url, headers, sent, models, tasks, body: object, params: { ...match.groups } },
        reply: (changed = object) => replyTo(changed, answer),
        checkKey: () => gate.checkKey(path, headers),
      })
    }
    return text(404, 'Not Found')
  }
}

/**
 * Drops one prefix: every route answers below each of them.
 * @param {string} path
 */
function stripPrefix(path) {
  const prefix = ['/v1/api', '/api', '/v1'].find((known) => path === known || path.startsWith(`${known}/`))
  return prefix ? path.slice(prefix.length) || '/' : path
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, any>}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)
}

module.exports = { createRoutes }
