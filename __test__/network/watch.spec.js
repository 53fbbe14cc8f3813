// Tests the search for servers on the local network, against Avahi on other hosts, by the example examples/watch_network.rs.
'use strict'

const assert = require('node:assert/strict')
const { before, describe, test } = require('node:test')

const { eventually } = require('../support/measure.js')
const { makeHosts } = require('../support/network-hosts.js')
const { added, buildExample, countRequests, startWatching } = require('../support/network-watch.js')
const { withNetworkHosts } = require('../support/requirements.js')

/** One request, and one more if the IPv4 address was announced after the IPv6 address. @param {{ count: number }} requests */
const assertFewRequests = ({ count }) => assert.ok(count === 1 || count === 2, `${count} requests`)

describe('watching the local network', withNetworkHosts(), () => {
  before(buildExample)

  test('a server is added when it is advertised, and removed when it says goodbye', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    await mac.startAvahi()
    const requests = countRequests(await mac.startServer())
    const watching = startWatching(viewer)
    const service = mac.advertise("Agent's é v1.2 🦕", { txt: ['name=Coder 🦕', 'id=1'] })
    await watching.until(added('studio', '10.77.0.2', 'Coder 🦕'))
    service.withdraw()
    await watching.until('- studio http://10.77.0.2:1337 [Coder 🦕]')
    assertFewRequests(requests)
    assert.equal(await watching.close(), 0)
  })

  test('64 agents of one Mac are one server, under the name of the Mac', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    await mac.startAvahi()
    const requests = countRequests(await mac.startServer())
    mac.advertise('studio', { type: '_osaurus-mobile._tcp', txt: ['name=Big Studio', 'v=1'] })
    const agents = Array.from({ length: 64 }, (_, index) => `agent ${String(index).padStart(2, '0')}`)
    for (const name of agents) mac.advertise(name, { txt: [`name=${name}`, `id=${name}`] })
    const watching = startWatching(viewer)
    await watching.until(added('Big Studio', '10.77.0.2', agents.join(', ')))
    assertFewRequests(requests)
  })

  test('two Macs with the same port are two servers', async (t) => {
    const [viewer, studio, mini] = makeHosts(t, 'viewer', 'studio', 'mini')
    for (const mac of [studio, mini]) {
      await mac.startAvahi()
      await mac.startServer()
      mac.advertise(`agent of ${mac.name}`)
    }
    const watching = startWatching(viewer)
    await watching.until(added('studio', '10.77.0.2', 'agent of studio'))
    await watching.until(added('mini', '10.77.0.3', 'agent of mini'))
  })

  test('a Mac that changes its address is updated', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    await mac.startAvahi()
    await mac.startServer()
    mac.advertise('agent')
    const watching = startWatching(viewer)
    await watching.until(added('studio', '10.77.0.2', 'agent'))
    mac.changeAddress('10.77.0.99')
    await watching.until('~ studio http://10.77.0.99:1337 [agent]')
  })

  test('a server that is not Osaurus is probed and not reported', async (t) => {
    const [viewer, mac, other] = makeHosts(t, 'viewer', 'studio', 'printer')
    for (const host of [mac, other]) await host.startAvahi()
    await mac.startServer()
    const requests = countRequests(await other.startServer({ text: 'Printer ready' }))
    other.advertise('printer')
    const watching = startWatching(viewer)
    await eventually(() => requests.count > 0, 'a probe of the printer')
    mac.advertise('agent')
    await watching.until(added('studio', '10.77.0.2', 'agent'))
    assert.equal(
      watching.lines().filter((line) => line.startsWith('+')).length,
      1,
      watching.lines().join('\n'),
    )
  })

  test('a Mac that loses its power is removed when its records expire', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    await mac.startServer()
    const watching = startWatching(viewer)
    await watching.listening()
    await mac.send('brief', mac.address, '3')
    await watching.until(added('brief', '10.77.0.2', 'brief'))
    mac.fallAsleep()
    await watching.until('- brief http://10.77.0.2:1337 [brief]')
  })

  test('a Mac that wakes up is found again', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    await mac.startServer()
    const watching = startWatching(viewer)
    await watching.listening()
    await mac.send('brief', mac.address, '3')
    await watching.until(added('brief', '10.77.0.2', 'brief'))
    mac.fallAsleep()
    await watching.until('- brief http://10.77.0.2:1337 [brief]')
    mac.wakeUp()
    await mac.startAvahi()
    mac.advertise('agent')
    await watching.until(added('studio', '10.77.0.2', 'agent'))
  })

  test('two Macs of one name, with agents of one name, are two servers', async (t) => {
    const [viewer, first, second] = makeHosts(t, 'viewer', 'studio', 'studio')
    for (const mac of [first, second]) {
      await mac.startAvahi()
      await mac.startServer()
      mac.advertise('agent', { txt: ['name=agent'] })
    }
    const watching = startWatching(viewer)
    // Avahi decides which of the two gives its name up, and which one it takes.
    await watching.until(added('studio(-\\d+)?', '10.77.0.2', 'agent'))
    await watching.until(added('studio(-\\d+)?', '10.77.0.3', 'agent'))
    const names = watching.withSign('+').map((line) => line.split(' ')[1])
    assert.equal(new Set(names).size, names.length, watching.lines().join('\n'))
  })
})
