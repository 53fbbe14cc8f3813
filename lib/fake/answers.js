// What does the fake say, and in which shapes does it travel?
'use strict'

const { createHash } = require('node:crypto')

/** @typedef {import('./server.js').Answer} Answer */

const REPLY = 'Hello from the fake Osaurus. This answer is canned.'

/** The reply as a model streams it: word by word, each with the space before it. */
const TOKENS = REPLY.match(/ ?\S+/g) ?? []

/**
 * About what a tokenizer says: four characters each.
 * @param {unknown} prompt
 */
function countTokens(prompt) {
  return Math.ceil(JSON.stringify(prompt).length / 4)
}

/**
 * @param {number} status
 * @param {unknown} value
 * @returns {Answer}
 */
function json(status, value) {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
    body: JSON.stringify(value),
  }
}

/**
 * @param {number} status
 * @param {string} body
 * @returns {Answer}
 */
function text(status, body) {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body }
}

/**
 * Server-sent events; a string is sent as it is, an object as JSON and, where it has a `type`, named by it.
 * @param {(string | Record<string, unknown>)[]} events
 * @returns {Answer}
 */
function eventStream(events) {
  const body = events.map((event) => {
    if (typeof event === 'string') return `data: ${event}\n\n`
    return `${event.type ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`
  })
  return { status: 200, headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' }, body }
}

/**
 * One JSON value a line.
 * @param {unknown[]} values
 * @returns {Answer}
 */
function lines(values) {
  const body = values.map((value) => `${JSON.stringify(value)}\n`)
  return { status: 200, headers: { 'Content-Type': 'application/x-ndjson' }, body }
}

/**
 * The same eight numbers for the same text, of length one.
 * @param {string} input
 */
function embedding(input) {
  const numbers = [...createHash('sha256').update(input).digest().subarray(0, 8)].map((byte) => byte - 127.5)
  const length = Math.hypot(...numbers)
  return numbers.map((number) => number / length)
}

module.exports = { REPLY, TOKENS, countTokens, json, text, eventStream, lines, embedding }
