// What does the fake answer to an OpenAI client?
'use strict'

const { randomUUID } = require('node:crypto')
const { REPLY, TOKENS, countTokens, embedding, eventStream, json } = require('./answers.js')

/**
 * @typedef {import('./server.js').Answer} Answer
 * @typedef {import('./routes.js').Call} Call
 */

/** @type {import('./routes.js').Refusal} */
function refuse(status, message) {
  const error = {
    message,
    type: 'invalid_request_error',
    param: null,
    code: status === 404 ? 'model_not_found' : null,
  }
  return json(status, { error })
}

const seconds = () => Math.floor(Date.now() / 1000)

/** @param {string[]} models */
function listModels(models) {
  const data = models.map((id) => ({ id, object: 'model', created: seconds(), owned_by: 'osaurus' }))
  return json(200, { object: 'list', data })
}

/**
 * @param {Call} call
 * @returns {Answer}
 */
function chat({ body }) {
  const { model, messages } = body
  if (!Array.isArray(messages) || messages.length === 0) return refuse(400, '`messages` is missing or empty')
  const prompt_tokens = countTokens(messages)
  const completion_tokens = TOKENS.length
  const usage = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
  const common = { id: `chatcmpl-${randomUUID()}`, created: seconds(), model }
  if (body.stream !== true) {
    const message = { role: 'assistant', content: REPLY }
    const choices = [{ index: 0, message, finish_reason: 'stop' }]
    return json(200, { ...common, object: 'chat.completion', choices, usage })
  }
  const chunk = (/** @type {object} */ delta, /** @type {string | null} */ finish_reason = null) => ({
    ...common,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason }],
  })
  const chunks = [
    chunk({ role: 'assistant', content: '' }),
    ...TOKENS.map((content) => chunk({ content })),
    chunk({}, 'stop'),
  ]
  const counted = { ...common, object: 'chat.completion.chunk', choices: [], usage }
  return eventStream([...chunks, ...(body.stream_options?.include_usage === true ? [counted] : []), '[DONE]'])
}

/**
 * @param {Call} call
 * @returns {Answer}
 */
function embed({ body }) {
  const inputs = Array.isArray(body.input) ? body.input : [body.input]
  if (inputs.length === 0 || inputs.some((input) => typeof input !== 'string')) {
    return refuse(400, '`input` is neither a string nor an array of strings')
  }
  const data = inputs.map((input, index) => {
    const numbers = embedding(input)
    // What the OpenAI client asks for unless told otherwise: the bytes of 32-bit floats.
    const packed = body.encoding_format === 'base64'
    return {
      object: 'embedding',
      index,
      embedding: packed ? Buffer.from(Float32Array.from(numbers).buffer).toString('base64') : numbers,
    }
  })
  const prompt_tokens = countTokens(inputs)
  return json(200, {
    object: 'list',
    data,
    model: body.model,
    usage: { prompt_tokens, total_tokens: prompt_tokens },
  })
}

/**
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {Buffer} body
 */
function transcribe(headers, body) {
  const isForm = /^multipart\/form-data\b/i.test(headers['content-type'] ?? '')
  if (!isForm || !/\bname="file"/.test(body.toString('latin1'))) {
    return refuse(400, 'The request body is not multipart/form-data with a `file`')
  }
  return json(200, { text: REPLY })
}

module.exports = { refuse, listModels, chat, embed, transcribe }
