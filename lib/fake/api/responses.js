// Answers the Open Responses route.
'use strict'

const { randomUUID } = require('node:crypto')
const { Word, eventStream, json } = require('../http-response.js')
const { countReply, countTokens } = require('../reply.js')

/** @type {import('../routes.js').Refuse} */
function refuse(status, message) {
  const code = status === 404 ? 'model_not_found' : 'invalid_request_error'
  return json(status, { error: { type: 'error', code, message } })
}

const id = (/** @type {string} */ prefix) => `${prefix}_${randomUUID().replaceAll('-', '')}`

/**
 * @param {import('../routes.js').Call} call
 * @returns {Promise<import('../http-response.js').HttpResponse>}
 */
async function create({ body, reply }) {
  const { model, input } = body
  if ((typeof input !== 'string' && !Array.isArray(input)) || input.length === 0) {
    return refuse(400, '`input` is missing or empty')
  }
  const said = await reply()
  const hasText = said.text !== '' || said.toolCalls.length === 0
  const items = [...(hasText ? [textItem(said)] : []), ...said.toolCalls.map(callItem)]
  const begun = describe(model)
  const response = {
    ...begun,
    status: 'completed',
    completed_at: now(),
    output: items.map(({ finished }) => finished),
    usage: usage(input, said),
  }
  if (body.stream !== true) return json(200, response)
  const events = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...items.flatMap(({ started, finished, events }, output_index) => [
      { type: 'response.output_item.added', output_index, item: started },
      ...events.map((event) => ({ ...event, output_index })),
      { type: 'response.output_item.done', output_index, item: finished },
    ]),
    { type: 'response.completed', response },
  ]
  const numbered = events.map((event, sequence_number) => {
    const isWord = event.type === 'response.output_text.delta'
    return isWord ? new Word({ ...event, sequence_number }) : { ...event, sequence_number }
  })
  return eventStream([...numbered, '[DONE]'])
}

/** @param {import('../reply.js').Reply} said */
function textItem({ text, words }) {
  const item = { id: id('msg'), type: 'message', role: 'assistant' }
  const part = { type: 'output_text', text, annotations: [], logprobs: [] }
  const place = { item_id: item.id, content_index: 0 }
  return {
    started: { ...item, status: 'in_progress', content: [] },
    finished: { ...item, status: 'completed', content: [part] },
    events: [
      { type: 'response.content_part.added', ...place, part: { ...part, text: '' } },
      ...words.map((delta) => ({ type: 'response.output_text.delta', ...place, delta, logprobs: [] })),
      { type: 'response.output_text.done', ...place, text, logprobs: [] },
      { type: 'response.content_part.done', ...place, part },
    ],
  }
}

/** @param {import('../reply.js').ToolCall} call */
function callItem({ id: call_id, name, arguments: given }) {
  const item = { id: id('fc'), type: 'function_call', call_id, name }
  const text = JSON.stringify(given)
  return {
    started: { ...item, status: 'in_progress', arguments: '' },
    finished: { ...item, status: 'completed', arguments: text },
    events: [
      { type: 'response.function_call_arguments.delta', item_id: item.id, delta: text },
      { type: 'response.function_call_arguments.done', item_id: item.id, name, arguments: text },
    ],
  }
}

const now = () => Math.floor(Date.now() / 1000)

/** A response that has begun, with every field of the schema. @param {string} model */
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

/**
 * @param {unknown} input
 * @param {import('../reply.js').Reply} said
 */
function usage(input, said) {
  const input_tokens = countTokens(input)
  const output_tokens = countReply(said)
  return {
    input_tokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input_tokens + output_tokens,
  }
}

module.exports = { refuse, create }
