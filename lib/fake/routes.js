// Which route answers a request, and who may ask?
'use strict'

const { MAX_BODY, parseObject } = require('./body.js')
const { json, text } = require('./answers.js')
const anthropic = require('./anthropic.js')
const mcp = require('./mcp.js')
const ollama = require('./ollama.js')
const openai = require('./openai.js')
const responses = require('./responses.js')

/**
 * @typedef {import('./server.js').Request} Request
 * @typedef {import('./server.js').Answer} Answer
 * @typedef {{ body: Record<string, any>, models: string[] }} Call
 * @typedef {(status: number, message: string) => Answer} Refusal how an API words an error
 * @typedef {(call: Call) => Answer} Handler
 */

// Told without a key, also when exposed.
const PUBLIC = new Set(['/', '/health'])

/** @type {Record<string, (models: string[]) => Answer>} */
const GET = {
  '/': () => text(200, 'Osaurus Server is running! 🦕'),
  '/health': () => json(200, { status: 'healthy', timestamp: new Date().toISOString() }),
  '/models': openai.listModels,
  '/tags': ollama.listModels,
  '/mcp/health': mcp.health,
  '/mcp/tools': mcp.listTools,
  '/agents': mcp.listAgents,
}

/** @type {Record<string, { handle: Handler, refuse: Refusal, needsModel?: boolean }>} */
const POST = {
  '/chat/completions': { handle: openai.chat, refuse: openai.refuse, needsModel: true },
  '/embeddings': { handle: openai.embed, refuse: openai.refuse, needsModel: true },
  '/responses': { handle: responses.create, refuse: responses.refuse, needsModel: true },
  '/messages': { handle: anthropic.messages, refuse: anthropic.refuse, needsModel: true },
  '/chat': { handle: ollama.chat, refuse: ollama.refuse, needsModel: true },
  '/embed': { handle: ollama.embed, refuse: ollama.refuse, needsModel: true },
  '/show': { handle: ollama.show, refuse: ollama.refuse, needsModel: true },
  '/mcp/call': { handle: mcp.callTool, refuse: openai.refuse },
}

/**
 * @param {{ models: string[], accessKey: string, isExposed: () => boolean }} options
 * @returns {(request: Request) => Answer}
 */
function createRoutes({ models, accessKey, isExposed }) {
  return ({ method, url, headers, body }) => {
    const path = strip(url.split('?')[0])
    if (body === 'too large') {
      return json(413, {
        error: { message: `Request body too large (> ${MAX_BODY} bytes)`, type: 'payload_too_large' },
      })
    }
    if (method === 'OPTIONS') return { status: 204 }
    if (isExposed() && !PUBLIC.has(path) && headers.authorization !== `Bearer ${accessKey}`) {
      const message = headers.authorization ? 'Invalid access key' : 'Missing access key'
      return json(401, { error: { message, type: 'authentication_error' } })
    }
    if (method === 'HEAD') return { status: 204, headers: { 'Content-Type': 'text/plain; charset=utf-8' } }
    if (method === 'GET' && Object.hasOwn(GET, path)) return GET[path](models)
    if (method === 'POST' && path === '/audio/transcriptions') return openai.transcribe(headers, body)
    if (method === 'POST' && Object.hasOwn(POST, path)) return call(POST[path], body, models)
    return text(404, 'Not Found')
  }
}

/**
 * One prefix is dropped: every route answers below each of them.
 * @param {string} path
 */
function strip(path) {
  const prefix = ['/v1/api', '/api', '/v1'].find((known) => path === known || path.startsWith(`${known}/`))
  return prefix ? path.slice(prefix.length) || '/' : path
}

/**
 * @param {{ handle: Handler, refuse: Refusal, needsModel?: boolean }} route
 * @param {Buffer} sent
 * @param {string[]} models
 */
function call({ handle, refuse, needsModel }, sent, models) {
  const body = parseObject(sent)
  if (!body) return refuse(400, 'The request body is not a JSON object')
  if (needsModel) {
    if (typeof body.model !== 'string') return refuse(400, '`model` is missing or not a string')
    if (!models.includes(body.model)) return refuse(404, `Model not found: ${body.model}`)
  }
  return handle({ body, models })
}

module.exports = { createRoutes }
