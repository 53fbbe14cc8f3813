// Creates access keys in Osaurus' format, and keeps those that a fake knows.
'use strict'

const { createHash, randomBytes, randomUUID } = require('node:crypto')
const { accessKeyOptions } = require('./options.js')

/**
 * @typedef {{ aud: string, cnt: number, exp?: number, iat: number, iss: string, lbl: string, nonce: string }} Claims
 */

const DAY_MS = 24 * 60 * 60 * 1000
/** The address of the user, who issues every key and is the audience of those that are not limited to one agent. */
const OWNER = '0x00000000000000000000000000000000000000FA'

let counter = 0

/**
 * `osk-v1.`, the claims as base64url, and a signature that no check of Osaurus accepts.
 * @type {typeof import('osaurus-discovery/testing').createFakeAccessKey}
 */
function createFakeAccessKey(given) {
  const options = accessKeyOptions(given)
  const { label = 'Test', audience = OWNER, issuedAt = Date.now() } = options
  const expiresAt = options.expiresAt === undefined ? Number(issuedAt) + 90 * DAY_MS : options.expiresAt
  /** @type {Claims} */
  const claims = {
    aud: audience,
    cnt: ++counter,
    ...(expiresAt === null ? {} : { exp: seconds(expiresAt) }),
    iat: seconds(issuedAt),
    iss: OWNER,
    lbl: label,
    nonce: randomUUID().toUpperCase(),
  }
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
  const signature = createHash('sha512').update(payload).digest('hex') + randomBytes(1).toString('hex')
  return `osk-v1.${payload}.${signature}`
}

/** @param {Date | number} time */
const seconds = (time) => Math.floor(Number(time) / 1000)

/**
 * @param {string} key
 * @returns {Partial<Claims>} none for a key that is not in Osaurus' format, such as `osk-v1-test`
 */
function claimsOf(key) {
  try {
    return JSON.parse(Buffer.from(key.split('.')[1] ?? '', 'base64url').toString()) ?? {}
  } catch {
    return {}
  }
}

class AccessKeys {
  /** @type {Map<string, { isRevoked: boolean }>} */
  #keys = new Map()

  /** @param {string[]} keys */
  constructor(keys) {
    for (const key of keys) this.add(key)
  }

  /** @param {string} key */
  add(key) {
    this.#keys.set(key, { isRevoked: false })
  }

  /** @param {string} key @returns {boolean} false where the key is unknown */
  revoke(key) {
    return this.#keys.has(key) && this.#keys.set(key, { isRevoked: true }) !== undefined
  }

  /**
   * Checks an `Authorization` header.
   * @param {string | undefined} authorization
   * @returns {{ claims: Partial<Claims> } | { denied: string }} `denied` is Osaurus' message
   */
  check(authorization = '') {
    if (this.#keys.size === 0) return { denied: 'No access keys configured. Create one in Osaurus settings.' }
    const key = /^Bearer (.+)$/.exec(authorization)?.[1] ?? ''
    const known = this.#keys.get(key)
    if (!known) return { denied: `Invalid access key: ${key ? 'unknown key' : 'no bearer token'}` }
    if (known.isRevoked) return { denied: 'Access key has been revoked' }
    const claims = claimsOf(key)
    if (typeof claims.exp === 'number' && claims.exp * 1000 <= Date.now())
      return { denied: 'Access key has expired' }
    return { claims }
  }
}

module.exports = { AccessKeys, createFakeAccessKey }
