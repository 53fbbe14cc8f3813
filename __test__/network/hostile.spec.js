// Tests that hosts which forge, flood and send garbage neither reach other hosts through the search nor exhaust it.
'use strict'

const assert = require('node:assert/strict')
const { before, describe, test } = require('node:test')
const { setTimeout: delay } = require('node:timers/promises')

const { eventually } = require('../support/measure.js')
const { makeHosts } = require('../support/network-hosts.js')
const { added, buildExample, countRequests, startWatching } = require('../support/network-watch.js')
const { withNetworkHosts } = require('../support/requirements.js')

/** What a flood may cost in memory. The flood of addresses below takes twice as much without a limit. */
const MAX_GROWTH_MIB = 64

/**
 * Makes a viewer, a Mac that is found, and a hostile host.
 * @param {import('node:test').TestContext} t
 */
async function makeHostileNetwork(t) {
  const [viewer, mac, hostile] = makeHosts(t, 'viewer', 'studio', 'hostile')
  await mac.startAvahi()
  await mac.startServer()
  const service = mac.advertise('agent')
  const watching = startWatching(viewer)
  await watching.until(added('studio', '10.77.0.2', 'agent'))
  return { viewer, hostile, service, watching, before: await atRest(watching) }
}

/** The usage once no probe runs. @param {ReturnType<typeof startWatching>} watching */
const atRest = (watching) =>
  eventually(() => {
    const usage = watching.usage()
    // The main thread, the watcher's and the daemon's.
    assert.equal(usage.threads, 3)
    return usage
  })

/**
 * The search goes on, with the threads and descriptors that it had: the Mac has not been lost, and its goodbye arrives.
 * @param {Awaited<ReturnType<typeof makeHostileNetwork>>} network
 */
async function assertUnharmed({ watching, service, before }) {
  assert.deepEqual(watching.withSign('- studio'), [])
  service.withdraw()
  await watching.until(/^- studio http:.* \[agent\]$/)
  await eventually(() => {
    const { threads, descriptors } = watching.usage()
    assert.deepEqual({ threads, descriptors }, { threads: before.threads, descriptors: before.descriptors })
  })
  assert.equal(watching.errors(), '')
}

describe('searching a hostile network', withNetworkHosts(), () => {
  before(buildExample)

  test('garbage packets change nothing', async (t) => {
    const network = await makeHostileNetwork(t)
    await network.hostile.send('garbage')
    await assertUnharmed(network)
    const names = network.watching.withSign('+').map((line) => line.split(' ')[1])
    assert.deepEqual([...new Set(names)], ['studio'])
  })

  test('10,000 names in a second cost neither the servers found before nor threads, descriptors or memory', async (t) => {
    const network = await makeHostileNetwork(t)
    const requests = countRequests(await network.hostile.startServer())
    await network.hostile.send('names', '10000', network.hostile.address)
    await eventually(() => network.watching.withSign('+ flood').length > 0, 'a name of the flood')
    // Long enough for a browse that starts again.
    await delay(3000)
    assert.ok(requests.count <= 64, `${requests.count} requests`)
    const { peakMiB } = await atRest(network.watching)
    assert.ok(
      peakMiB < network.before.peakMiB + MAX_GROWTH_MIB,
      `${network.before.peakMiB} to ${peakMiB} MiB`,
    )
    await assertUnharmed(network)
  })

  test('a flood of addresses that no query asked for costs a bounded amount of memory', async (t) => {
    const network = await makeHostileNetwork(t)
    await network.hostile.send('addresses', '5000')
    const { peakMiB } = network.watching.usage()
    assert.ok(
      peakMiB < network.before.peakMiB + MAX_GROWTH_MIB,
      `${network.before.peakMiB} to ${peakMiB} MiB`,
    )
    // Once the browse has started again.
    await delay(3000)
    await assertUnharmed(network)
  })

  test('64 servers are connected to, and no more', async (t) => {
    const [viewer, hostile] = makeHosts(t, 'viewer', 'hostile')
    const requests = countRequests(await hostile.startServer({ port: 2000, ports: 200 }))
    const watching = startWatching(viewer)
    await watching.listening()
    await hostile.send('servers', '200', hostile.address)
    await eventually(() => watching.withSign('+').length === 64, '64 servers')
    await delay(1000)
    assert.equal(requests.count, 64)
    assert.equal(watching.withSign('+').length, 64)
  })

  test('control characters and direction marks of names do not reach the terminal', async (t) => {
    const [viewer, hostile] = makeHosts(t, 'viewer', 'hostile')
    await hostile.startServer()
    const watching = startWatching(viewer)
    await watching.listening()
    await hostile.send('strangeNames', hostile.address)
    const agents = 'a.b._osaurus._tcp.local, line��+ forged http://10.0.0.1:1 [], x�[2Jy, �dne 🦕'
    await watching.until(`+ strange http://10.77.0.2:1337 [${agents}]`)
    assert.equal(watching.lines().length, 1)
  })

  test('an advertised address outside of the local networks is never connected to', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    viewer.routeEverything()
    await mac.startAvahi()
    await mac.startServer()
    mac.advertiseAddress('public.local', '8.8.8.8')
    mac.advertiseAddress('loopback.local', '127.0.0.1')
    mac.advertise('public', { host: 'public.local' })
    mac.advertise('loopback', { host: 'loopback.local' })
    const watching = startWatching(viewer)
    mac.advertise('agent')
    await watching.until(added('studio', '10.77.0.2', 'agent'))
    // A packet to the address would have asked the link for it first.
    assert.doesNotMatch(viewer.run('ip', 'neighbour'), /8\.8\.8\.8/)
    assert.equal(watching.withSign('+').length, 1, watching.lines().join('\n'))
  })

  test('a host that claims the name of another one is believed only if its server answers as Osaurus', async (t) => {
    const { hostile, watching } = await makeHostileNetwork(t)
    const requests = countRequests(await hostile.startServer({ text: 'Not Osaurus' }))
    await hostile.send('claim', 'agent', hostile.address, '1337')
    await eventually(() => requests.count > 0, 'a probe of the forged server')
    await delay(500)
    assert.deepEqual(
      watching.lines().filter((line) => line.includes(hostile.address)),
      [],
    )
  })
})
