// Describes what servers answered, for the report of `doctor`.
'use strict'

const { describeExpiry } = require('./access-keys.js')

/**
 * @typedef {import('osaurus-discovery').ProbeReport} ProbeReport
 * @typedef {import('osaurus-discovery').OsaurusInstance} OsaurusInstance
 * @typedef {import('./access-keys.js').KeyFromEnvironment} KeyFromEnvironment
 */

const MAX_MODELS = 8

/**
 * Describes how a server answered `GET /`.
 * @param {ProbeReport} probe
 */
function describeProbe({ outcome, url, durationMs, detail }) {
  const time = `${durationMs < 10 ? durationMs.toFixed(1) : Math.round(durationMs)} ms`
  switch (outcome) {
    case 'osaurus':
      return `${url} answered as Osaurus after ${time}.`
    case 'refused':
      return `${url} refused the connection: nothing listens there.`
    case 'timed-out':
      return `${url} did not answer within ${time}.`
    case 'not-osaurus':
      return `${url} is not Osaurus: it ${detail}.`
    case 'error':
      return `${url} could not be probed: ${detail}.`
  }
}

/**
 * Describes whether clients can use a server that is Osaurus: keys, models, pages and agents.
 * @param {ProbeReport} probe
 * @param {OsaurusInstance} instance
 * @param {KeyFromEnvironment | undefined} key
 */
function describeUse(probe, instance, key) {
  return [
    describeAccess(probe, key),
    ...describeExposure(probe, instance),
    ...describeModels(probe),
    ...describePages(probe),
    ...describeAgents(probe),
  ]
}

/**
 * @param {ProbeReport} probe
 * @param {KeyFromEnvironment | undefined} key
 */
function describeAccess({ accessKey, modelsStatus }, key) {
  const source = key ? `the one in ${key.variable}` : 'the one that was sent'
  switch (accessKey) {
    case 'not-required':
      return 'It requires no access key.'
    case 'required':
      return 'It requires an access key.'
    case 'accepted':
      return `It requires an access key, and accepts ${source}.`
    case 'expired': {
      const expiry = key?.claims ? describeExpiry(key.claims) : 'has expired'
      return `It requires an access key, and refuses ${source}, which ${expiry}.`
    }
    case 'revoked':
      return `It requires an access key, and refuses ${source}, which was revoked.`
    case 'unknown':
      return `It requires an access key, and refuses ${source}, which it does not know.`
    case 'none-configured':
      return 'It requires an access key, and none has been created in Osaurus yet.'
    case undefined:
      return modelsStatus === undefined
        ? 'It did not answer GET /v1/models, so it is unknown whether it requires an access key.'
        : `It answered GET /v1/models with status ${modelsStatus}.`
  }
}

/** Whether the server refuses requests without a key, by its answer. @param {ProbeReport} probe */
function requiresKey({ accessKey }) {
  return accessKey !== undefined && accessKey !== 'not-required'
}

/**
 * Compares what the file says with what the server answered.
 * @param {ProbeReport} probe
 * @param {OsaurusInstance} instance
 */
function describeExposure(probe, { instanceId, exposeToNetwork }) {
  if (instanceId === 'unpublished') return []
  if (exposeToNetwork && probe.accessKey === 'not-required') {
    return ['Its file says that it is exposed to the network, which its answer contradicts.']
  }
  if (!exposeToNetwork && requiresKey(probe)) {
    return ['Its file says that it is not exposed to the network, but it requires a key nevertheless.']
  }
  return exposeToNetwork ? ['Its file says that it is exposed to the network.'] : []
}

/** @param {ProbeReport} probe */
function describeModels({ models }) {
  if (!models) return []
  if (models.length === 0) return ['It has no model yet.']
  const others = models.length - MAX_MODELS
  const names = models.slice(0, MAX_MODELS).join(', ')
  return [`Models: ${names}${others > 0 ? `, and ${others} more` : ''}.`]
}

/** @param {ProbeReport} probe */
function describePages({ modelsStatus, allowOrigin }) {
  if (modelsStatus === undefined || allowOrigin === '*') return []
  if (allowOrigin === undefined) {
    return ['Its answer allows no page to read it (CORS), unless Osaurus lists the origin of the page.']
  }
  return [`Its answer allows only pages of ${allowOrigin} to read it (CORS).`]
}

/**
 * Osaurus refuses agents' runs while it is exposed. Two answers together prove that: it requires a key, and it sends no CORS
 * header. Old versions require a key without being exposed.
 * @param {ProbeReport} probe
 */
function describeAgents(probe) {
  if (!requiresKey(probe) || probe.allowOrigin === '*') return []
  return ['It refuses to run agents (/agents/{id}/run and /dispatch) with status 426 while it is exposed.']
}

module.exports = { describeProbe, describeUse }
