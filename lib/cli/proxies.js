// Finds proxy variables that would redirect requests to this machine, and how to exclude it.
'use strict'

const PROXY_VARIABLES = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY']
const EXCLUSION_VARIABLES = /** @type {const} */ (['no_proxy', 'NO_PROXY'])

/**
 * @typedef {object} ProxyConflict
 * @property {string} variable the name of the proxy variable
 * @property {Record<'no_proxy' | 'NO_PROXY', string>} exclusions the values that exclude this machine
 */

/**
 * Returns undefined if clients connect to the server directly. This package always does; curl and many clients send their
 * requests to the proxy, which cannot reach a server on this machine.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} url of the server
 * @returns {ProxyConflict | undefined}
 */
function findProxyConflict(env, url) {
  const variable = PROXY_VARIABLES.find((name) => env[name])
  if (variable === undefined) return undefined
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
  // Programs differ in which of the two they read first.
  const current = EXCLUSION_VARIABLES.flatMap((name) => env[name] || [])
  if (current.length && current.every((list) => excludes(list, host))) return undefined
  const hosts = [...new Set([host, '127.0.0.1', 'localhost'])]
  const exclusionsOf = (/** @type {string} */ list) =>
    [...(list ? [list] : []), ...hosts.filter((each) => !excludes(list, each))].join(',')
  const { no_proxy: lower = '', NO_PROXY: upper = '' } = env
  return {
    variable,
    exclusions: { no_proxy: exclusionsOf(lower || upper), NO_PROXY: exclusionsOf(upper || lower) },
  }
}

/**
 * @param {string} list the value of no_proxy
 * @param {string} host
 */
function excludes(list, host) {
  return list.split(/[\s,]+/).some((entry) => {
    const name = entry.replace(/\/\d+$/, '').replace(/^\[|\]$/g, '')
    return name === '*' || name === host || (entry === '127.0.0.0/8' && host.startsWith('127.'))
  })
}

module.exports = { findProxyConflict }
