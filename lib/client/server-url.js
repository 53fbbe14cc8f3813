// Reads the URL of one server, as the option `url` names it.
'use strict'

const { invalidType, invalidValue } = require('../errors.js')

/**
 * @typedef {object} ServerUrl
 * @property {string} href without a path, as errors show it
 * @property {string} host a name or an IP address; a link-local one may have a zone, which is a name or an index
 * @property {number} port
 * @property {string} authority the value of `Host`, without a zone
 */

/** `http://[fe80::1%en0]:1337`, or with `%25`, as URLs were written. The URL class has no zones. */
const ZONE = /^(http:\/\/\[[0-9a-f:.]+)%(?:25)?([\w.-]+)(\].*)$/i

/**
 * Throws if the value is not the URL of a server.
 * @param {unknown} value
 * @param {string} name of the option in errors
 * @returns {ServerUrl}
 */
function parseServerUrl(value, name) {
  if (typeof value !== 'string') throw invalidType(`"${name}" property`, 'of type string', value)
  const [, beforeZone = value, zone = '', afterZone = ''] = ZONE.exec(value) || []
  /** @type {URL} */
  let url
  try {
    url = new URL(beforeZone + afterZone)
  } catch {
    throw invalidValue(name, 'must be a URL such as http://192.168.1.5:1337', value)
  }
  // Credentials are not repeated in the error.
  if (url.username || url.password)
    throw invalidValue(name, 'must have no credentials', '[a value that is not shown]')
  if (url.protocol !== 'http:')
    throw invalidValue(name, 'must begin with http:, since Osaurus serves nothing else', value)
  if (url.pathname !== '/' || url.search || url.hash || /[?#]$/.test(value))
    throw invalidValue(name, 'must have no path, query or fragment: it names a server', value)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = url.port === '' ? 80 : Number(url.port)
  if (host === '0.0.0.0' || host === '::' || port === 0)
    throw invalidValue(name, 'must name an address that can be connected to', value)
  if (host === 'osaurus.invalid')
    throw invalidValue(name, 'must be the address of a server; leave it out to find the local one', value)
  if (zone && !/^fe[89ab]/i.test(host))
    throw invalidValue(name, 'may have a zone only in a link-local address (fe80::/10)', value)
  return {
    href: zone ? `http://[${host}%${zone}]:${port}` : url.origin,
    host: zone ? `${host}%${zone}` : host,
    port,
    authority: url.host,
  }
}

/** @param {string} host */
function isLoopback(host) {
  return host === '::1' || (host.startsWith('127.') && require('net').isIPv4(host))
}

module.exports = { isLoopback, parseServerUrl }
