// Builds HTTP responses: JSON, text, server-sent events and newline-delimited JSON.
'use strict'

/**
 * @typedef {{ data: string, isWord: boolean }} Chunk a part of a stream; `wordDelayMs` applies to words
 * @typedef {{ status: number, headers?: Record<string, string>, body?: string | Chunk[] }} HttpResponse
 *   an array is streamed, one HTTP chunk for each element
 */

/**
 * @param {number} status
 * @param {unknown} value
 * @returns {HttpResponse}
 */
function json(status, value) {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
    body: JSON.stringify(value),
  }
}

/**
 * The error body that Osaurus' own routes and its gate use.
 * @param {number} status
 * @param {string} type
 * @param {string} message
 */
function error(status, type, message) {
  return json(status, { error: { message, type } })
}

/**
 * @param {number} status
 * @param {string} body
 * @returns {HttpResponse}
 */
function text(status, body) {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body }
}

/** An event of a stream that carries a word of the model. */
class Word {
  /** @param {Record<string, unknown>} event */
  constructor(event) {
    this.event = event
  }
}

/**
 * @param {number} status
 * @param {string} type
 * @param {(Word | Record<string, unknown> | string)[]} events
 * @param {(event: any) => string} print
 * @returns {HttpResponse}
 */
function stream(status, type, events, print) {
  const body = events.map((event) =>
    event instanceof Word
      ? { data: print(event.event), isWord: true }
      : { data: print(event), isWord: false },
  )
  return { status, headers: { 'Content-Type': type, 'Cache-Control': 'no-cache' }, body }
}

/**
 * Server-sent events: a string is sent as it is, an object as JSON and, where it has a `type`, with that as its name.
 * @param {(string | Word | Record<string, unknown>)[]} events
 */
function eventStream(events) {
  return stream(200, 'text/event-stream', events, (event) => {
    if (typeof event === 'string') return `data: ${event}\n\n`
    return `${event.type ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`
  })
}

/**
 * One JSON value on each line.
 * @param {(Word | Record<string, unknown>)[]} values
 */
function lines(values) {
  return stream(200, 'application/x-ndjson', values, (value) => `${JSON.stringify(value)}\n`)
}

module.exports = { Word, error, eventStream, json, lines, text }
