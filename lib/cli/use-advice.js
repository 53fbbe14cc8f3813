// Advises how to use a server that is running.
'use strict'

const { PROBE_TIMEOUT_MS, PROBE_TIMEOUT_RANGE_MS } = require('../defaults.js')
const { KEY_SETTINGS, describeExpiry } = require('./access-keys.js')
const { findProxyConflict } = require('./proxies.js')
const { shellQuote } = require('./shells.js')

const [, MAX_PROBE_TIMEOUT_MS] = PROBE_TIMEOUT_RANGE_MS

/**
 * @typedef {import('osaurus-discovery').ProbeReport} ProbeReport
 * @typedef {{ text: string, commands?: string[] }} Advice
 * @typedef {(command: string) => string} CommandFor formats a command for the same directory
 *
 * @typedef {object} Context
 * @property {string | undefined} [baseDir] the value of --base-dir
 * @property {number | undefined} [probeTimeoutMs]
 * @property {NodeJS.Platform} platform
 * @property {NodeJS.ProcessEnv} env
 * @property {import('./access-keys.js').KeyFromEnvironment | undefined} [key] the key that was sent
 */

/** @type {Advice} */
const WRONG_FILE = {
  text: 'The file names another port than the one that answers. Apps that read only the file do not find this server. Restart the server in Osaurus, which writes the file again.',
}

/**
 * Advises on a server that is running: access keys, models, pages and proxies.
 * @param {string} url
 * @param {ProbeReport | undefined} probe
 * @param {CommandFor} commandFor
 * @param {Context} context
 * @returns {Advice[]}
 */
function adviseUse(url, probe, commandFor, context) {
  if (!probe) {
    const text =
      'The file says that Osaurus is running. To check whether its server answers, run this command without --no-verify.'
    return [{ text, commands: [commandFor('doctor')] }]
  }
  return [
    adviseAccess(url, probe, commandFor, context),
    ...advisePages(probe),
    ...adviseProxies(url, context),
  ]
}

/**
 * @param {string} url
 * @param {ProbeReport} probe
 * @param {CommandFor} commandFor
 * @param {Context} context
 * @returns {Advice}
 */
function adviseAccess(url, probe, commandFor, { key, probeTimeoutMs }) {
  const env = `eval "$(${commandFor('env')})"`
  const variable = key?.variable ?? 'OSAURUS_API_KEY'
  const header = `-H "Authorization: Bearer $${variable}"`
  const create = (/** @type {string} */ reason, adjective = 'an') => ({
    text: `${reason} Create ${adjective} access key in Osaurus (${KEY_SETTINGS}), and send it with every request:`,
    commands: [`export ${variable}=osk-v1...`, env, `curl ${header} ${url}/v1/models`],
  })
  const source = key ? `The access key in ${key.variable}` : 'The access key'
  switch (probe.accessKey) {
    case 'required':
      return create('Osaurus is running and requires an access key from every client.')
    case 'none-configured':
      return create('Osaurus is running and requires an access key, but none has been created yet.')
    case 'expired': {
      const expiry = key?.claims?.isExpired ? describeExpiry(key.claims) : 'has expired'
      return create(`Osaurus is running, but refuses the key. ${source} ${expiry}.`, 'a new')
    }
    case 'revoked':
      return create(`Osaurus is running, but refuses the key. ${source} was revoked.`, 'a new')
    case 'unknown':
      return create(
        `Osaurus is running, but refuses the key. ${source} is not one of its keys: it may be mistyped, or belong to another Mac.`,
      )
    case undefined:
      return adviseFailure(probe, commandFor, probeTimeoutMs)
  }
  const isAccepted = probe.accessKey === 'accepted'
  if (probe.models?.length === 0) {
    const text = `Osaurus is running${isAccepted ? ' and accepts the access key' : ''}, but has no model yet. Download a model in Osaurus.`
    return { text, commands: [] }
  }
  return {
    text: `Osaurus is running and ${isAccepted ? 'accepts the access key' : 'answers'}. To use it:`,
    commands: [`curl ${isAccepted ? `${header} ` : ''}${url}/v1/models`, env],
  }
}

/**
 * Advises on a server that answered as Osaurus, but did not list its models.
 * @param {ProbeReport} probe
 * @param {CommandFor} commandFor
 * @param {number | undefined} probeTimeoutMs
 * @returns {Advice}
 */
function adviseFailure({ modelsStatus }, commandFor, probeTimeoutMs) {
  if (modelsStatus === undefined) {
    return {
      text: 'Osaurus is running, but did not answer GET /v1/models in time: it may be busy. Give it more time. If that does not help, restart it.',
      commands: [longerProbe(commandFor, probeTimeoutMs)],
    }
  }
  if (modelsStatus === 403) {
    return {
      text: `Osaurus is running, but refuses GET /v1/models with status 403. The access key may be limited to one agent. Create a key without that limit in Osaurus (${KEY_SETTINGS}).`,
    }
  }
  return {
    text: `Osaurus is running, but fails: it answered GET /v1/models with status ${modelsStatus}. Restart Osaurus. If that does not help, report this to the makers of Osaurus.`,
  }
}

/**
 * @param {CommandFor} commandFor
 * @param {number} [probeTimeoutMs]
 */
function longerProbe(commandFor, probeTimeoutMs = PROBE_TIMEOUT_MS) {
  return `${commandFor('doctor')} --probe-timeout ${Math.min(probeTimeoutMs * 10, MAX_PROBE_TIMEOUT_MS)}`
}

/**
 * @param {ProbeReport} probe
 * @returns {Advice[]}
 */
function advisePages({ modelsStatus, allowOrigin }) {
  if (modelsStatus === undefined || allowOrigin !== undefined) return []
  const text =
    'Pages cannot read the answers of this server (CORS). In Electron, pages send requests with window.osaurus.fetch (osaurus-discovery/electron). For other pages, allow their origins in the settings of Osaurus.'
  return [{ text }]
}

/**
 * @param {string} url
 * @param {Context} context
 * @returns {Advice[]}
 */
function adviseProxies(url, { env }) {
  const conflict = findProxyConflict(env, url)
  if (!conflict) return []
  const { variable, exclusions } = conflict
  const text = `If a client cannot reach it: ${variable} is set, so curl and other clients send their requests to a proxy. Exclude this machine from that:`
  const { no_proxy: lower, NO_PROXY: upper } = exclusions
  return [{ text, commands: [`export no_proxy=${shellQuote(lower)} NO_PROXY=${shellQuote(upper)}`] }]
}

module.exports = { WRONG_FILE, adviseUse, longerProbe }
