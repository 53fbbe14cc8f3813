// Tests the search for servers on the local network, against Avahi on other hosts, by the example examples/watch_network.rs.
'use strict'

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const path = require('node:path')
const { before, describe, test } = require('node:test')

const { eventually } = require('../support/measure.js')
const { makeHosts } = require('../support/network-hosts.js')
const { withNetworkHosts } = require('../support/requirements.js')
const { PROJECT } = require('../support/run-node.js')

const EXAMPLE = path.join(PROJECT, 'target/debug/examples/watch_network')

/**
 * Starts the example on a host and collects its lines.
 * @param {ReturnType<typeof makeHosts>[number]} host
 */
function startWatching(host) {
  let text = ''
  const child = host.spawn([EXAMPLE], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => (text += chunk))
  const lines = () => text.split('\n').slice(0, -1)
  return {
    lines,
    /** Waits for a line. @param {string | RegExp} expected */
    until: (expected) =>
      eventually(() => {
        const isExpected = (/** @type {string} */ line) =>
          typeof expected === 'string' ? line === expected : expected.test(line)
        assert.ok(lines().some(isExpected), `${expected} is missing in:\n${text}`)
      }),
    /** Ends the example and waits for its exit code. */
    close: () =>
      new Promise((resolve) => {
        child.once('exit', resolve)
        child.stdin?.end()
      }),
  }
}

/** The number of requests that a server has printed. @param {import('node:child_process').ChildProcess} server */
function countRequests(server) {
  const requests = { count: 0 }
  server.stdout?.on('data', (text) => (requests.count += String(text).split('GET / ').length - 1))
  return requests
}

/**
 * Matches the line of a server that was added at its IPv4 address, or moved there from its IPv6 address.
 * @param {string} name @param {string} address @param {string} agents
 */
const added = (name, address, agents) =>
  new RegExp(`^[+~] ${name} http://${address.replaceAll('.', '[.]')}:1337 \\[${agents}\\]$`)

/** One request, and one more if the IPv4 address was announced after the IPv6 address. @param {{ count: number }} requests */
const assertFewRequests = ({ count }) => assert.ok(count === 1 || count === 2, `${count} requests`)

describe('watching the local network', withNetworkHosts(), () => {
  before(() => {
    const features = ['--no-default-features', '--features', 'network', '--example', 'watch_network']
    execFileSync('cargo', ['build', '--quiet', ...features], {
      cwd: PROJECT,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
  })

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

  test('agents of one Mac are one server, under the name of the Mac', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    await mac.startAvahi()
    const requests = countRequests(await mac.startServer())
    mac.advertise('studio', { type: '_osaurus-mobile._tcp', txt: ['name=Big Studio', 'v=1'] })
    const agents = Array.from({ length: 8 }, (_, index) => `agent ${index}`)
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

  test('an advertised address outside of the local networks is never connected to', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
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
    assert.equal(
      watching.lines().filter((line) => line.startsWith('+')).length,
      1,
      watching.lines().join('\n'),
    )
  })

  test('without a network it warns once, and finds servers when one appears', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    await mac.startAvahi()
    await mac.startServer()
    mac.advertise('agent')
    viewer.fallAsleep()
    const watching = startWatching(viewer)
    await watching.until(/^! The local network cannot be searched: /)
    viewer.wakeUp()
    await watching.until(added('studio', '10.77.0.2', 'agent'))
    assert.equal(watching.lines().filter((line) => line.startsWith('!')).length, 1)
  })
})
