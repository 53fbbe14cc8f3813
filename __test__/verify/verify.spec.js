// Tests that verify returns only servers that answer as Osaurus, and sends each of them one request.
'use strict'

const assert = require('node:assert/strict')
const http = require('node:http')
const { once } = require('node:events')
const test = require('node:test')
const discovery = require('../..')
const { startFakeOsaurus } = require('../../testing.js')
const { version } = require('../../package.json')
const { rejection } = require('../support/failure.js')
const { startFakeProcess } = require('../support/fake-process.js')
const { timed } = require('../support/measure.js')
const { RUNNING_INSTANCE, runtimeDirectory } = require('../support/runtime-directory.js')
const { anotherServer } = require('../support/stub-servers.js')
const {
  VERIFY,
  unresponsiveServers,
  publishPort,
  refusedPort,
  refusedPorts,
  publishedAt,
  stopAfter,
} = require('../support/verify-servers.js')

const { discoverLatestRunningInstance, inspectRuntime, listInstances } = discovery

test('a live server is found with the url that answered', async (t) => {
  const fake = await stopAfter(t, startFakeOsaurus())
  const { baseDir, instance } = fake
  assert.deepEqual(await discoverLatestRunningInstance({ baseDir, ...VERIFY }), instance)
  assert.deepEqual(await listInstances({ baseDir, ...VERIFY }), [instance])
  assert.equal(instance.url, fake.url)
})

test('a server killed with SIGKILL is not responding although its file says that it runs', async (t) => {
  const fake = await stopAfter(t, startFakeProcess())
  const { baseDir, instance } = fake
  assert.deepEqual(await discoverLatestRunningInstance({ baseDir, ...VERIFY }), instance)
  await fake.kill('SIGKILL')

  const { code, message } = await rejection(discoverLatestRunningInstance({ baseDir, ...VERIFY }))
  assert.equal(code, 'OSAURUS_NOT_RESPONDING')
  assert.match(message, /^Osaurus is not responding: /)
  assert.ok(message.includes(`127.0.0.1:${instance.port} refused the connection`), message)
  assert.match(message, /Start Osaurus and try again.*inspectRuntime\(\)/, 'it says what to do next')
  assert.deepEqual(await listInstances({ baseDir, ...VERIFY }), [])
  assert.deepEqual(await discoverLatestRunningInstance({ baseDir }), instance, 'the file alone cannot tell')
})

test('a server stopped with SIGSTOP does not answer in time and is found after SIGCONT', async (t) => {
  const fake = await stopAfter(t, startFakeProcess())
  const { baseDir, instance } = fake
  await fake.kill('SIGSTOP')

  const options = { baseDir, verify: true, probeTimeoutMs: 100 }
  const { code, message } = await rejection(discoverLatestRunningInstance(options))
  assert.equal(code, 'OSAURUS_NOT_RESPONDING')
  assert.ok(message.includes(`127.0.0.1:${instance.port} did not answer in time`), message)
  assert.deepEqual(await listInstances(options), [])

  await fake.kill('SIGCONT')
  assert.deepEqual(await discoverLatestRunningInstance({ ...options, probeTimeoutMs: 10_000 }), instance)
})

test('a suspended server does not count although it accepts connections', async (t) => {
  const fake = await stopAfter(t, startFakeOsaurus())
  fake.suspend()
  assert.deepEqual(await listInstances({ baseDir: fake.baseDir, verify: true, probeTimeoutMs: 100 }), [])
  fake.resume()
  assert.deepEqual(await listInstances({ baseDir: fake.baseDir, ...VERIFY }), [fake.instance])
})

test('an exposed server answers without an access key', async (t) => {
  const fake = await stopAfter(t, startFakeOsaurus({ exposeToNetwork: true }))
  const found = await discoverLatestRunningInstance({ baseDir: fake.baseDir, ...VERIFY })
  assert.deepEqual(found, { ...fake.instance, url: fake.url })
  assert.equal(found.exposeToNetwork, true)
})

for (const call of /** @type {const} */ ([discoverLatestRunningInstance, listInstances])) {
  test(`${call.name} sends one request per server, with its own user agent`, async (t) => {
    const fake = await stopAfter(t, startFakeOsaurus())
    await call({ baseDir: fake.baseDir, ...VERIFY })
    const { host } = new URL(fake.url)
    const headers = {
      host,
      'user-agent': `osaurus-discovery/${version}`,
      accept: '*/*',
      connection: 'close',
    }
    assert.deepEqual(fake.requests, [{ method: 'GET', url: '/', headers, body: undefined, aborted: false }])
    assert.equal(fake.connections, 1)
  })
}

test('the request has exactly these bytes', async (t) => {
  const runtime = runtimeDirectory(t)
  const other = await stopAfter(t, anotherServer())
  publishPort(runtime, other.port)
  assert.deepEqual(await listInstances({ baseDir: runtime.baseDir, ...VERIFY }), [])
  const lines = [
    'GET / HTTP/1.1',
    `Host: 127.0.0.1:${other.port}`,
    `User-Agent: osaurus-discovery/${version}`,
    'Accept: */*',
    'Connection: close',
  ]
  assert.equal(other.received, `${lines.join('\r\n')}\r\n\r\n`)
})

