// Tests that a search of the network survives a panic and reports it, with an addon that panics on demand.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')

const { resultOn } = require('../support/network-calls.js')
const { makeHosts } = require('../support/network-hosts.js')
const { panickingPackage } = require('../support/panicking-package.js')
const { withNetworkHosts } = require('../support/requirements.js')

describe('a panic in the thread of a search', withNetworkHosts(), () => {
  const packageDir = panickingPackage()

  test('a panic in the thread of a search is a warning of a watcher, which goes on, and a rejection of a list', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    await mac.startAvahi()
    await mac.startServer()
    await mac.advertise('Coder').established
    const { warning, listed, url } = await resultOn(viewer, 'panic.js', null, packageDir)
    const message =
      'Internal error in osaurus-discovery: deliberate panic in network-watch. Please report this bug'
    assert.deepEqual(warning, { code: 'OSAURUS_INTERNAL', message })
    assert.deepEqual(listed, { isError: true, code: 'OSAURUS_INTERNAL', message })
    assert.equal(url, 'http://10.77.0.2:1337')
  })
})
