// Sends requests to the paths of a fake.
'use strict'

/** @param {() => string} url gives the URL of the fake that runs now */
function requestsTo(url) {
  return {
    /** @param {string} path @param {unknown} body @param {Record<string, string>} [headers] */
    post: (path, body, headers) =>
      fetch(url() + path, {
        method: 'POST',
        headers,
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),

    /** @param {string} path @param {RequestInit} [init] */
    get: (path, init) => fetch(url() + path, init),

    /** @param {Response} answer @returns {Promise<any>} */
    read: (answer) => answer.json(),
  }
}

module.exports = { requestsTo }
