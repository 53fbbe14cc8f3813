// Fetches the names of the models in the main process, which needs no CORS and keeps the key away from pages.
'use strict'

const http = require('http')

const MAX_BODY_LENGTH = 1024 * 1024

/**
 * @param {string} url of Osaurus
 * @param {string} accessKey empty if there is none
 * @returns {Promise<{ state: 'ready', models: string[] } | { state: 'locked', refused: boolean } | { state: 'problem', detail: string }>}
 */
async function fetchModels(url, accessKey) {
  try {
    /** @type {Record<string, string>} */
    const headers = accessKey ? { authorization: `Bearer ${accessKey}` } : {}
    const { status, body } = await get(new URL('/v1/models', url), headers)
    // An Osaurus that is exposed to the network requires a key of every client.
    if (status === 401) return { state: 'locked', refused: accessKey !== '' }
    if (status !== 200) return { state: 'problem', detail: `Osaurus answered with ${status}.` }
    const models = JSON.parse(body).data.map((/** @type {{ id: unknown }} */ { id }) => String(id))
    return { state: 'ready', models }
  } catch (error) {
    return { state: 'problem', detail: /** @type {Error} */ (error).message }
  }
}

/**
 * @param {URL} url
 * @param {Record<string, string>} headers
 * @returns {Promise<{ status: number | undefined, body: string }>}
 */
function get(url, headers) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers, timeout: 5000 }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text) => {
        body += text
        if (body.length > MAX_BODY_LENGTH)
          request.destroy(new Error('The answer of Osaurus is too long for a list of models'))
      })
      response.on('end', () => resolve({ status: response.statusCode, body }))
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error('Osaurus did not answer within five seconds')))
    request.on('error', reject)
  })
}

module.exports = { fetchModels }
