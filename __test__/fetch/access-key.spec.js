// Tests which key a request carries, and that no key appears anywhere else.
'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { inspect } = require('node:util')
const { createOsaurusFetch } = require('../../fetch.js')
const { createFetch, json, shareServer } = require('../support/fetch/fetching.js')
const { startServer } = require('../support/fetch/server-process.js')

const { server } = shareServer()

/** What the server sees of the credentials. @param {any} osaurusFetch @param {Record<string, string>} [headers] */
async function credentials(osaurusFetch, headers) {
  const { headers: received } = await json(osaurusFetch('/echo', { headers }))
  return { authorization: received.authorization, apiKey: received['x-api-key'] }
}

/** The error that a promise rejects with. @param {Promise<unknown>} promise @returns {Promise<any>} */
const caught = (promise) =>
  promise.then(
    () => assert.fail('resolved'),
    (error) => error,
  )

const PLACEHOLDERS = { Authorization: 'Bearer unused', 'X-Api-Key': 'unused' }

test('the key of the option replaces whatever a client library sets', async (t) => {
  const osaurusFetch = createFetch(t, server, { accessKey: ' osk-v1.key\n' })
  for (const headers of [PLACEHOLDERS, undefined])
    assert.deepEqual(await credentials(osaurusFetch, headers), {
      authorization: 'Bearer osk-v1.key',
      apiKey: undefined,
    })
})

test('a function is called once for each request, and may return a promise', async (t) => {
  let calls = 0
  const sync = createFetch(t, server, { accessKey: () => `key-${++calls}` })
  assert.equal((await credentials(sync)).authorization, 'Bearer key-1')
  assert.equal((await credentials(sync)).authorization, 'Bearer key-2')
  const async = createFetch(t, server, { accessKey: async () => 'later' })
  assert.equal((await credentials(async)).authorization, 'Bearer later')
})

test('a function that returns no key removes the placeholders', async (t) => {
  for (const none of [null, undefined, '']) {
    const osaurusFetch = createFetch(t, server, { accessKey: () => none })
    assert.deepEqual(await credentials(osaurusFetch, PLACEHOLDERS), {
      authorization: undefined,
      apiKey: undefined,
    })
  }
})

test('a function is not called while no server runs', async (t) => {
  const stopped = await startServer(t, { running: false })
  const accessKey = () => assert.fail('called')
  await assert.rejects(createFetch(t, stopped, { accessKey })('/one'), { code: 'OSAURUS_NOT_FOUND' })
})

test('without the option the authorization of the request goes out, and x-api-key becomes one', async (t) => {
  const osaurusFetch = createFetch(t, server)
  assert.deepEqual(await credentials(osaurusFetch), { authorization: undefined, apiKey: undefined })
  assert.equal((await credentials(osaurusFetch, PLACEHOLDERS)).authorization, 'Bearer unused')
  const anthropic = await credentials(osaurusFetch, { 'x-api-key': 'osk-v1.own' })
  assert.deepEqual(anthropic, { authorization: 'Bearer osk-v1.own', apiKey: undefined })
})

test('an error of the function rejects the request', async (t) => {
  const failing = createFetch(t, server, {
    accessKey: () => {
      throw new RangeError('no keychain')
    },
  })
  await assert.rejects(failing('/echo'), { name: 'RangeError', message: 'no keychain' })
})

test('a value that is not a key is rejected without being repeated', async (t) => {
  for (const accessKey of ['secret key', 'secret\r\nX-Other: 1', 'sécret'])
    assert.throws(
      () => createOsaurusFetch({ accessKey }),
      (/** @type {any} */ error) => {
        assert.equal(error.code, 'ERR_INVALID_ARG_VALUE')
        assert.doesNotMatch(inspect(error), /cret/)
        return true
      },
    )
  assert.throws(() => createOsaurusFetch({ accessKey: /** @type {any} */ (7) }), {
    code: 'ERR_INVALID_ARG_TYPE',
  })
  for (const bad of ['secret key', { secret: 1 }, 7]) {
    const osaurusFetch = createFetch(t, server, { accessKey: () => /** @type {any} */ (bad) })
    await assert.rejects(osaurusFetch('/echo'), (/** @type {any} */ error) => {
      assert.match(error.code, /^ERR_INVALID_ARG_/)
      assert.doesNotMatch(inspect(error), /secret/)
      return true
    })
  }
})

test('no key appears in an inspection, or in any error', async (t) => {
  const own = await startServer(t)
  const osaurusFetch = createFetch(t, own, { accessKey: 'osk-v1.secret' })
  const headers = { Authorization: 'Bearer also-secret', 'X-Api-Key': 'also-secret' }
  const deep = { depth: Infinity, showHidden: true, getters: true }
  const shown = [inspect(osaurusFetch, deep)]
  const response = await osaurusFetch('/pause', { headers })
  shown.push(inspect(response, deep))
  const urls = ['/reset', '/redirect?code=302&to=http://example.com/', 'http://example.com/']
  const failures = [
    ...urls.map((url) => caught(osaurusFetch(url, { headers }))),
    caught(osaurusFetch('/echo', { headers: { ...headers, 'bad name': '1' } })),
    caught((await osaurusFetch('/cut', { headers })).text()),
    caught(osaurusFetch('/echo', { headers, signal: AbortSignal.abort() })),
  ]
  failures.push(caught(osaurusFetch('/hang', { headers })))
  await own.arrival('GET /hang')
  await own.kill()
  failures.push(caught(response.text()), caught(osaurusFetch('/after', { headers })))
  osaurusFetch.close()
  failures.push(caught(osaurusFetch('/closed', { headers })))
  for (const error of await Promise.all(failures))
    shown.push(inspect(error, deep), JSON.stringify(error), String(error.stack))
  for (const text of shown) assert.doesNotMatch(text ?? '', /secret/)
})
