// Tests that verify probes only the loopback interface, whatever address was published.
'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { discoverLatestRunningInstance, inspectRuntime, listInstances } = require('../..')
const { startFakeOsaurus } = require('../../testing.js')
const { rejection } = require('../support/failure.js')
const { evaluate, runFixture } = require('../support/run-node.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const { anotherServer, osaurus } = require('../support/stub-servers.js')
const { VERIFY, publishPort, refusedPort, secondAddress, stopAfter } = require('../support/verify-servers.js')

/** What Osaurus may publish, or a file may say, for a server that listens on 127.0.0.1. */
const IPV4_OR_NAME = [
  { what: 'an unroutable address', address: '192.0.2.1' },
  { what: 'an address of a network that was left', address: '10.255.255.254' },
  { what: 'the address that stands for all', address: '0.0.0.0' },
  { what: 'localhost', address: 'localhost' },
  { what: 'a name that only this network knows', address: 'mac.local' },
  { what: 'a name that does not exist', address: 'missing.invalid' },
  { what: 'a multicast address', address: '224.0.0.1' },
]

for (const { what, address } of IPV4_OR_NAME) {
  test(`a server published at ${what}, ${address}, is found on 127.0.0.1`, async (t) => {
    const runtime = runtimeDirectory(t)
    const fake = await stopAfter(t, startFakeOsaurus())
    const { port } = fake.instance
    publishPort(runtime, port, { address, url: `http://${address}:${port}` })
    const { baseDir } = runtime
    const found = await discoverLatestRunningInstance({ baseDir, ...VERIFY })
    assert.equal(found.url, `http://127.0.0.1:${port}`)
    assert.equal(found.address, address, 'the address stays as published')
    assert.deepEqual(await listInstances({ baseDir, ...VERIFY }), [found])
    assert.equal(fake.requests[0].headers.host, `127.0.0.1:${port}`)
  })
}

for (const address of ['::1', 'fe80::1', '::', '2001:db8::1', '::ffff:127.0.0.1']) {
  test(`a server published at ${address} is found on [::1]`, async (t) => {
    const runtime = runtimeDirectory(t)
    const server = await stopAfter(t, osaurus({ host: '::1' }))
    publishPort(runtime, server.port, { address, url: `http://[${address}]:${server.port}` })
    const { baseDir } = runtime
    const found = await discoverLatestRunningInstance({ baseDir, ...VERIFY })
    assert.equal(found.url, `http://[::1]:${server.port}`)
    assert.equal(found.address, address)
    assert.match(server.received, new RegExp(`^GET / HTTP/1.1\r\nHost: \\[::1\\]:${server.port}\r\n`))
    const { entries } = await inspectRuntime({ baseDir, ...VERIFY })
    assert.ok(entries[0].status === 'running' && entries[0].probe)
    assert.equal(entries[0].probe.url, found.url)
  })
}

test('a server published with an IPv4 address is not searched on [::1]', async (t) => {
  const runtime = runtimeDirectory(t)
  const server = await stopAfter(t, osaurus({ host: '::1', port: await refusedPort() }))
  publishPort(runtime, server.port)
  assert.deepEqual(await listInstances({ baseDir: runtime.baseDir, ...VERIFY }), [])
  assert.equal(server.connections, 0)
})

test('a published address that is not loopback is never probed, even if Osaurus answers there', async (t) => {
  const runtime = runtimeDirectory(t)
  const host = secondAddress()
  const other = await stopAfter(t, osaurus({ host, port: await refusedPort() }))
  publishPort(runtime, other.port, { address: host, url: `http://${host}:${other.port}` })
  const { baseDir } = runtime
  const { code, message } = await rejection(discoverLatestRunningInstance({ baseDir, ...VERIFY }))
  assert.equal(code, 'OSAURUS_NOT_RESPONDING')
  assert.ok(
    message.includes(`127.0.0.1:${other.port} refused the connection`),
    'the message names the probed server',
  )
  assert.deepEqual(await listInstances({ baseDir, ...VERIFY }), [])
  const { entries } = await inspectRuntime({ baseDir, ...VERIFY })
  assert.ok(entries[0].status === 'ignored' && entries[0].probe)
  assert.equal(entries[0].probe.outcome, 'refused')
  assert.equal(other.connections, 0)
})

test('the server on loopback is found although another Osaurus answers at the published address', async (t) => {
  const runtime = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus())
  const host = secondAddress()
  const { port } = fake.instance
  const other = await stopAfter(t, osaurus({ host, port }))
  publishPort(runtime, port, { address: host, url: `http://${host}:${port}`, exposeToNetwork: true })
  const found = await discoverLatestRunningInstance({ baseDir: runtime.baseDir, ...VERIFY })
  assert.equal(found.url, fake.url)
  assert.equal(fake.connections, 1)
  assert.equal(other.connections, 0)
})

test('a url with another host than the address is not used', async (t) => {
  const runtime = runtimeDirectory(t)
  const fake = await stopAfter(t, startFakeOsaurus())
  const other = await stopAfter(t, osaurus({ host: secondAddress() }))
  publishPort(runtime, fake.instance.port, { url: `http://${other.host}:${other.port}` })
  const found = await discoverLatestRunningInstance({ baseDir: runtime.baseDir, ...VERIFY })
  assert.equal(found.url, fake.url)
  assert.equal(other.connections, 0)
})

test('verify uses no proxy, whatever the environment says', async (t) => {
  const fake = await stopAfter(t, startFakeOsaurus())
  const proxy = await stopAfter(t, anotherServer())
  const url = `http://127.0.0.1:${proxy.port}`
  const env = { ...process.env, NO_PROXY: '', no_proxy: '', NODE_USE_ENV_PROXY: '1' }
  for (const name of ['http_proxy', 'https_proxy', 'all_proxy', 'ftp_proxy'])
    Object.assign(env, { [name]: url, [name.toUpperCase()]: url })
  const found = await runFixture('verify/all-instances.js', { data: fake.baseDir, env })
  assert.deepEqual(found, Array(3).fill(fake.instance))
  assert.equal(proxy.connections, 0)
})

test('NO_PROXY for loopback does not prevent probes', async (t) => {
  const fake = await stopAfter(t, startFakeOsaurus())
  const env = { ...process.env, NO_PROXY: '*', no_proxy: '127.0.0.1,localhost,::1' }
  const found = await evaluate(
    'return discovery.listInstances({ baseDir: data, verify: true, probeTimeoutMs: 20000 })',
    { data: fake.baseDir, env },
  )
  assert.deepEqual(found, [fake.instance])
})
