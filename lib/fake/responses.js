// What does the fake answer to a client of Open Responses?
'use strict'

const { randomUUID } = require('node:crypto')
const { REPLY, TOKENS, countTokens, eventStream, json } = require('./answers.js')

/** @type {import('./routes.js').Refusal} */
function refuse(status, message) {
  const code = status === 404 ? 'model_not_found' : 'invalid_request_error'
  return json(status, { error: { type: 'error', code, message } })
}

const id = (/** @type {string} */ prefix) => `${prefix}_${randomUUID().replaceAll('-', '')}`

/**
 * @param {import('./routes.js').Call} call
 * @returns {import('./server.js').Answer}
 */
function create({ body }) {
  const { model, input } = body
  if ((typeof input !== 'string' && !Array.isArray(input)) || input.length === 0) {
    return refuse(400, '`input` is missing or empty')
  }
  const item = { id: id('msg'), type: 'message', role: 'assistant' }
  const part = { type: 'output_text', text: REPLY, annotations: [], logprobs: [] }
  const finished = { ...item, status: 'completed', content: [part] }
  const begun = describe(model)
  const response = {
    ...begun,
    status: 'completed',
    completed_at: now(),
    output: [finished],
    usage: usage(input),
  }
  if (body.stream !== true) return json(200, response)

  const place = { item_id: item.id, output_index: 0, content_index: 0 }
  const events = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...item, status: 'in_progress', content: [] },
    },
    { type: 'response.content_part.added', ...place, part: { ...part, text: '' } },
    ...TOKENS.map((delta) => ({ type: 'response.output_text.delta', ...place, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...place, text: REPLY, logprobs: [] },
    { type: 'response.content_part.done', ...place, part },
    { type: 'response.output_item.done', output_index: 0, item: finished },
    { type: 'response.completed', response },
  ]
  return eventStream([...events.map((event, sequence_number) => ({ ...event, sequence_number })), '[DONE]'])
}

const now = () => Math.floor(Date.now() / 1000)

/** A response that has begun; every field the schema asks for. @param {string} model */
function describe(model) {
  return {
    id: id('resp'),
    object: 'response',
    created_at: now(),
    completed_at: null,
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model,
    output: /** @type {object[]} */ ([]),
    parallel_tool_calls: true,
    previous_response_id: null,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    usage: null,
  }
}

/** @param {unknown} input */
function usage(input) {
  const input_tokens = countTokens(input)
  return {
    input_tokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: TOKENS.length,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input_tokens + TOKENS.length,
  }
}

module.exports = { refuse, create }
