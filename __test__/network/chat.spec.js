// Tests that an app chats with the Osaurus that it finds on another host.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')

const { fixture, resultOn } = require('../support/network-calls.js')
const { makeHosts } = require('../support/network-hosts.js')
const { withNetworkHosts } = require('../support/requirements.js')
const { eventually } = require('../support/measure.js')

describe('an Osaurus that was found on another host', withNetworkHosts(), () => {
  /** @param {ReturnType<typeof makeHosts>[number]} mac */
  async function startOsaurus(mac) {
    await mac.startAvahi()
    const server = mac.spawn([process.execPath, fixture('exposed-fake.js')])
    let text = ''
    server.stdout?.on('data', (chunk) => (text += chunk))
    await eventually(() => text.includes('listening'), 'the fake Osaurus')
    await mac.advertise('Coder').established
  }

  test('an Osaurus that was found on another host answers a chat by its URL, and 401 without its key', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    await startOsaurus(mac)
    const { url, answer, chunks, keyless } = await resultOn(viewer, 'chat.js')
    assert.equal(url, 'http://10.77.0.2:1337')
    assert.equal(answer, 'Hello from the studio')
    assert.ok(chunks > 1, 'the answer streams')
    assert.equal(keyless, 401)
  })

  test('an Osaurus that was found on another host answers by its link-local IPv6 address', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    for (const host of [viewer, mac]) host.removeAddress()
    await startOsaurus(mac)
    const { url, answer } = await resultOn(viewer, 'chat.js')
    assert.match(url, /^http:\/\/\[fe80::[0-9a-f:]+%eth0\]:1337$/)
    assert.equal(answer, 'Hello from the studio')
  })
})
