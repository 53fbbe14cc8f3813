// Tests that inspectRuntime with verify reports each server's answer, and whether it requires an access key.
'use strict'

const assert = require('node:assert/strict')
const { once } = require('node:events')
const http = require('node:http')
const test = require('node:test')
const { inspectRuntime, listInstances } = require('../..')
const { startFakeOsaurus } = require('../../testing.js')
const { startFakeProcess } = require('../support/fake-process.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const stubServers = require('../support/stub-servers.js')
const {
  VERIFY,
  unresponsiveServers,
  publishPort,
  refusedPort,
  publishedAt,
  stopAfter,
} = require('../support/verify-servers.js')

/**
 * The one entry there is, and its probe.
 * @param {string} baseDir
 * @param {number} [probeTimeoutMs]
 */
async function inspectOne(baseDir, probeTimeoutMs = VERIFY.probeTimeoutMs) {
  const { entries } = await inspectRuntime({ baseDir, verify: true, probeTimeoutMs })
  assert.equal(entries.length, 1)
  const [entry] = entries
  assert.ok(entry.status === 'running' || entry.status === 'ignored')
  assert.ok(entry.probe)
  return { entry, probe: entry.probe }
}

/** @param {readonly { url: string }[]} requests */
const urls = (requests) => requests.map(({ url }) => url)

test('a live server is reported as running, with its probe', async (t) => {
  const fake = await stopAfter(t, startFakeOsaurus())
  const { entry, probe } = await inspectOne(fake.baseDir)
  assert.equal(entry.status, 'running')
  assert.deepEqual(entry.instance, fake.instance)
  const { durationMs, ...rest } = probe
  assert.deepEqual(rest, {
    outcome: 'osaurus',
    url: fake.url,
    accessKey: 'not-required',
    models: ['llama-3.2-3b-instruct'],
    modelsStatus: 200,
    allowOrigin: '*',
  })
  assert.ok(durationMs > 0 && durationMs < VERIFY.probeTimeoutMs)
})

test('an exposed server requires an access key and has the url that answered', async (t) => {
  const fake = await stopAfter(t, startFakeOsaurus({ exposeToNetwork: true }))
  const { entry, probe } = await inspectOne(fake.baseDir)
  assert.equal(entry.status, 'running')
  assert.equal(probe.accessKey, 'required')
  assert.deepEqual(entry.instance, { ...fake.instance, url: fake.url })
  assert.equal(probe.url, fake.url)

  await fake.setExposed(false)
  assert.equal((await inspectOne(fake.baseDir)).probe.accessKey, 'not-required')
})

test('only inspectRuntime with verify sends the second request, and only to an Osaurus', async (t) => {
  const fake = await stopAfter(t, startFakeOsaurus({ exposeToNetwork: true }))
  const { baseDir } = fake
  await inspectRuntime({ baseDir })
  assert.deepEqual(urls(fake.requests), [])
  await listInstances({ baseDir, ...VERIFY })
  assert.deepEqual(urls(fake.requests), ['/'])
  await inspectRuntime({ baseDir, ...VERIFY })
  assert.deepEqual(urls(fake.requests), ['/', '/', '/v1/models'])
  const [, first, second] = fake.requests
  assert.deepEqual(second, { ...first, url: '/v1/models' }, 'it is made as the first one is')
  assert.equal('authorization' in second.headers, false, 'and without a key')

  for (const start of [stubServers.anotherServer, stubServers.failing]) {
    const runtime = runtimeDirectory(t)
    const other = await stopAfter(t, start())
    publishPort(runtime, other.port)
    const { probe } = await inspectOne(runtime.baseDir)
    assert.equal('accessKey' in probe, false)
    assert.equal(other.connections, 1)
  }
})

/** What an Osaurus may do about the second request; nothing of it says that it is none. */
const SECOND_ANSWERS =
  /** @type {{ name: string, answer(response: http.ServerResponse): void, key?: string }[]} */ ([
    { name: '200', answer: (response) => response.end('{}'), key: 'not-required' },
    { name: '401', answer: (response) => response.writeHead(401).end(), key: 'required' },
    { name: '403', answer: (response) => response.writeHead(403).end() },
    { name: '500', answer: (response) => response.writeHead(500).end() },
    { name: 'a redirect', answer: (response) => response.writeHead(302, { location: '/v2/models' }).end() },
    { name: 'nothing, and closes', answer: (response) => response.destroy() },
    { name: 'nothing', answer: () => {} },
    {
      name: 'an endless list of models',
      answer: (response) => response.write('x'.repeat(2 ** 20)),
      key: 'not-required',
    },
  ])

for (const { name, answer, key } of SECOND_ANSWERS) {
  test(`a server that answers the second request with ${name} is running, with accessKey ${key ?? 'absent'}`, async (t) => {
    const runtime = runtimeDirectory(t)
    /** @type {string[]} */
    const asked = []
    const server = http.createServer((request, response) => {
      asked.push(request.url ?? '')
      if (request.url === '/') response.end('Osaurus Server is running! 🦕')
      else answer(response)
    })
    t.after(() => (server.close(), server.closeAllConnections()))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    publishPort(runtime, /** @type {import('node:net').AddressInfo} */ (server.address()).port)
    const { entry, probe } = await inspectOne(runtime.baseDir, name === 'nothing' ? 500 : undefined)
    assert.equal(entry.status, 'running')
    assert.equal(probe.outcome, 'osaurus')
    assert.equal(probe.accessKey, key)
    assert.equal('accessKey' in probe, key !== undefined, 'what is unknown is missing')
    assert.deepEqual(asked, ['/', '/v1/models'])
  })
}

test('a killed server is refused, a stopped one times out, and both keep their published instance', async (t) => {
  const fake = await stopAfter(t, startFakeProcess())
  await fake.kill('SIGSTOP')
  const stopped = await inspectOne(fake.baseDir, 200)
  assert.ok(stopped.entry.status === 'ignored' && stopped.entry.reason === 'not-responding')
  assert.equal(stopped.probe.outcome, 'timed-out')
  assert.ok(stopped.probe.durationMs >= 200)
  assert.deepEqual(stopped.entry.instance, fake.instance)

  await fake.kill('SIGKILL')
  const killed = await inspectOne(fake.baseDir)
  assert.ok(killed.entry.status === 'ignored' && killed.entry.reason === 'not-responding')
  const { durationMs, ...rest } = killed.probe
  assert.deepEqual(rest, { outcome: 'refused', url: fake.url })
  assert.ok(durationMs >= 0 && durationMs < VERIFY.probeTimeoutMs / 2, 'at once')
  assert.equal(killed.entry.detail, `its server ${new URL(fake.url).host} refused the connection`)
})

test('a report of all kinds of entries is complete and sorted', async (t) => {
  const runtime = runtimeDirectory(t)
  const { baseDir } = runtime
  const [exposed, plain] = [
    await stopAfter(t, startFakeOsaurus({ exposeToNetwork: true })),
    await stopAfter(t, startFakeOsaurus()),
  ]
  const [hung] = await unresponsiveServers(t, 1)
  const other = await stopAfter(t, stubServers.anotherServer())
  publishPort(runtime, plain.instance.port, { instanceId: 'PLAIN', updatedAt: publishedAt(3) })
  publishPort(runtime, exposed.instance.port, {
    instanceId: 'EXPOSED',
    updatedAt: publishedAt(2),
    exposeToNetwork: true,
  })
  publishPort(runtime, plain.instance.port, { instanceId: 'CRASHED', updatedAt: publishedAt(1) })
  publishPort(runtime, hung.port, { instanceId: 'HUNG', updatedAt: publishedAt(9) })
  publishPort(runtime, other.port, { instanceId: 'TAKEN', updatedAt: publishedAt(8) })
  publishPort(runtime, await refusedPort(), { instanceId: 'DEAD', updatedAt: publishedAt(7) })
  runtime.publishStarting('starting', 'BEGINS')
  runtime.makeDirectory('EMPTY')

  const { entries } = await inspectRuntime({ baseDir, verify: true, probeTimeoutMs: 500 })
  const reported = entries.map((entry) => {
    const { status, path } = entry
    const probe = 'probe' in entry && entry.probe ? entry.probe : undefined
    const reason = status === 'ignored' ? [entry.reason] : []
    return [path.slice(baseDir.length + 1), status, ...reason, probe?.outcome, probe?.accessKey]
      .join(' ')
      .trim()
  })
  assert.deepEqual(reported, [
    'PLAIN running osaurus not-required',
    'EXPOSED running osaurus required',
    'BEGINS starting',
    'CRASHED ignored duplicate-port',
    'DEAD ignored not-responding refused',
    'EMPTY ignored missing-file',
    'HUNG ignored not-responding timed-out',
    'TAKEN ignored not-responding not-osaurus',
  ])
})
