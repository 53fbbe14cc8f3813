// What does the fake answer to an Ollama client?
'use strict'

const { REPLY, TOKENS, countTokens, embedding, json, lines } = require('./answers.js')

/**
 * @typedef {import('./server.js').Answer} Answer
 * @typedef {import('./routes.js').Call} Call
 */

/** @type {import('./routes.js').Refusal} */
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

/** @param {string[]} models */
function listModels(models) {
  const modified_at = new Date().toISOString()
  const about = { modified_at, size: 0, digest: '', details: DETAILS }
  return json(200, { models: models.map((name) => ({ name, model: name, ...about })) })
}

/**
 * @param {Call} call
 * @returns {Answer}
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
 * A stream, unless told otherwise.
 * @param {Call} call
 * @returns {Answer}
 */
function chat({ body }) {
  if (!Array.isArray(body.messages)) return refuse(400, '`messages` is missing or not an array')
  const part = (/** @type {string} */ content, /** @type {boolean} */ done) => ({
    model: body.model,
    created_at: new Date().toISOString(),
    message: { role: 'assistant', content },
    done,
  })
  // Nanoseconds, as Ollama counts.
  const summary = {
    done_reason: 'stop',
    total_duration: 2e6,
    load_duration: 1e6,
    prompt_eval_count: countTokens(body.messages),
    prompt_eval_duration: 5e5,
    eval_count: TOKENS.length,
    eval_duration: 5e5,
  }
  if (body.stream === false) return json(200, { ...part(REPLY, true), ...summary })
  return lines([...TOKENS.map((token) => part(token, false)), { ...part('', true), ...summary }])
}

/**
 * @param {Call} call
 * @returns {Answer}
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

module.exports = { refuse, listModels, show, chat, embed }
