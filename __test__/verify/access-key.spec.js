// Tests what inspectRuntime() reports about access keys and models.
'use strict'

const assert = require('node:assert/strict')
const http = require('node:http')
const { once } = require('node:events')
const { test } = require('node:test')
const { inspect } = require('node:util')
const { discoverLatestRunningInstance, inspectRuntime } = require('../..')
const { rejection } = require('../support/failure.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const { anotherServer } = require('../support/stub-servers.js')
const { VERIFY, publishPort, stopAfter } = require('../support/verify-servers.js')

const KEY = 'osk-v1.c2VjcmV0.abcdef'
const MODELS = { object: 'list', data: [{ id: 'foundation' }, { id: 'llama-3.2-3b' }] }

/** @param {string} message */
const refused = (message) => ({ error: { message, type: 'authentication_error' } })

/**
 * Starts a server that answers `GET /` as Osaurus and `GET /v1/models` as `models` says for the key it received.
 * @param {import('node:test').TestContext} t
 * @param {(key: string | undefined) => { status: number, body: unknown, headers?: Record<string, string> }} models
 */
async function serve(t, models) {
  /** @type {{ url: string | undefined, authorization: string | undefined }[]} */
  const requests = []
  const server = http.createServer((request, response) => {
    const { authorization } = request.headers
    requests.push({ url: request.url, authorization })
    if (request.url === '/') return response.end('Osaurus Server is running! 🦕')
    const { status, body, headers } = models(authorization?.replace('Bearer ', ''))
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
    response.end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const runtime = runtimeDirectory(t)
  publishPort(runtime, port)
  return { baseDir: runtime.baseDir, requests }
}

/** @param {string} baseDir @param {string} [accessKey] */
async function probeOf(baseDir, accessKey) {
  const report = await inspectRuntime({ ...VERIFY, baseDir, accessKey })
  assert.doesNotMatch(
    inspect(report, { depth: 9 }) + JSON.stringify(report),
    /osk-/,
    'the report holds no key',
  )
  const [entry] = report.entries
  assert.equal(entry.status, 'running')
  return /** @type {import('../..').ProbeReport} */ (entry.status === 'running' ? entry.probe : undefined)
}

test('a server without access control needs no key, is sent none, and lists its models', async (t) => {
  const { baseDir, requests } = await serve(t, () => ({
    status: 200,
    body: MODELS,
    headers: { 'Access-Control-Allow-Origin': '*' },
  }))
  const { accessKey, models, modelsStatus, allowOrigin } = await probeOf(baseDir, KEY)
  assert.equal(accessKey, 'not-required')
  assert.deepEqual(models, ['foundation', 'llama-3.2-3b'])
  assert.equal(modelsStatus, 200)
  assert.equal(allowOrigin, '*')
  assert.deepEqual(
    requests.map(({ url, authorization }) => [url, authorization]),
    [
      ['/', undefined],
      ['/v1/models', undefined],
    ],
  )
})

/** @type {{ name: string, message: string, expected: string, withoutKey?: string }[]} */
const REFUSALS = [
  { name: 'an expired key', message: 'Access key has expired', expected: 'expired' },
  { name: 'a revoked key', message: 'Access key has been revoked', expected: 'revoked' },
  { name: 'an unknown key', message: 'Invalid access key: bad signature', expected: 'unknown' },
  {
    name: 'a server without keys',
    message: 'No access keys configured. Create one in Osaurus.',
    expected: 'none-configured',
    withoutKey: 'none-configured',
  },
]

for (const { name, message, expected, withoutKey = 'required' } of REFUSALS) {
  test(`${name} is reported as ${expected}`, async (t) => {
    const { baseDir } = await serve(t, () => ({ status: 401, body: refused(message) }))
    const probe = await probeOf(baseDir, KEY)
    assert.equal(probe.accessKey, expected)
    assert.equal(probe.modelsStatus, 401)
    assert.equal('models' in probe, false)
    assert.equal('allowOrigin' in probe, false)
    assert.equal((await probeOf(baseDir)).accessKey, withoutKey)
  })
}

test('an accepted key is reported as accepted, and the models are those it may use', async (t) => {
  const { baseDir, requests } = await serve(t, (key) =>
    key === KEY ? { status: 200, body: MODELS } : { status: 401, body: refused('Missing access key') },
  )
  const { accessKey, models } = await probeOf(baseDir, KEY)
  assert.equal(accessKey, 'accepted')
  assert.deepEqual(models, ['foundation', 'llama-3.2-3b'])
  assert.equal((await probeOf(baseDir)).accessKey, 'required')
  assert.equal(requests.filter(({ authorization }) => authorization === `Bearer ${KEY}`).length, 1)
})

test('a server that answers with another status leaves the state of the key unknown', async (t) => {
  for (const status of [403, 500]) {
    const { baseDir } = await serve(t, () => ({ status, body: {} }))
    const probe = await probeOf(baseDir, KEY)
    assert.equal('accessKey' in probe, false)
    assert.equal(probe.modelsStatus, status)
  }
})

test('a long list of models is read to its end', async (t) => {
  const data = Array.from({ length: 1000 }, (_, index) => ({ id: `model-${index}`, object: 'model' }))
  const { baseDir } = await serve(t, () => ({ status: 200, body: { data } }))
  assert.equal((await probeOf(baseDir)).models?.length, 1000)
})

test('a program that is not Osaurus never receives the key', async (t) => {
  const other = await stopAfter(t, anotherServer())
  const runtime = runtimeDirectory(t)
  publishPort(runtime, other.port)
  await inspectRuntime({ ...VERIFY, baseDir: runtime.baseDir, accessKey: KEY })
  assert.doesNotMatch(other.received, /osk-|authorization/i)
  assert.equal(other.connections, 1)
})

test('no error shows the key', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  /** @type {any[]} */
  const wrong = [
    { accessKey: `${KEY} ` },
    { accessKey: [KEY] },
    { accessKey: Buffer.from(KEY) },
    { accesskey: KEY },
    { acessKeys: { KEY } },
  ]
  for (const options of wrong) {
    const error = await rejection(inspectRuntime({ ...VERIFY, baseDir, ...options }))
    assert.match(error.code ?? '', /^ERR_INVALID_ARG/)
    assert.doesNotMatch(inspect(error), /osk-v1|c2Vj|111, 115/, inspect(error))
  }
  const error = await rejection(
    discoverLatestRunningInstance(/** @type {any} */ ({ baseDir, accessKey: KEY })),
  )
  assert.match(error.message, /inspectRuntime/)
  assert.doesNotMatch(inspect(error), /c2Vj/)
})
