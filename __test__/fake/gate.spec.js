// Tests which requests the fake lets through: access keys, agents' keys, CORS and the secure channel.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { createFakeAccessKey } = require('../../testing.js')
const { start } = require('../support/fake/start.js')

// Generous: only a call that never settles takes so long.
const HANGS = { timeout: 120_000 }

const FIRST_AGENT = '00000000-0000-0000-0000-000000000001'
const SECOND_AGENT = '00000000-0000-0000-0000-000000000002'
const ORIGIN = 'http://localhost:3000'

/** @typedef {import('osaurus-discovery/testing').FakeOsaurus} FakeOsaurus */

/**
 * @param {FakeOsaurus} fake
 * @param {string} path
 * @param {string} [key]
 * @param {RequestInit} [init]
 */
async function send(fake, path, key, init = {}) {
  const headers = { ...init.headers, ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }) }
  const response = await fetch(fake.url + path, { ...init, headers })
  const text = await response.text()
  const error = text.startsWith('{') ? JSON.parse(text).error : undefined
  return { status: response.status, headers: response.headers, text, error }
}

describe('access keys', HANGS, () => {
  test('a server without keys says that none are configured', async (t) => {
    const fake = await start(t, { exposeToNetwork: true, accessKeys: [] })
    for (const key of [undefined, 'osk-v1-test']) {
      const { status, error } = await send(fake, '/v1/models', key)
      assert.equal(status, 401)
      assert.equal(error.type, 'authentication_error')
      assert.match(error.message, /^No access keys configured/)
    }
    const added = fake.addAccessKey()
    assert.equal((await send(fake, '/v1/models', added)).status, 200)
  })

  test('an expired key is refused as expired', async (t) => {
    const expired = createFakeAccessKey({ expiresAt: Date.now() - 1000 })
    const fake = await start(t, { exposeToNetwork: true, accessKeys: [expired] })
    const { status, error } = await send(fake, '/v1/models', expired)
    assert.deepEqual([status, error.message], [401, 'Access key has expired'])
  })

  test('a revoked key is refused as revoked, and the others stay valid', async (t) => {
    const [first, second] = [createFakeAccessKey(), createFakeAccessKey()]
    const fake = await start(t, { exposeToNetwork: true, accessKeys: [first, second] })
    assert.equal((await send(fake, '/v1/models', first)).status, 200)
    fake.revokeAccessKey(first)
    const { status, error } = await send(fake, '/v1/models', first)
    assert.deepEqual([status, error.message], [401, 'Access key has been revoked'])
    assert.equal((await send(fake, '/v1/models', second)).status, 200)
  })

  test('an unknown key and a missing key are refused as invalid', async (t) => {
    const fake = await start(t, { exposeToNetwork: true })
    for (const key of [createFakeAccessKey(), 'osk-v1-tes', undefined]) {
      const { status, error } = await send(fake, '/v1/models', key)
      assert.equal(status, 401)
      assert.match(error.message, /^Invalid access key: /)
    }
  })

  test('a server that is not exposed accepts any key', async (t) => {
    const fake = await start(t, { accessKeys: [] })
    assert.equal((await send(fake, '/v1/models', 'wrong')).status, 200)
  })

  test('HEAD answers 204 to a caller with a key, and 401 to one without', async (t) => {
    const fake = await start(t, { exposeToNetwork: true })
    assert.equal((await send(fake, '/v1/models', 'osk-v1-test', { method: 'HEAD' })).status, 204)
    assert.equal((await send(fake, '/v1/models', undefined, { method: 'HEAD' })).status, 401)
    assert.equal((await send(fake, '/', undefined, { method: 'HEAD' })).status, 204)
  })

  test('pairing routes need no key and refuse', async (t) => {
    const fake = await start(t, { exposeToNetwork: true })
    for (const [method, path] of [
      ['GET', '/pair/challenge'],
      ['POST', '/pair'],
      ['POST', '/pair-invite'],
      ['POST', '/secure/session'],
    ]) {
      const { status, error } = await send(fake, path, undefined, { method })
      assert.equal(status, 403)
      assert.match(error.message, /cannot be paired/)
    }
  })

  test('a wrong key for the fake itself throws', async (t) => {
    const fake = await start(t)
    assert.throws(() => fake.revokeAccessKey('unknown'), { code: 'ERR_INVALID_ARG_VALUE' })
    assert.throws(() => fake.addAccessKey('a b'), { code: 'ERR_INVALID_ARG_VALUE' })
  })
})

