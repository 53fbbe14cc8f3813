// Computes the base URL that each client library takes.
'use strict'

const { invalidType, invalidValue } = require('./errors.js')

/** @type {typeof import('../index.js').endpointsOf} */
function endpointsOf(instance) {
  if (instance === null || typeof instance !== 'object')
    throw invalidType('"instance" argument', 'of type object', instance)
  const { url } = instance
  // The most likely object without a URL is a promise that was not awaited; the message names its class.
  if (url === undefined) throw invalidType('"instance" argument', 'an object with a url', instance)
  if (typeof url !== 'string') throw invalidType('"instance.url" property', 'of type string', url)
  if (!isBaseUrl(url))
    throw invalidValue('instance.url', 'must be an http: or https: URL without query and fragment', url)
  const server = url.replace(/\/+$/, '')
  return { openai: `${server}/v1`, anthropic: server, ollama: server, mcp: `${server}/mcp` }
}

/** @param {string} url */
function isBaseUrl(url) {
  // The URL class accepts what clients that concatenate strings cannot use: spaces, backslashes, one slash or three.
  if (!/^https?:\/\/[^\s?#\\/][^\s?#\\]*$/i.test(url)) return false
  try {
    new URL(url)
    return true
  } catch {
    return false
  }
}

module.exports = { endpointsOf }
