// Answers the routes of Osaurus' agents and of the tasks that they work on.
'use strict'

const { randomUUID } = require('node:crypto')
const { error, json } = require('../http-response.js')
const openai = require('./openai.js')

/**
 * @typedef {import('../http-response.js').HttpResponse} HttpResponse
 * @typedef {import('../routes.js').Call} Call
 * @typedef {{ id: string, title: string, status: 'running' | 'completed' | 'failed', result: string | null }} Task
 */

const AGENTS = [
  {
    id: '00000000-0000-0000-0000-000000000001',
    name: 'Osaurus',
    description: 'The default agent',
    is_built_in: true,
  },
  {
    id: '00000000-0000-0000-0000-000000000002',
    name: 'Notes',
    description: 'Keeps notes',
    is_built_in: false,
  },
]

/** @param {string | undefined} id as a client writes it */
function findAgent(id) {
  return AGENTS.find((agent) => agent.id === id?.toUpperCase())
}

/**
 * @param {(typeof AGENTS)[number]} agent
 * @param {string[]} models
 */
function describe(agent, models) {
  return {
    ...agent,
    default_model: models[0] ?? null,
    effective_model: models[0] ?? null,
    supports_thinking: false,
    supports_vision: false,
    memory_entry_count: 0,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
  }
}

/** @param {Call} call */
function listAgents({ models }) {
  return json(200, { agents: AGENTS.map((agent) => describe(agent, models)) })
}

/** Wraps a handler of one agent: an unknown id is answered 404. @param {(call: Call) => HttpResponse | Promise<HttpResponse>} handle */
const ofAgent = (handle) => (/** @type {Call} */ call) =>
  findAgent(call.params.id) ? handle(call) : error(404, 'not_found', `Agent not found: ${call.params.id}`)

const getAgent = ofAgent(({ params, models }) => {
  return json(200, describe(/** @type {(typeof AGENTS)[number]} */ (findAgent(params.id)), models))
})

/** An agent calls its tools itself, so that a client sees only the text. */
const runAgent = ofAgent((call) => {
  const { tools, ...body } = call.body
  return openai.chat({
    ...call,
    body: { ...body, model: body.model ?? call.models[0] ?? null },
    reply: async () => ({ ...(await call.reply(body)), toolCalls: [] }),
  })
})

const dispatch = ofAgent(({ body, reply, tasks }) => {
  const { prompt, title = prompt } = body
  if (typeof prompt !== 'string') return openai.refuse(400, '`prompt` is missing or not a string')
  /** @type {Task} */
  const task = { id: randomUUID().toUpperCase(), title: String(title), status: 'running', result: null }
  tasks.set(task.id, task)
  reply().then(
    ({ text }) => Object.assign(task, { status: 'completed', result: text }),
    (reason) => Object.assign(task, { status: 'failed', result: String(reason) }),
  )
  return json(202, { id: task.id, status: task.status, poll_url: `/v1/tasks/${task.id}` })
})

/** @param {Call} call */
function getTask({ params, tasks }) {
  const task = tasks.get(params.id.toUpperCase())
  return task ? json(200, task) : error(404, 'not_found', `Task not found: ${params.id}`)
}

/**
 * @param {Call} call
 * @returns {HttpResponse}
 */
function cancelTask({ params, tasks }) {
  if (tasks.delete(params.id.toUpperCase())) return { status: 204 }
  return error(404, 'not_found', `Task not found: ${params.id}`)
}

module.exports = { AGENTS, cancelTask, dispatch, findAgent, getAgent, getTask, listAgents, runAgent }
