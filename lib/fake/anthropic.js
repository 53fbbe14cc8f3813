// What does the fake answer to an Anthropic client?
'use strict'

const { randomUUID } = require('node:crypto')
const { REPLY, TOKENS, countTokens, eventStream, json } = require('./answers.js')

/** @type {import('./routes.js').Refusal} */
function refuse(status, message) {
  const type = status === 404 ? 'not_found_error' : 'invalid_request_error'
  return json(status, { type: 'error', error: { type, message } })
}

/**
 * @param {import('./routes.js').Call} call
 * @returns {import('./server.js').Answer}
 */
function messages({ body }) {
  if (!Array.isArray(body.messages) || body.messages.length === 0) {
    return refuse(400, '`messages` is missing or empty')
  }
  if (!Number.isInteger(body.max_tokens) || body.max_tokens < 1) {
    return refuse(400, '`max_tokens` is missing or not a whole number above 0')
  }
  const input_tokens = countTokens([body.system ?? '', body.messages])
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
  const end = { stop_reason: 'end_turn', stop_sequence: null }
  const output_tokens = TOKENS.length
  if (body.stream !== true) {
    const content = [{ type: 'text', text: REPLY }]
    return json(200, { ...begun, content, ...end, usage: { input_tokens, output_tokens } })
  }
  return eventStream([
    { type: 'message_start', message: begun },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
    ...TOKENS.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: end, usage: { output_tokens } },
    { type: 'message_stop' },
  ])
}

module.exports = { refuse, messages }
