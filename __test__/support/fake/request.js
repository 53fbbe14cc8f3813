// How does a test ask a fake for a path?
'use strict'

/** @param {() => string} url of the fake that runs at the moment */
function asking(url) {
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

module.exports = { asking }
