// Answers Anthropic's messages route.
'use strict'

const { randomUUID } = require('node:crypto')
const { Word, eventStream, json } = require('../http-response.js')
const { countReply, countTokens } = require('../reply.js')

/** @type {import('../routes.js').Refuse} */
function refuse(status, message) {
  const type = status === 404 ? 'not_found_error' : 'invalid_request_error'
  return json(status, { type: 'error', error: { type, message } })
}

/**
 * @param {import('../routes.js').Call} call
 * @returns {Promise<import('../http-response.js').HttpResponse>}
 */
async function messages({ body, reply }) {
  if (!Array.isArray(body.messages) || body.messages.length === 0) {
    return refuse(400, '`messages` is missing or empty')
  }
  if (!Number.isInteger(body.max_tokens) || body.max_tokens < 1) {
    return refuse(400, '`max_tokens` is missing or not a whole number above 0')
  }
  const { text, words, toolCalls } = await reply()
  const input_tokens = countTokens([body.system ?? '', body.messages])
  const output_tokens = countReply({ text, words, toolCalls })
  const begun = {
    id: `msg_${randomUUID().replaceAll('-', '')}`,
    type: 'message',
    role: 'assistant',
    model: body.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens, output_tokens: 0 },
  }
  const end = { stop_reason: toolCalls.length > 0 ? 'tool_use' : 'end_turn', stop_sequence: null }
  const uses = toolCalls.map(({ id, name, arguments: input }) => ({ type: 'tool_use', id, name, input }))
  const hasText = text !== '' || uses.length === 0
  if (body.stream !== true) {
    const content = [...(hasText ? [{ type: 'text', text }] : []), ...uses]
    return json(200, { ...begun, content, ...end, usage: { input_tokens, output_tokens } })
  }
  const block = (
    /** @type {number} */ index,
    /** @type {object} */ start,
    /** @type {object[]} */ deltas,
  ) => [
    { type: 'content_block_start', index, content_block: start },
    ...(index === 0 ? [{ type: 'ping' }] : []),
    ...deltas.map((delta) => new Word({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
  const textDeltas = words.map((word) => ({ type: 'text_delta', text: word }))
  return eventStream([
    { type: 'message_start', message: begun },
    ...(hasText ? block(0, { type: 'text', text: '' }, textDeltas) : []),
    ...uses.flatMap(({ input, ...use }, index) =>
      block(index + (hasText ? 1 : 0), { ...use, input: {} }, [
        { type: 'input_json_delta', partial_json: JSON.stringify(input) },
      ]),
    ),
    { type: 'message_delta', delta: end, usage: { output_tokens } },
    { type: 'message_stop' },
  ])
}

module.exports = { refuse, messages }
