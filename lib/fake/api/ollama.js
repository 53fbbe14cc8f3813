// Answers the routes of Ollama's API.
'use strict'

const { Word, json, lines } = require('../http-response.js')
const { countReply, countTokens, embedding } = require('../reply.js')

/**
 * @typedef {import('../http-response.js').HttpResponse} HttpResponse
 * @typedef {import('../routes.js').Call} Call
 */

/** @type {import('../routes.js').Refuse} */
function refuse(status, message) {
  return json(status, { error: message })
}

const DETAILS = {
  parent_model: '',
  format: 'safetensors',
  family: 'unknown',
  families: ['unknown'],
  parameter_size: '',
  quantization_level: '',
}

/** @param {Call} call */
function listModels({ models }) {
  const modified_at = new Date().toISOString()
  const about = { modified_at, size: 0, digest: '', details: DETAILS }
  return json(200, { models: models.map((name) => ({ name, model: name, ...about })) })
}

/**
 * @param {Call} call
 * @returns {HttpResponse}
 */
function show({ body }) {
  return json(200, {
    modelfile: '',
    parameters: '',
    template: '',
    details: DETAILS,
    model_info: { 'general.name': body.model },
    capabilities: ['completion'],
    modified_at: new Date().toISOString(),
  })
}

/**
 * @param {Call} call
 * @returns {Promise<HttpResponse>}
 */
async function chat({ body, reply }) {
  if (!Array.isArray(body.messages)) return refuse(400, '`messages` is missing or not an array')
  const said = await reply()
  const calls = said.toolCalls.map(({ name, arguments: given }) => ({ function: { name, arguments: given } }))
  const withCalls = calls.length > 0 ? { tool_calls: calls } : {}
  const part = (/** @type {string} */ content, /** @type {object} */ more) => ({
    message: { role: 'assistant', content, ...more },
  })
  const parts = [
    ...said.words.map((word) => new Word(part(word, {}))),
    ...(calls.length > 0 ? [part('', withCalls)] : []),
  ]
  return finish(body, countTokens(body.messages), said, parts, part(said.text, withCalls), part('', {}))
}

/**
 * @param {Call} call
 * @returns {Promise<HttpResponse>}
 */
async function generate({ body, reply }) {
  const { prompt = '' } = body
  if (typeof prompt !== 'string') return refuse(400, '`prompt` is not a string')
  const said = await reply()
  const parts = said.words.map((response) => new Word({ response }))
  return finish(body, countTokens(prompt), said, parts, { response: said.text }, { response: '' })
}

/**
 * Streams the parts and the end, unless the request has `stream: false`.
 * @param {Record<string, any>} body
 * @param {number} promptTokens
 * @param {import('../reply.js').Reply} said
 * @param {(InstanceType<typeof Word> | object)[]} parts
 * @param {object} whole
 * @param {object} end
 */
function finish(body, promptTokens, said, parts, whole, end) {
  const line = (/** @type {object} */ content, /** @type {boolean} */ done) => ({
    model: body.model,
    created_at: new Date().toISOString(),
    ...content,
    done,
  })
  // Ollama counts in nanoseconds.
  const summary = {
    done_reason: 'stop',
    total_duration: 2e6,
    load_duration: 1e6,
    prompt_eval_count: promptTokens,
    prompt_eval_duration: 5e5,
    eval_count: countReply(said),
    eval_duration: 5e5,
  }
  if (body.stream === false) return json(200, { ...line(whole, true), ...summary })
  const streamed = parts.map((part) =>
    part instanceof Word ? new Word(line(part.event, false)) : line(part, false),
  )
  return lines([...streamed, { ...line(end, true), ...summary }])
}

/**
 * @param {Call} call
 * @returns {HttpResponse}
 */
function embed({ body }) {
  const inputs = Array.isArray(body.input) ? body.input : [body.input]
  if (inputs.some((input) => typeof input !== 'string')) {
    return refuse(400, '`input` is neither a string nor an array of strings')
  }
  return json(200, {
    model: body.model,
    embeddings: inputs.map(embedding),
    total_duration: 1e6,
    load_duration: 5e5,
    prompt_eval_count: countTokens(inputs),
  })
}

module.exports = { refuse, chat, embed, generate, listModels, show }
