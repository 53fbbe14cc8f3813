// Tests what a request does while no server runs, and the options that decide it.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { createOsaurusFetch } = require('../../fetch.js')
const { discoverLatestRunningInstance } = require('../../index.js')
const { createFetch, json } = require('../support/fetch/fetching.js')
const { startServer } = require('../support/fetch/server-process.js')
const { timed } = require('../support/measure.js')
const { silent } = require('../support/stub-servers.js')
const { publish } = require('../support/watch-publisher.js')

/** @param {Promise<unknown>} promise @returns {Promise<any>} */
const caught = (promise) =>
  promise.then(
    () => assert.fail('resolved'),
    (error) => error,
  )

test('a request without a server rejects with the error of discovery', async (t) => {
  const server = await startServer(t, { running: false })
  const { baseDir } = server
  const osaurusFetch = createFetch(t, server)
  const states = [
    () => {},
    () => publish(baseDir, 'STARTING', { health: 'starting', port: undefined, url: undefined }),
    () => {
      fs.rmSync(path.join(baseDir, 'STARTING'), { recursive: true })
      publish(baseDir, 'LEFTOVER', { port: 9, url: 'http://127.0.0.1:9' })
    },
    () => {
      fs.rmSync(baseDir, { recursive: true })
      fs.writeFileSync(baseDir, '')
    },
  ]
  const codes = []
  for (const change of states) {
    change()
    const expected = await caught(discoverLatestRunningInstance({ baseDir, verify: true }))
    const error = await caught(osaurusFetch('/one'))
    assert.deepEqual([error.code, error.message], [expected.code, expected.message])
    codes.push(error.code)
  }
  assert.deepEqual(codes, ['OSAURUS_NOT_FOUND', 'OSAURUS_STARTING', 'OSAURUS_NOT_RESPONDING', 'OSAURUS_IO'])
})

test('a request waits for a server up to waitMs, then rejects with the error of discovery', async (t) => {
  const server = await startServer(t, { running: false })
  const { value, ms } = await timed(() => caught(createFetch(t, server, { waitMs: 100 })('/one')))
  assert.equal(value.code, 'OSAURUS_NOT_FOUND')
  assert.ok(ms >= 100, `${ms}`)
})

test('a request that waits is sent as soon as a server runs, and many wait together', async (t) => {
  const server = await startServer(t, { running: false })
  const osaurusFetch = createFetch(t, server, { waitMs: Infinity })
  const waiting = Array.from({ length: 20 }, (_, i) => json(osaurusFetch(`/${i}`)))
  await server.start()
  const urls = (await Promise.all(waiting)).map(({ url }) => url)
  assert.deepEqual(
    urls,
    urls.map((_, i) => `/${i}`),
  )
  assert.equal(server.requests().length, 20)
})

test('a request goes to the newest of several servers', async (t) => {
  const older = await startServer(t)
  const newer = await startServer(t, { running: false })
  newer.baseDir = older.baseDir
  await newer.start()
  publish(older.baseDir, 'LAUNCH-1', {
    port: older.port,
    url: `http://127.0.0.1:${older.port}`,
    updatedAt: '2026-01-01T00:00:00Z',
  })
  publish(older.baseDir, 'LAUNCH-2', {
    port: newer.port,
    url: `http://127.0.0.1:${newer.port}`,
    updatedAt: '2026-02-01T00:00:00Z',
  })
  const osaurusFetch = createFetch(t, older)
  await json(osaurusFetch('/one'))
  assert.deepEqual([older.requests(), newer.requests()], [[], ['GET /one']])
  await newer.kill()
  await json(osaurusFetch('/two'))
  assert.deepEqual(older.requests(), ['GET /two'])
})

test('a server that hangs does not keep requests from one that answers', async (t) => {
  const server = await startServer(t)
  const hung = await silent()
  t.after(() => hung.stop())
  const fields = { port: hung.port, url: `http://127.0.0.1:${hung.port}`, updatedAt: '2027-01-01T00:00:00Z' }
  publish(server.baseDir, 'HUNG', fields)
  await json(createFetch(t, server, { probeTimeoutMs: 200 })('/one'))
  assert.deepEqual(server.requests(), ['GET /one'])
})

test('invalid options throw at the call', () => {
  const invalid = [
    [{ waitMs: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ waitMs: '1' }, 'ERR_INVALID_ARG_TYPE'],
    [{ probeTimeoutMs: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ baseDir: 'relative' }, 'ERR_INVALID_ARG_VALUE'],
    [{ baseDir: '/x', legacyDirs: true }, 'ERR_INVALID_ARG_VALUE'],
    [{ acessKey: 'x' }, 'ERR_INVALID_ARG_VALUE'],
    [null, 'ERR_INVALID_ARG_TYPE'],
  ]
  for (const [options, code] of invalid)
    assert.throws(() => createOsaurusFetch(/** @type {any} */ (options)), { code }, JSON.stringify(options))
})

test('a mistyped option that may hold a key is not repeated', () => {
  assert.throws(
    () => createOsaurusFetch(/** @type {any} */ ({ accesKey: 'osk-v1.secret' })),
    (/** @type {any} */ error) => !String(error.stack).includes('secret') && /accessKey/.test(error.message),
  )
})

test('the endpoints are base URLs under a name that reaches no host, and cannot be changed', (t) => {
  const osaurusFetch = createOsaurusFetch()
  t.after(() => osaurusFetch.close())
  assert.deepEqual(osaurusFetch.endpoints, {
    openai: 'http://osaurus.invalid/v1',
    anthropic: 'http://osaurus.invalid',
    ollama: 'http://osaurus.invalid',
    mcp: 'http://osaurus.invalid/mcp',
  })
  assert.ok(Object.isFrozen(osaurusFetch.endpoints))
})

test('a request costs no probe of its own', async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server)
  await json(osaurusFetch('/first'))
  const before = server.probes()
  await Promise.all(Array.from({ length: 50 }, () => json(osaurusFetch('/echo'))))
  assert.equal(server.probes(), before)
})