describe('createFakeAccessKey()', () => {
  /** @param {string} key */
  const claimsOf = (key) => JSON.parse(Buffer.from(key.split('.')[1], 'base64url').toString())

  test('createFakeAccessKey() makes a key in the format of Osaurus', () => {
    const key = createFakeAccessKey({ label: 'My app', audience: 'somewhere' })
    assert.match(key, /^osk-v1\.[\w-]+\.[0-9a-f]{130}$/)
    const claims = claimsOf(key)
    assert.deepEqual(Object.keys(claims), ['aud', 'cnt', 'exp', 'iat', 'iss', 'lbl', 'nonce'])
    assert.deepEqual([claims.aud, claims.lbl], ['somewhere', 'My app'])
    assert.equal(claims.exp - claims.iat, 90 * 24 * 60 * 60)
    assert.notEqual(createFakeAccessKey(), createFakeAccessKey())
  })

  test('createFakeAccessKey() writes times in whole seconds, and no expiry for a key that never expires', () => {
    const { iat, exp } = claimsOf(createFakeAccessKey({ issuedAt: 1999, expiresAt: new Date(5000) }))
    assert.deepEqual([iat, exp], [1, 5])
    assert.equal('exp' in claimsOf(createFakeAccessKey({ expiresAt: null })), false)
  })

  for (const [option, value, code] of /** @type {const} */ ([
    ['label', 7, 'ERR_INVALID_ARG_TYPE'],
    ['audience', null, 'ERR_INVALID_ARG_TYPE'],
    ['issuedAt', 'now', 'ERR_INVALID_ARG_TYPE'],
    ['expiresAt', new Date(NaN), 'ERR_INVALID_ARG_TYPE'],
    ['expires', 1, 'ERR_INVALID_ARG_VALUE'],
  ])) {
    test(`createFakeAccessKey() throws for the option ${option} with the value ${value}`, () => {
      const options = /** @type {any} */ ({ [option]: value })
      assert.throws(() => createFakeAccessKey(options), { code, message: new RegExp(option) })
    })
  }
})

