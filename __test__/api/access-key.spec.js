// Tests what parseAccessKey() reads from access keys, and from text that is not one.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')

const { parseAccessKey } = require('../..')
const { accessKeyOf } = require('../support/access-key.js')

const ISSUED = Date.UTC(2026, 0, 1) / 1000
const EXPIRES = Date.UTC(2100, 0, 1) / 1000
const CLAIMS = { aud: '0xAA', cnt: 1, exp: EXPIRES, iat: ISSUED, iss: '0xAA', lbl: 'My app', nonce: 'N' }

describe('parseAccessKey()', () => {
  test('reads label, times and audience', () => {
    assert.deepEqual(parseAccessKey(accessKeyOf(CLAIMS)), {
      label: 'My app',
      issuedAt: ISSUED * 1000,
      expiresAt: EXPIRES * 1000,
      isExpired: false,
      audience: '0xAA',
    })
  })

  test('reports an expired key', () => {
    const key = parseAccessKey(accessKeyOf({ ...CLAIMS, exp: ISSUED }))
    assert.deepEqual([key?.isExpired, key?.expiresAt], [true, ISSUED * 1000])
  })

  for (const exp of [undefined, null, 0])
    test(`reads a key with the expiry ${exp} as one that does not expire`, () => {
      const key = parseAccessKey(accessKeyOf({ ...CLAIMS, exp }))
      assert.deepEqual([key?.isExpired, key?.expiresAt], [false, null])
    })

  test('reads a label with any characters', () => {
    assert.equal(parseAccessKey(accessKeyOf({ ...CLAIMS, lbl: 'Grüße 🦕' }))?.label, 'Grüße 🦕')
  })

  test('ignores white space around the key', () => {
    assert.equal(parseAccessKey(`\n ${accessKeyOf(CLAIMS)} \n`)?.label, 'My app')
  })

  test('gives null for claims of other types', () => {
    assert.deepEqual(parseAccessKey(accessKeyOf({ aud: 5, exp: 'soon', iat: true, lbl: [] })), {
      label: null,
      issuedAt: null,
      expiresAt: null,
      isExpired: false,
      audience: null,
    })
  })

  for (const [name, value] of /** @type {Array<[string, any]>} */ ([
    ['an empty text', ''],
    ['a key of another service', 'sk-proj-abcdefghijklmnop'],
    ['a short test key', 'osk-v1-test'],
    ['a key without a signature', accessKeyOf(CLAIMS).split('.').slice(0, 2).join('.')],
    ['a key with an empty signature', `${accessKeyOf(CLAIMS).split('.').slice(0, 2).join('.')}.`],
    ['a later version', accessKeyOf(CLAIMS).replace('osk-v1', 'osk-v2')],
    ['claims that are not JSON', `osk-v1.${Buffer.from('{').toString('base64')}.ab`],
    ['claims that are an array', accessKeyOf([])],
    ['claims that are null', accessKeyOf(null)],
    ['a key with a line break inside', accessKeyOf(CLAIMS).replace('.', '\n.')],
    ['a very long text', `osk-v1.${'A'.repeat(100_000)}.ab`],
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['an object', {}],
  ]))
    test(`gives null for ${name}`, () => assert.equal(parseAccessKey(value), null))
})
