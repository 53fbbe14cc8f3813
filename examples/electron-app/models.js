// Which models does this Osaurus have? Asked by the main process: a page would need CORS, and the key besides.
'use strict'

const http = require('http')

const ENOUGH = 1024 * 1024

/**
 * @param {string} url where Osaurus runs
 * @param {string} accessKey empty where there is none
 * @returns {Promise<{ state: 'ready', models: string[] } | { state: 'locked', refused: boolean } | { state: 'trouble', detail: string }>}
 */
async function askForModels(url, accessKey) {
  try {
    /** @type {Record<string, string>} */
    const headers = accessKey ? { authorization: `Bearer ${accessKey}` } : {}
    const { status, body } = await get(new URL('/v1/models', url), headers)
    // An Osaurus that is exposed to the network asks everybody for a key.
    if (status === 401) return { state: 'locked', refused: accessKey !== '' }
    if (status !== 200) return { state: 'trouble', detail: `Osaurus answered with ${status}.` }
    const models = JSON.parse(body).data.map((/** @type {{ id: unknown }} */ { id }) => String(id))
    return { state: 'ready', models }
  } catch (error) {
    return { state: 'trouble', detail: /** @type {Error} */ (error).message }
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
        if (body.length > ENOUGH) request.destroy(new Error('Osaurus answered more than a list of models'))
      })
      response.on('end', () => resolve({ status: response.statusCode, body }))
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error('Osaurus took more than five seconds to answer')))
    request.on('error', reject)
  })
}

module.exports = { askForModels }
