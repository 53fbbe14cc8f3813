// Decides what the fake's model says: the canned text, tool calls, or what the test's `answer` returns.
'use strict'

const { createHash, randomUUID } = require('node:crypto')
const { inspect } = require('node:util')

/**
 * @typedef {{ id: string, name: string, arguments: Record<string, unknown> }} ToolCall
 * @typedef {{ text: string, words: string[], toolCalls: ToolCall[] }} Reply `words` joined are `text`
 * @typedef {import('osaurus-discovery/testing').FakeOsaurusOptions['answer']} AnswerOption
 */

const REPLY = 'Hello from the fake Osaurus. This answer is canned.'

/**
 * @param {Record<string, any>} body of the request
 * @param {AnswerOption} [answer]
 * @returns {Promise<Reply>}
 */
async function replyTo(body, answer) {
  const given = await answer?.(body)
  if (given === undefined) {
    const call = chooseTool(body)
    return call ? reply('', [call]) : reply(REPLY, [])
  }
  if (typeof given === 'string') return reply(given, [])
  if (!isAnswer(given)) {
    const forms = 'a string, or an object with `text` and `toolCalls`, each of which has a `name`'
    throw new TypeError(`\`answer\` must return ${forms}. It returned ${inspect(given)}`)
  }
  return reply(given.text ?? '', given.toolCalls ?? [])
}

/**
 * @param {any} given
 * @returns {given is Exclude<import('osaurus-discovery/testing').FakeAnswer, string>}
 */
function isAnswer(given) {
  if (typeof given !== 'object' || given === null) return false
  const { text = '', toolCalls = [] } = given
  return (
    typeof text === 'string' &&
    Array.isArray(toolCalls) &&
    toolCalls.every((call) => typeof call?.name === 'string')
  )
}

/**
 * @param {string} text
 * @param {import('osaurus-discovery/testing').FakeToolCall[]} calls
 * @returns {Reply}
 */
function reply(text, calls) {
  const toolCalls = calls.map((call) => ({
    id: `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`,
    name: call.name,
    arguments: call.arguments ?? {},
  }))
  return { text, words: split(text), toolCalls }
}

/** Splits a text as a model streams it: each word with the space before it. @param {string} text */
function split(text) {
  return text.match(/\s*\S+(?:\s+$)?|^\s+$/g) ?? []
}

/**
 * Calls the first tool that the request offers, or the one that `tool_choice` names, until its result was sent.
 * @param {Record<string, any>} body
 */
function chooseTool({ tools, tool_choice, messages, input }) {
  if (!Array.isArray(tools) || (tool_choice?.type ?? tool_choice) === 'none') return undefined
  if (isToolResult(Array.isArray(messages) ? messages.at(-1) : Array.isArray(input) && input.at(-1)))
    return undefined
  // The APIs differ in where a tool has its name and the schema of its arguments.
  const offered = tools.map((tool) => tool?.function ?? tool).filter((tool) => typeof tool?.name === 'string')
  const wanted = tool_choice?.function?.name ?? tool_choice?.name
  const tool = wanted === undefined ? offered[0] : offered.find(({ name }) => name === wanted)
  return tool && { name: tool.name, arguments: sample(tool.parameters ?? tool.input_schema ?? {}) }
}

/** @param {any} message */
function isToolResult(message) {
  if (message?.role === 'tool' || message?.type === 'function_call_output') return true
  return (
    Array.isArray(message?.content) &&
    message.content.some((/** @type {any} */ part) => part?.type === 'tool_result')
  )
}

/** Makes a value that fits a JSON schema in the types of its properties. @param {any} schema @returns {any} */
function sample(schema) {
  if (Array.isArray(schema?.enum)) return schema.enum[0]
  const type = Array.isArray(schema?.type) ? schema.type[0] : schema?.type
  if (type === 'string') return 'text'
  if (type === 'number' || type === 'integer') return 1
  if (type === 'boolean') return true
  if (type === 'array') return []
  if (type === 'null') return null
  const properties = Object.entries(schema?.properties ?? {})
  return Object.fromEntries(properties.map(([name, property]) => [name, sample(property)]))
}

/**
 * Estimates a number of tokens: four characters each.
 * @param {unknown} prompt
 */
function countTokens(prompt) {
  return Math.ceil((JSON.stringify(prompt) ?? '').length / 4)
}

/** Counts the tokens of a reply: one for each word, and those of the tools' arguments. @param {Reply} reply */
function countReply({ words, toolCalls }) {
  return words.length + (toolCalls.length > 0 ? countTokens(toolCalls) : 0)
}

/**
 * Gives eight numbers of vector length 1, the same for the same text.
 * @param {string} input
 */
function embedding(input) {
  const numbers = [...createHash('sha256').update(input).digest().subarray(0, 8)].map((byte) => byte - 127.5)
  const length = Math.hypot(...numbers)
  return numbers.map((number) => number / length)
}

module.exports = { REPLY, countReply, countTokens, embedding, replyTo }
