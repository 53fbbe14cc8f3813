// Tests that neither a request nor a key reaches another program on the port of a server that was verified.
'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { setTimeout: delay } = require('node:timers/promises')
const { createFetch, json } = require('../support/fetch/fetching.js')
const { KEY, assertTakenPortReceivesNothing, sendSecret } = require('../support/fetch/secret.js')
const { startServer, takePort } = require('../support/fetch/server-process.js')
const { startHandOver } = require('../support/hand-over.js')
const { anotherServer } = require('../support/stub-servers.js')

test('another program that took the port receives nothing of a request', async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server, { accessKey: KEY })
  await json(osaurusFetch('/one'))
  await server.kill()
  const other = await anotherServer({ port: server.port })
  t.after(() => other.stop())
  await assert.rejects(sendSecret(osaurusFetch), { code: 'OSAURUS_NOT_RESPONDING' })
  assert.doesNotMatch(other.received, /secret/)
})

test('another program that takes the port before the event loop can notice receives nothing', async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server, { accessKey: KEY })
  await assertTakenPortReceivesNothing(t, server, osaurusFetch)
})

test('another program receives nothing if an idle connection of the killed server is left', async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server, { accessKey: KEY })
  await json(osaurusFetch('/one'))
  const other = takePort(t, server)
  await assert.rejects(sendSecret(osaurusFetch), /not responding|closed the connection/)
  assert.doesNotMatch(other.received(), /secret/)
})

test('another program that takes the port while the server answers the probe receives nothing', async (t) => {
  const server = await startServer(t, { running: false })
  const handOver = await startHandOver(t)
  server.port = handOver.port
  server.publish()
  // Asked for once the server is known. By then the watcher has had time to connect to the other program.
  const accessKey = () => delay(300, KEY)
  await assert.rejects(sendSecret(createFetch(t, server, { accessKey })), {
    code: 'OSAURUS_NOT_RESPONDING',
  })
  assert.match(handOver.received, /^GET \/ HTTP/)
  assert.doesNotMatch(handOver.received, /secret/)
})

test('a program that is published but is not Osaurus receives nothing', async (t) => {
  const server = await startServer(t, { running: false })
  const other = await anotherServer()
  t.after(() => other.stop())
  server.port = other.port
  server.publish()
  await assert.rejects(sendSecret(createFetch(t, server, { accessKey: KEY })), {
    code: 'OSAURUS_NOT_RESPONDING',
  })
  assert.doesNotMatch(other.received, /secret/)
})

test('a redirect to another origin is not followed, and one within Osaurus is', async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server, { accessKey: KEY })
  const other = await anotherServer()
  t.after(() => other.stop())
  for (const to of [
    `http://127.0.0.1:${other.port}/secret`,
    'https://osaurus.invalid/secret',
    '//example.com/secret',
  ])
    for (const code of [301, 302, 303, 307, 308]) {
      const redirected = osaurusFetch(`/redirect?code=${code}&to=${encodeURIComponent(to)}`)
      await assert.rejects(redirected, (/** @type {any} */ error) => {
        assert.ok(error instanceof TypeError)
        assert.match(error.message, /^fetch failed: redirect to another origin/)
        assert.doesNotMatch(String(error.stack), /secret/)
        return true
      })
    }
  assert.equal(other.received, '')

  for (const to of [
    '/echo?to',
    `http://localhost:${server.port}/echo?to`,
    `http://127.0.0.1:${server.port}/echo?to`,
  ]) {
    const url = `/redirect?code=307&to=${encodeURIComponent(to)}`
    const response = await osaurusFetch(url, { method: 'POST', body: 'again' })
    assert.deepEqual([response.redirected, response.url], [true, 'http://osaurus.invalid/echo?to'])
    const { method, body, headers } = await json(response)
    assert.deepEqual([method, body, headers.authorization], ['POST', 'again', `Bearer ${KEY}`])
  }
  const { method, body } = await json(
    osaurusFetch('/redirect?code=302&to=/echo', { method: 'POST', body: 'once' }),
  )
  assert.deepEqual([method, body], ['GET', ''])
})

test('redirect modes are those of the standard', async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server)
  await assert.rejects(osaurusFetch('/redirect?code=302&to=/echo', { redirect: 'error' }), TypeError)
  const manual = await osaurusFetch('/redirect?code=302&to=/echo', { redirect: 'manual' })
  assert.deepEqual([manual.status, manual.headers.get('location')], [302, '/echo'])
  await assert.rejects(osaurusFetch('/loop'), /redirect count exceeded/)
  assert.equal(server.requests().filter((line) => line === 'GET /loop').length, 21)
})
