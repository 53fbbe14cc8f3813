// Tests that no connection counts as verified if another program takes the port while the verified one answers the probe.
'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { setImmediate } = require('node:timers/promises')
const { InstanceWatcher } = require('../../lib/watcher.js')
const { recordChanges } = require('../support/change-recorder.js')
const { startHandOver } = require('../support/hand-over.js')
const { runFixture } = require('../support/run-node.js')
const { homeDirectory, runtimeDirectory } = require('../support/runtime-directory.js')
const { VERIFY, publishPort, refusedPort } = require('../support/verify-servers.js')

/**
 * Waits until the watcher has found out, and fails if the connection is called open after the hand-over.
 * @param {ReturnType<typeof recordChanges>} record
 * @param {Awaited<ReturnType<typeof startHandOver>>} server
 */
async function assertNeverOpen(record, server) {
  const began = performance.now()
  while (record.ids?.length !== 0 || !server.received.includes('GET / HTTP')) {
    const held = InstanceWatcher.heldConnection(/** @type {any} */ (record.watcher), '127.0.0.1', server.port)
    if (server.handedOver) assert.ok(held <= 0, `${held}`)
    assert.ok(performance.now() - began < 20_000, `${record.ids}, ${server.received}`)
    await setImmediate()
  }
}

test('the connection is not open if another program takes the port during the first probe', async (t) => {
  const runtime = runtimeDirectory(t)
  const server = await startHandOver(t)
  publishPort(runtime, server.port)
  await assertNeverOpen(recordChanges(t, { baseDir: runtime.baseDir, ...VERIFY }), server)
})

test('the connection is not open if another program takes the port during a later probe', async (t) => {
  const runtime = runtimeDirectory(t)
  const server = await startHandOver(t, { request: 2 })
  publishPort(runtime, server.port)
  const record = recordChanges(t, { baseDir: runtime.baseDir, ...VERIFY })
  await record.until([`AT-${server.port}`])
  publishPort(runtime, await refusedPort())
  await assertNeverOpen(record, server)
})

test('the connection is not open if another program takes the port during the probe of a server that came back', async (t) => {
  const runtime = runtimeDirectory(t)
  const port = await refusedPort()
  publishPort(runtime, port)
  const record = recordChanges(t, { baseDir: runtime.baseDir, ...VERIFY })
  await record.until([])
  const server = await startHandOver(t, { port })
  await assertNeverOpen(record, server)
})

test('the connection is not open if another program takes the port of a server that hung and answers again', async (t) => {
  const runtime = runtimeDirectory(t)
  // The probe, the request it is left with, and the probe after that was answered.
  const server = await startHandOver(t, { request: 3, unanswered: [1, 2] })
  publishPort(runtime, server.port)
  const record = recordChanges(t, { baseDir: runtime.baseDir, verify: true, probeTimeoutMs: 500 })
  await record.until([])
  await assertNeverOpen(record, server)
})

test('the connection is not open if another program takes the default port during its probe', async (t) => {
  const { home } = homeDirectory(t)
  const server = await startHandOver(t)
  const env = { ...process.env, HOME: home, OSAURUS_DISCOVERY_FALLBACK_PORT: String(server.port) }
  const isOpen = await runFixture('watch/held-connection.js', { data: { port: server.port }, env })
  assert.equal(isOpen, false)
  assert.match(server.received, /GET \/ HTTP/, 'it was found out by a probe')
})
