// Answers the image routes, with one pixel.
'use strict'

const { json } = require('../http-response.js')
const { refuse } = require('./openai.js')

/** A PNG of one transparent pixel. */
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

const seconds = () => Math.floor(Date.now() / 1000)

function listModels() {
  const model = { id: 'fake-image-model', object: 'model', created: seconds(), owned_by: 'osaurus' }
  return json(200, { object: 'list', data: [model] })
}

/** @param {import('../routes.js').Call} call */
function generate({ body }) {
  if (typeof body.prompt !== 'string') return refuse(400, '`prompt` is missing or not a string')
  const count = Math.min(Number.isInteger(body.n) && body.n > 0 ? body.n : 1, 10)
  return images(count)
}

/** @param {import('../routes.js').Call} call */
function edit({ headers, sent }) {
  const isForm = /^multipart\/form-data\b/i.test(headers['content-type'] ?? '')
  if (!isForm || !/\bname="image(\[\])?"/.test(sent.toString('latin1'))) {
    return refuse(400, 'The request body is not multipart/form-data with an `image`')
  }
  return images(1)
}

/** @param {number} count */
function images(count) {
  return json(200, { created: seconds(), data: Array.from({ length: count }, () => ({ b64_json: PIXEL })) })
}

module.exports = { edit, generate, listModels }
