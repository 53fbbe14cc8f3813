// Tests the search on a host without a network, without permission, and whose network appears later.
'use strict'

const assert = require('node:assert/strict')
const { before, describe, test } = require('node:test')

const { makeHosts } = require('../support/network-hosts.js')
const { added, buildExample, startWatching } = require('../support/network-watch.js')
const { withNetworkHosts, withStrace } = require('../support/requirements.js')

/**
 * Makes a viewer, and a Mac that can be found.
 * @param {import('node:test').TestContext} t
 */
async function makeNetwork(t) {
  const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
  await mac.startAvahi()
  await mac.startServer()
  mac.advertise('agent')
  return { viewer, mac }
}

const found = added('studio', '10.77.0.2', 'agent')

/** Makes system calls fail with an error, the first of them or all. @param {string} calls @param {string} error */
const failing = (calls, error, when = '') => [
  'strace',
  '--follow-forks',
  '--output=/dev/null',
  `--trace=${calls}`,
  `--inject=${calls}:error=${error}${when}`,
]

describe('searching without a network', withNetworkHosts(), () => {
  before(buildExample)

  test('without a link it warns once, and finds servers when there is one', async (t) => {
    const { viewer } = await makeNetwork(t)
    viewer.fallAsleep()
    const watching = startWatching(viewer)
    await watching.until(/^! The local network cannot be searched: /)
    viewer.wakeUp()
    await watching.until(found)
    assert.equal(watching.withSign('!').length, 1)
  })

  test('without an interface it warns once, and finds servers by one that appears later', async (t) => {
    const { viewer } = await makeNetwork(t)
    viewer.unplug()
    const watching = startWatching(viewer)
    await watching.until(/^! The local network cannot be searched: no network interface has an address\. /)
    viewer.plugIn()
    await watching.until(found)
    assert.equal(watching.withSign('!').length, 1)
  })

  test('servers are found by another interface that appears later', async (t) => {
    const { viewer } = await makeNetwork(t)
    const [other] = makeHosts(t, 'elsewhere')
    const watching = startWatching(viewer)
    await watching.until(found)
    await other.startAvahi()
    await other.startServer()
    other.advertise('far agent')
    viewer.plugInto(other, 'eth1', '10.77.0.9')
    await watching.until(/^\+ elsewhere http:\/\/\[fe80::[^\]]+\]:1337 \[far agent\]$/)
  })

  test('a port that another program keeps for itself is named, and used once it is free', async (t) => {
    const { viewer } = await makeNetwork(t)
    const holder = await viewer.runFixture('hold-port.js', [], 'listening')
    const watching = startWatching(viewer)
    await watching.until(
      /^! The local network cannot be searched: UDP port 5353 cannot be opened and shared: Address already in use/,
    )
    holder.kill('SIGKILL')
    await watching.until(found)
    assert.equal(watching.withSign('!').length, 1)
  })

  describe('without permission', withStrace(), () => {
    test('to send, it warns once, and finds servers once the permission is granted', async (t) => {
      const { viewer } = await makeNetwork(t)
      // The first two messages of a thread ask the kernel for the interfaces.
      const watching = startWatching(viewer, failing('sendto,sendmsg', 'EHOSTUNREACH', ':when=3..12'))
      await watching.until(/^! The local network cannot be searched: No route to host \(os error 113\)\. /)
      await watching.until(found)
      assert.equal(watching.withSign('!').length, 1)
    })

    for (const call of ['socket', 'bind']) {
      test(`to ${call}, it warns and goes on`, async (t) => {
        const { viewer } = await makeNetwork(t)
        const watching = startWatching(viewer, failing(call, 'EACCES'))
        await watching.until(
          /^! The local network cannot be searched: UDP port 5353 cannot be opened and shared: Permission denied /,
        )
        assert.equal(await watching.close(), 0)
      })
    }
  })
})
