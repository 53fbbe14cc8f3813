// Records the requests that reached a fake.
'use strict'

/**
 * @typedef {import('osaurus-discovery/testing').FakeOsaurusRequest} RecordedRequest
 */

const MAX_REQUESTS = 1000
const MAX_BODY_BYTES = 64 * 2 ** 20

class Recorder {
  /** @type {RecordedRequest[]} */
  #requests = []
  /** The requests whose body is kept, oldest first. @type {{ request: RecordedRequest, size: number }[]} */
  #bodies = []
  #bodyBytes = 0

  /** A copy, so that what a test holds does not change under it. */
  get requests() {
    return this.#requests.map((request) => ({ ...request }))
  }

  /**
   * @param {import('node:http').IncomingMessage} incoming
   * @returns {RecordedRequest} updated while the request is served
   */
  add({ method = '', url = '', headers }) {
    const request = { method, url, headers, body: undefined, aborted: false }
    if (this.#requests.push(request) > MAX_REQUESTS) this.#requests.shift()
    return request
  }

  /**
   * Keeps a body, and drops the oldest ones beyond the limit.
   * @param {RecordedRequest} request
   * @param {unknown} body
   * @param {number} size in bytes
   */
  setBody(request, body, size) {
    request.body = body
    this.#bodyBytes += size
    if (size > 0) this.#bodies.push({ request, size })
    while (this.#bodyBytes > MAX_BODY_BYTES || this.#bodies.length > MAX_REQUESTS) {
      const oldest = this.#bodies.shift()
      if (!oldest) return
      oldest.request.body = undefined
      this.#bodyBytes -= oldest.size
    }
  }
}

module.exports = { Recorder }
