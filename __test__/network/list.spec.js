// Tests listNetworkInstances() against Avahi on other hosts.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')

const { listOn } = require('../support/network-calls.js')
const { makeHosts } = require('../support/network-hosts.js')
const { withNetworkHosts } = require('../support/requirements.js')

/**
 * A host with Avahi and a server that is advertised as one agent.
 * @param {ReturnType<typeof makeHosts>[number]} host
 */
async function startMac(host) {
  await host.startAvahi()
  const server = await host.startServer()
  const requests = { count: 0 }
  server.stdout?.on('data', (text) => (requests.count += String(text).split('GET / ').length - 1))
  const txt = ['name=Coder 🦕', 'id=A1', 'description=Writes code', 'address=0x12', 'osc=1']
  const service = host.advertise(`Coder@${host.name}`, { txt })
  await service.established
  return { requests }
}

describe('a list of the local network', withNetworkHosts(), () => {
  test('a list of the local network has each server with its agents, by the address that answered', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    const { requests } = await startMac(mac)
    await mac.advertise('Plain').established
    const { instances, ms } = await listOn(viewer)
    assert.ok(instances, 'no instances')
    const [{ addresses, ...instance }, ...others] = instances
    assert.deepEqual(instance, {
      name: 'studio',
      host: 'studio.local',
      port: 1337,
      url: 'http://10.77.0.2:1337',
      agents: [
        { id: 'A1', name: 'Coder 🦕', description: 'Writes code', address: '0x12' },
        { id: '', name: 'Plain' },
      ],
      self: false,
    })
    assert.equal(addresses[0], '10.77.0.2')
    assert.deepEqual(others, [])
    assert.ok(ms >= 2000 && ms < 2500, `it took ${ms} ms`)
    assert.equal(requests.count, 1)
  })

  test('a list of the local network takes no longer than it may, and is empty if nothing is advertised', async (t) => {
    const [viewer] = makeHosts(t, 'viewer', 'studio')
    const { instances, ms } = await listOn(viewer, { timeoutMs: 300 })
    assert.deepEqual(instances, [])
    assert.ok(ms >= 300 && ms < 600, `it took ${ms} ms`)
  })

  test('a list of the local network probes no server without verification', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    const { requests } = await startMac(mac)
    const { instances } = await listOn(viewer, { verify: false })
    assert.deepEqual(
      instances?.map(({ url }) => url),
      ['http://10.77.0.2:1337'],
    )
    assert.equal(requests.count, 0)
  })

  test('a list of the local network leaves this machine out by default', async (t) => {
    const [mac] = makeHosts(t, 'studio', 'other')
    const { requests } = await startMac(mac)
    assert.deepEqual((await listOn(mac)).instances, [])
    assert.equal(requests.count, 0)
    const { instances } = await listOn(mac, { includeSelf: true })
    assert.deepEqual(
      instances?.map(({ name, url, self }) => [name, url, self]),
      [['studio', 'http://10.77.0.1:1337', true]],
    )
  })

  test('a list of the local network has the zone in the URL of a server with link-local IPv6 only', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    for (const host of [viewer, mac]) host.removeAddress()
    await startMac(mac)
    const { instances } = await listOn(viewer)
    assert.equal(instances?.length, 1)
    const [{ url, addresses }] = instances
    assert.match(url, /^http:\/\/\[fe80::[0-9a-f:]+%eth0\]:1337$/)
    assert.match(addresses[0], /^fe80::[0-9a-f:]+$/)
    assert.match(viewer.run('curl', '--silent', '--globoff', url), /^Osaurus Server is running/)
  })

  test('a list of the local network rejects without a network, with the next step in the message', async (t) => {
    const [viewer] = makeHosts(t, 'viewer')
    viewer.fallAsleep()
    const { error } = await listOn(viewer, { timeoutMs: 300 })
    assert.equal(error?.code, 'OSAURUS_NETWORK_UNAVAILABLE')
    assert.match(
      error.message,
      /^The local network cannot be searched: .*unreachable.*\. Connect this machine to a network$/,
    )
  })

  test('a list of the local network has the servers of a network that appears while it listens', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    await startMac(mac)
    viewer.fallAsleep()
    const listed = listOn(viewer, { timeoutMs: 8000 })
    setTimeout(() => viewer.wakeUp(), 500)
    const { instances, error } = await listed
    assert.equal(error, undefined)
    assert.deepEqual(
      instances?.map(({ url }) => url),
      ['http://10.77.0.2:1337'],
    )
  })
})
