// Tests parseAccessKey().
'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { parseAccessKey } = require('../..')

/** @param {unknown} claims @param {string} [signature] */
const keyOf = (claims, signature = '0a1B2c') =>
  `osk-v1.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`

const CLAIMS = {
  aud: 'all',
  cnt: 1,
  exp: 4102444800,
  iat: 1767225600,
  iss: '0xabc',
  lbl: 'Läptop ✓',
  nonce: 'n',
}

test('a key tells its label, its times in milliseconds and its audience', () => {
  assert.deepEqual(parseAccessKey(keyOf(CLAIMS)), {
    label: 'Läptop ✓',
    issuedAt: 1767225600000,
    expiresAt: 4102444800000,
    isExpired: false,
    audience: 'all',
  })
})

test('a key that has expired says so', () => {
  const past = Math.floor(Date.now() / 1000) - 1
  assert.equal(parseAccessKey(keyOf({ ...CLAIMS, exp: past }))?.isExpired, true)
  assert.equal(parseAccessKey(keyOf({ ...CLAIMS, exp: past + 60 }))?.isExpired, false)
})

test('a key without an expiry never expires', () => {
  for (const exp of [undefined, null, 0]) {
    const key = parseAccessKey(keyOf({ ...CLAIMS, exp }))
    assert.deepEqual([key?.expiresAt, key?.isExpired], [null, false])
  }
})

test('missing claims are null', () => {
  assert.deepEqual(parseAccessKey(keyOf({})), {
    label: null,
    issuedAt: null,
    expiresAt: null,
    isExpired: false,
    audience: null,
  })
})

test('white space around a pasted key is ignored', () => {
  assert.notEqual(parseAccessKey(` ${keyOf(CLAIMS)}\n`), null)
})

test('text that is not an access key is null, and never an exception', () => {
  const key = keyOf(CLAIMS)
  const wrong = [
    '',
    'x'.repeat(10_000),
    'osk-v1',
    'osk-v1..',
    'osk-v1-test',
    'sk-proj-abc',
    key.replace('osk-v1', 'osk-v2'),
    key.slice(0, -6),
    `${key}g`,
    `${key} ${key}`,
    key.replace('.', '.*'),
    keyOf([]),
    keyOf('text'),
    keyOf(null),
    keyOf({ exp: 'tomorrow' }),
    keyOf({ iat: {} }),
    `osk-v1.${Buffer.from('{').toString('base64url')}.00`,
    /** @type {any} */ (undefined),
    /** @type {any} */ (null),
    /** @type {any} */ (7),
    /** @type {any} */ ({}),
  ]
  for (const text of wrong) assert.equal(parseAccessKey(text), null, String(text))
})
