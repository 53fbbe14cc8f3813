// Answers the routes of OpenAI's API.
'use strict'

const { randomUUID } = require('node:crypto')
const { Word, eventStream, json, text } = require('../http-response.js')
const { REPLY, countReply, countTokens, embedding } = require('../reply.js')

/**
 * @typedef {import('../http-response.js').HttpResponse} HttpResponse
 * @typedef {import('../routes.js').Call} Call
 */

/** @type {import('../routes.js').Refuse} */
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

/** @param {Call} call */
function listModels({ models }) {
  const data = models.map((id) => ({ id, object: 'model', created: seconds(), owned_by: 'osaurus' }))
  return json(200, { object: 'list', data })
}

/**
 * @param {Call} call
 * @returns {Promise<HttpResponse>}
 */
async function chat({ body, reply }) {
  const { model, messages } = body
  if (!Array.isArray(messages) || messages.length === 0) return refuse(400, '`messages` is missing or empty')
  const said = await reply()
  const usage = usageOf(messages, said)
  const common = { id: `chatcmpl-${randomUUID()}`, created: seconds(), model }
  const tool_calls = said.toolCalls.map(({ id, name, arguments: given }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(given) },
  }))
  const finish_reason = tool_calls.length > 0 ? 'tool_calls' : 'stop'
  if (body.stream !== true) {
    const message =
      tool_calls.length > 0
        ? { role: 'assistant', content: said.text || null, tool_calls }
        : { role: 'assistant', content: said.text }
    return json(200, {
      ...common,
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason }],
      usage,
    })
  }
  const chunk = (/** @type {object} */ delta, /** @type {string | null} */ reason = null) => ({
    ...common,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: reason }],
  })
  const calls = tool_calls.flatMap((call, index) => [
    chunk({ tool_calls: [{ index, ...call, function: { ...call.function, arguments: '' } }] }),
    chunk({ tool_calls: [{ index, function: { arguments: call.function.arguments } }] }),
  ])
  const counted = { ...common, object: 'chat.completion.chunk', choices: [], usage }
  return eventStream([
    chunk({ role: 'assistant', content: '' }),
    ...said.words.map((content) => new Word(chunk({ content }))),
    ...calls,
    chunk({}, finish_reason),
    ...(body.stream_options?.include_usage === true ? [counted] : []),
    '[DONE]',
  ])
}

/**
 * The older API, which continues a text.
 * @param {Call} call
 * @returns {Promise<HttpResponse>}
 */
async function complete({ body, reply }) {
  const { model, prompt } = body
  if (typeof prompt !== 'string' && !Array.isArray(prompt)) return refuse(400, '`prompt` is missing')
  const said = await reply()
  const common = { id: `cmpl-${randomUUID()}`, object: 'text_completion', created: seconds(), model }
  const part = (/** @type {string} */ content, /** @type {string | null} */ finish_reason) => ({
    ...common,
    choices: [{ index: 0, text: content, logprobs: null, finish_reason }],
  })
  if (body.stream !== true) return json(200, { ...part(said.text, 'stop'), usage: usageOf(prompt, said) })
  return eventStream([...said.words.map((word) => new Word(part(word, null))), part('', 'stop'), '[DONE]'])
}

/**
 * @param {unknown} prompt
 * @param {import('../reply.js').Reply} said
 */
function usageOf(prompt, said) {
  const prompt_tokens = countTokens(prompt)
  const completion_tokens = countReply(said)
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}

/**
 * @param {Call} call
 * @returns {HttpResponse}
 */
function embed({ body }) {
  const inputs = Array.isArray(body.input) ? body.input : [body.input]
  if (inputs.length === 0 || inputs.some((input) => typeof input !== 'string')) {
    return refuse(400, '`input` is neither a string nor an array of strings')
  }
  const data = inputs.map((input, index) => {
    const numbers = embedding(input)
    // The OpenAI client requests the bytes of 32-bit floats by default.
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
 * @param {Call} call
 * @returns {HttpResponse}
 */
function transcribe({ headers, sent }) {
  const form = /^multipart\/form-data\b/i.test(headers['content-type'] ?? '') ? sent.toString('latin1') : ''
  if (!/\bname="file"/.test(form)) {
    return refuse(400, 'The request body is not multipart/form-data with a `file`')
  }
  return /\bname="response_format"\r\n\r\ntext\r\n/.test(form) ? text(200, REPLY) : json(200, { text: REPLY })
}

module.exports = { refuse, chat, complete, embed, listModels, transcribe }