test('no request is sent without verify or with verify false', async (t) => {
  const fake = await stopAfter(t, startFakeOsaurus())
  const { baseDir, instance } = fake
  for (const options of [
    { baseDir },
    { baseDir, verify: false, probeTimeoutMs: 5 },
    { baseDir, verify: undefined },
  ]) {
    assert.deepEqual(await discoverLatestRunningInstance(options), instance)
    assert.deepEqual(await listInstances(options), [instance])
    assert.equal((await inspectRuntime(options)).entries.length, 1)
  }
  assert.deepEqual(discovery.listInstancesSync({ baseDir }), [instance])
  assert.equal(fake.connections, 0)
})

test('no request is sent if no entry says that it is running', async (t) => {
  const runtime = runtimeDirectory(t)
  const { baseDir } = runtime
  assert.equal(
    (await rejection(discoverLatestRunningInstance({ baseDir, ...VERIFY }))).code,
    'OSAURUS_NOT_FOUND',
  )
  assert.deepEqual(await listInstances({ baseDir, ...VERIFY }), [])
  runtime.publish({ health: 'sleeping' })
  assert.equal(
    (await rejection(discoverLatestRunningInstance({ baseDir, ...VERIFY }))).code,
    'OSAURUS_NOT_FOUND',
  )
})

test('a chunked answer counts', async (t) => {
  const runtime = runtimeDirectory(t)
  const server = http.createServer((_, response) => {
    response.write('Osaurus Ser')
    setTimeout(() => response.end('ver is running! 🦕'), 20)
  })
  t.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  publishPort(runtime, port)
  const [found] = await listInstances({ baseDir: runtime.baseDir, ...VERIFY })
  assert.equal(found.port, port)
})

test('all live servers are listed, newest first, without the dead ones', async (t) => {
  const runtime = runtimeDirectory(t)
  const { baseDir } = runtime
  const fakes = await Promise.all([1, 2, 3].map(() => stopAfter(t, startFakeOsaurus())))
  fakes.forEach(({ instance: { port } }, index) =>
    publishPort(runtime, port, { updatedAt: publishedAt(index * 2) }),
  )
  for (const [index, port] of (await refusedPorts(3)).entries())
    publishPort(runtime, port, { updatedAt: publishedAt(index * 2 + 1) })
  const ports = (await listInstances({ baseDir, ...VERIFY })).map(({ port }) => port)
  assert.deepEqual(ports, fakes.map(({ instance: { port } }) => port).reverse())
  assert.equal((await discoverLatestRunningInstance({ baseDir, ...VERIFY })).port, ports[0])
})

test('the message names the newest servers that do not answer, with the outcome of each, and counts the rest', async (t) => {
  const runtime = runtimeDirectory(t)
  const [hung] = await unresponsiveServers(t, 1)
  const other = await stopAfter(t, anotherServer())
  const refused = await refusedPorts(4)
  for (const [index, port] of [hung.port, other.port, ...refused].entries())
    publishPort(runtime, port, { updatedAt: publishedAt(100 - index) })
  const options = { baseDir: runtime.baseDir, verify: true, probeTimeoutMs: 100 }
  const { message } = await rejection(discoverLatestRunningInstance(options))
  assert.equal(
    message.replace(/^.*?published/, 'published').replace(/\. Start Osaurus.*$/, ''),
    `published as running, but 127.0.0.1:${hung.port} did not answer in time; ` +
      `127.0.0.1:${other.port} answered, but not as Osaurus; ` +
      `127.0.0.1:${refused[0]} refused the connection; and 3 more`,
  )
})

test('each server has probeTimeoutMs to answer, including fractions', async (t) => {
  const runtime = runtimeDirectory(t)
  const [hung] = await unresponsiveServers(t, 1)
  publishPort(runtime, hung.port)
  const ask = async (/** @type {number | undefined} */ probeTimeoutMs) => {
    const options = { baseDir: runtime.baseDir, verify: true, probeTimeoutMs }
    const { value, ms } = await timed(() => listInstances(options))
    assert.deepEqual(value, [])
    return ms
  }
  for (const probeTimeoutMs of [1, 1.5, 50, 99.9, 400]) {
    const took = await ask(probeTimeoutMs)
    assert.ok(took >= probeTimeoutMs - 1, `${probeTimeoutMs} ms were not waited for, but ${took}`)
  }
  // The least of three: what the machine does beside them only adds to it.
  const least = Math.min(await ask(400), await ask(400), await ask(400))
  assert.ok(least < 400 * 1.5, `${least} ms are no 400`)
  const byDefault = await ask(undefined)
  assert.ok(byDefault >= 499 && byDefault < (await ask(1500)), `by default 500 ms, not ${byDefault}`)
})

test('the longest probeTimeoutMs does not delay a call whose servers answer', async (t) => {
  const runtime = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus())
  publishPort(runtime, fake.instance.port)
  publishPort(runtime, await refusedPort())
  const options = { baseDir: runtime.baseDir, verify: true, probeTimeoutMs: 60_000 }
  const { value, ms } = await timed(() => listInstances(options))
  assert.equal(value.length, 1)
  assert.ok(ms < 20_000, 'a third of the time that was given')
})

test('probeTimeoutMs without verify has no effect', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  assert.deepEqual(await listInstances({ baseDir: runtime.baseDir, probeTimeoutMs: 1 }), [RUNNING_INSTANCE])
})
