// Which tools and agents does the fake offer?
'use strict'

const { json } = require('./answers.js')
const { refuse } = require('./openai.js')

const TOOLS = [
  {
    name: 'echo',
    description: 'Gives back the text it is given.',
    inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  },
]

const health = () => json(200, { status: 'ok' })
const listTools = () => json(200, { tools: TOOLS })

/**
 * @param {import('./routes.js').Call} call
 * @returns {import('./server.js').Answer}
 */
function callTool({ body }) {
  if (typeof body.name !== 'string') return refuse(400, '`name` is missing or not a string')
  const result = (/** @type {string} */ text, /** @type {boolean} */ isError) =>
    json(200, { content: [{ type: 'text', text }], isError })
  if (body.name !== 'echo') return result(`Unknown tool: ${body.name}`, true)
  const given = body.arguments?.text
  return typeof given === 'string' ? result(given, false) : result('`text` is missing or not a string', true)
}

/** @param {string[]} models */
function listAgents(models) {
  const agent = {
    id: '00000000-0000-0000-0000-000000000001',
    name: 'Osaurus',
    description: 'The default agent',
    default_model: models[0] ?? null,
    effective_model: models[0] ?? null,
    supports_thinking: false,
    supports_vision: false,
    is_built_in: true,
    memory_entry_count: 0,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
  }
  return json(200, { agents: [agent] })
}

module.exports = { health, listTools, callTool, listAgents }
