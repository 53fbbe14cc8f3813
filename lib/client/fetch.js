// Implements fetch() on top of the client.
'use strict'

const { onAbort } = require('../abort.js')
const { withCause } = require('../errors.js')
const { readArguments } = require('./fetch-input.js')
const { createResponse } = require('./fetch-response.js')
const { follow, locationOf } = require('./redirects.js')

/**
 * @typedef {import('./fetch-input.js').FetchRequest} FetchRequest
 * @typedef {InstanceType<typeof import('./client.js').OsaurusClient>} OsaurusClient
 */

/**
 * @param {OsaurusClient} client
 * @param {any} input
 * @param {any} init
 * @returns {Promise<Response>}
 */
function fetchFrom(client, input, init) {
  return new Promise((resolve, reject) => {
    new Exchange(client, readArguments(input, init), resolve, reject).start()
  })
}

/**
 * One fetch, its redirects included.
 *
 * Forgets the promise when it settles: the connection refers to this object, and must not keep the response alive.
 */
class Exchange {
  /**
   * @param {OsaurusClient} client
   * @param {FetchRequest} request
   * @param {(response: Response) => void} resolve
   * @param {(error: unknown) => void} reject
   */
  constructor(client, request, resolve, reject) {
    this.client = client
    this.request = request
    /** @type {typeof resolve | undefined} */
    this.resolve = resolve
    /** @type {typeof reject | undefined} */
    this.reject = reject
    this.redirects = 0
    /** @type {InstanceType<typeof import('./call.js').Call> | undefined} */
    this.call = undefined
    this.ignoreSignal = () => {}
  }

  start() {
    const { signal } = this.request
    if (signal) {
      if (signal.aborted) return this.abort(signal.reason)
      this.ignoreSignal = onAbort(signal, () => this.abort(signal.reason))
    }
    this.send()
  }

  /** @param {unknown} reason */
  abort(reason) {
    if (this.call) this.call.abort(reason)
    else this.onError(reason)
    const { body } = this.request
    if (body && body.cancel) body.cancel(reason)
  }

  send() {
    const { url, method, headers, body } = this.request
    const call = this.client.send({ method, path: url.pathname + url.search, headers, body }, this)
    call.onEnd = () => {
      if (call === this.call) this.ignoreSignal()
    }
    this.call = call
  }

  /**
   * @param {import('http').IncomingMessage} message
   * @param {InstanceType<typeof import('./response-body.js').ResponseBody>} body
   */
  onResponse(message, body) {
    try {
      const location = locationOf(this.request, message)
      if (location !== undefined) return this.redirect(message, location, body)
      const { resolve } = this
      const path = this.request.url.pathname + this.request.url.search
      const response = createResponse(
        message,
        body,
        { method: this.request.method, path },
        this.redirects > 0,
      )
      this.resolve = this.reject = undefined
      if (resolve) resolve(response)
    } catch (error) {
      // Such as a status that no Response can have.
      body.abort(error)
      this.onError(fetchFailed(/** @type {Error} */ (error)))
    }
  }

  /** @param {unknown} error */
  onError(error) {
    const { reject } = this
    this.resolve = this.reject = undefined
    this.ignoreSignal()
    if (reject) reject(error)
  }

  /**
   * @param {import('http').IncomingMessage} message
   * @param {string} location
   * @param {InstanceType<typeof import('./response-body.js').ResponseBody>} body
   */
  redirect(message, location, body) {
    const { request, call } = this
    this.call = undefined
    body.abort(new Error('redirected'))
    const status = Number(message.statusCode)
    const target = call && call.target
    this.request = follow(request, { status, location, count: ++this.redirects, target })
    this.send()
  }
}

/** @param {Error} cause */
function fetchFailed(cause) {
  return withCause(new TypeError(`fetch failed: ${cause.message}`), cause)
}

module.exports = { fetchFrom }
