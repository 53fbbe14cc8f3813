// Tests which hosts hear a fake that advertises itself.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { setTimeout: delay } = require('node:timers/promises')

const { listOn, NetworkWatch } = require('../support/network-calls.js')
const { makeHosts } = require('../support/network-hosts.js')
const { withNetworkHosts } = require('../support/requirements.js')

/** @typedef {ReturnType<typeof makeHosts>[number]} Host */

/**
 * Starts a fake on port 20000 of a host.
 * @param {Host} host
 * @param {import('osaurus-discovery/testing').FakeAdvertiseOptions} advertise
 */
const startFake = (host, advertise) =>
  host.runFixture('fake.js', [JSON.stringify({ port: 20000, advertise })], 'http://')

/** Counts the multicast DNS packets of one host that another receives. @param {Host} host @param {Host} sender */
async function countPackets(host, sender) {
  const listener = await host.runFixture('listen.js', [host.address], 'listening')
  const packets = { count: 0 }
  listener.stdout?.on(
    'data',
    (text) => (packets.count += String(text).split(`from ${sender.address}`).length - 1),
  )
  return packets
}

describe('a fake that advertises itself', withNetworkHosts(), () => {
  test('a fake that advertises itself on the loopback interface is found by its own host alone, and sends nothing to others', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    const packets = await countPackets(viewer, mac)
    await startFake(mac, { name: 'Studio' })
    await delay(2000)
    assert.equal(packets.count, 0)
    assert.deepEqual((await listOn(viewer)).instances, [])
    const { instances } = await listOn(mac, { includeSelf: true })
    assert.deepEqual(
      instances?.map(({ name, url, self }) => [name, url, self]),
      [['Studio', 'http://127.0.0.1:20000', true]],
    )
    assert.ok(packets.count > 0, 'the queries of the list')
  })

  test('a fake that advertises itself on the loopback interface is found on a host without a network', async (t) => {
    const [mac] = makeHosts(t, 'studio')
    mac.unplug()
    await startFake(mac, {})
    const { instances, error } = await listOn(mac, { includeSelf: true })
    assert.equal(error, undefined)
    assert.deepEqual(
      instances?.map(({ name, url }) => [name, url]),
      [['Fake Osaurus', 'http://127.0.0.1:20000']],
    )
  })

  test('to the network is found by another host, which reaches it and needs an access key', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    const watch = new NetworkWatch(viewer)
    await startFake(mac, { name: 'Studio', where: 'network' })
    await watch.until(['Studio http://10.77.0.2:20000'])
    assert.match(viewer.run('curl', '--silent', 'http://10.77.0.2:20000/'), /^Osaurus Server is running/)
    assert.match(viewer.run('curl', '--silent', 'http://10.77.0.2:20000/v1/models'), /authentication_error/)
    await watch.close()
  })

  test('a fake that advertises itself rejects if another program keeps the port of multicast DNS for itself', async (t) => {
    const [mac] = makeHosts(t, 'studio')
    await mac.runFixture('hold-port.js', [], 'listening')
    await mac.runFixture('fake.js', ['{"advertise":true}'], 'OSAURUS_NETWORK_UNAVAILABLE')
  })
})
