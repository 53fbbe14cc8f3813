// Sends requests with a secret, and tests that another program on the server's port receives none of it.
'use strict'

const assert = require('node:assert/strict')
const { json } = require('./fetching.js')
const { takePort } = require('./server-process.js')

/** An access key of which no other program may receive a part. */
const KEY = 'osk-v1.secret'

/** @param {import('osaurus-discovery/fetch').OsaurusFetch} osaurusFetch */
const sendSecret = (osaurusFetch) =>
  osaurusFetch('/secret', { method: 'POST', body: 'secret', headers: { 'x-secret': 'secret' } })

/**
 * Puts another program in place of the server while a response streams, and asserts that it receives nothing.
 * @param {import('node:test').TestContext} t
 * @param {Awaited<ReturnType<typeof import('./server-process.js').startServer>>} server
 * @param {import('osaurus-discovery/fetch').OsaurusFetch} osaurusFetch with the key, to that server
 */
async function assertTakenPortReceivesNothing(t, server, osaurusFetch) {
  await json(osaurusFetch('/one'))
  // A stream in flight keeps the only connection, so that the next request needs a new one.
  const streaming = await osaurusFetch('/pause')
  const other = takePort(t, server)
  await assert.rejects(sendSecret(osaurusFetch), { code: 'OSAURUS_NOT_RESPONDING' })
  assert.doesNotMatch(other.received(), /secret/)
  await assert.rejects(streaming.text(), { code: 'OSAURUS_CONNECTION_LOST' })
}

module.exports = { KEY, assertTakenPortReceivesNothing, sendSecret }