describe('agents', HANGS, () => {
  test('a key of one agent gets 403 on another', async (t) => {
    const key = createFakeAccessKey({ audience: SECOND_AGENT })
    const fake = await start(t, { exposeToNetwork: true, accessKeys: [key] })
    assert.equal((await send(fake, `/agents/${SECOND_AGENT}`, key)).status, 200)
    assert.equal((await send(fake, '/v1/models', key)).status, 200)
    for (const path of [`/agents/${FIRST_AGENT}`, `/v1/agents/${FIRST_AGENT.toLowerCase()}`]) {
      const { status, error } = await send(fake, path, key)
      assert.deepEqual([status, error.type], [403, 'agent_scope_denied'])
    }
  })

  test('runs and dispatches answer 426 while exposed, with a key as well', async (t) => {
    const fake = await start(t, { exposeToNetwork: true })
    for (const action of ['run', 'dispatch']) {
      const path = `/agents/${FIRST_AGENT}/${action}`
      const { status, error } = await send(fake, path, 'osk-v1-test', { method: 'POST' })
      assert.deepEqual([status, error.type], [426, 'secure_channel_required'])
      assert.equal((await send(fake, path, undefined, { method: 'POST' })).status, 401)
    }
    assert.equal((await send(fake, `/agents/${FIRST_AGENT}`, 'osk-v1-test')).status, 200)
  })

  test('plugin routes need a key and an agent, also while not exposed', async (t) => {
    const fake = await start(t)
    const agent = { 'X-Osaurus-Agent-Id': FIRST_AGENT }
    assert.equal((await send(fake, '/plugins/notes/items', undefined, { headers: agent })).status, 401)
    assert.equal((await send(fake, '/plugins/notes/items', 'osk-v1-test')).status, 400)
    const unknownAgent = { 'X-Osaurus-Agent-Id': 'unknown' }
    assert.equal(
      (await send(fake, '/plugins/notes/items', 'osk-v1-test', { headers: unknownAgent })).status,
      404,
    )
    const { status, text } = await send(fake, '/plugins/notes/items?page=2', 'osk-v1-test', {
      headers: agent,
    })
    assert.equal(status, 200)
    assert.deepEqual(JSON.parse(text), {
      plugin: 'notes',
      method: 'GET',
      path: '/plugins/notes/items',
      agent_id: FIRST_AGENT,
    })
    assert.equal((await send(fake, `/plugins/notes/x?osr_agent=${FIRST_AGENT}`, 'osk-v1-test')).status, 200)
    const limited = fake.addAccessKey(createFakeAccessKey({ audience: SECOND_AGENT }))
    assert.equal((await send(fake, '/plugins/notes/items', limited, { headers: agent })).status, 403)
  })
})

describe('CORS', HANGS, () => {
  const page = { headers: { Origin: ORIGIN } }
  const preflight = {
    method: 'OPTIONS',
    headers: {
      Origin: ORIGIN,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,content-type',
    },
  }
  const allowed = 'access-control-allow-origin'

  test('a server that is not exposed lets in pages of every origin', async (t) => {
    const fake = await start(t)
    for (const path of ['/', '/v1/models', '/nowhere']) {
      assert.equal((await send(fake, path, undefined, page)).headers.get(allowed), '*')
      assert.equal((await send(fake, path)).headers.get(allowed), '*')
    }
    const { status, headers } = await send(fake, '/v1/chat/completions', undefined, preflight)
    assert.equal(status, 204)
    assert.equal(headers.get(allowed), '*')
    assert.match(headers.get('access-control-allow-methods') ?? '', /POST/)
    assert.equal(headers.get('access-control-allow-headers'), 'authorization,content-type')
  })

  test('an exposed server lets in no page by default', async (t) => {
    const fake = await start(t, { exposeToNetwork: true })
    for (const path of ['/', '/v1/models']) {
      assert.equal((await send(fake, path, 'osk-v1-test', page)).headers.get(allowed), null)
    }
    const { status, headers } = await send(fake, '/v1/models', undefined, preflight)
    assert.equal(status, 204)
    assert.equal(headers.get(allowed), null)
  })

  test('an exposed server lets in the pages of its list', async (t) => {
    const fake = await start(t, { exposeToNetwork: true, corsOrigins: [ORIGIN] })
    const { headers } = await send(fake, '/', undefined, page)
    assert.deepEqual([headers.get(allowed), headers.get('vary')], [ORIGIN, 'Origin'])
    const refused = await send(fake, '/v1/models', undefined, page)
    assert.deepEqual([refused.status, refused.headers.get(allowed)], [401, ORIGIN])
    const other = await send(fake, '/', undefined, { headers: { Origin: 'http://localhost:3001' } })
    assert.equal(other.headers.get(allowed), null)
    assert.equal((await send(fake, '/', undefined, preflight)).headers.get(allowed), ORIGIN)
  })

  test('an exposed server with * in its list lets in every page', async (t) => {
    const fake = await start(t, { exposeToNetwork: true, corsOrigins: ['*'] })
    assert.equal((await send(fake, '/', undefined, page)).headers.get(allowed), '*')
  })
})
