// Answers the MCP routes, with one tool.
'use strict'

const { json } = require('../http-response.js')
const { refuse } = require('./openai.js')

const TOOLS = [
  {
    name: 'echo',
    description: 'Returns its `text`.',
    inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  },
]

const health = () => json(200, { status: 'ok' })
const listTools = () => json(200, { tools: TOOLS })

/**
 * @param {import('../routes.js').Call} call
 * @returns {import('../http-response.js').HttpResponse}
 */
function callTool({ body }) {
  if (typeof body.name !== 'string') return refuse(400, '`name` is missing or not a string')
  const result = (/** @type {string} */ text, /** @type {boolean} */ isError) =>
    json(200, { content: [{ type: 'text', text }], isError })
  if (body.name !== 'echo') return result(`Unknown tool: ${body.name}`, true)
  const given = body.arguments?.text
  return typeof given === 'string' ? result(given, false) : result('`text` is missing or not a string', true)
}

module.exports = { callTool, health, listTools }
