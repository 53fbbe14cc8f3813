// Tests that thousands of verified calls leave nothing behind.
'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { runFixture } = require('../support/run-node.js')
const { publishPort, refusedPort, publishedAt, stopAfter } = require('../support/verify-servers.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')

const CALLS = 10_000
const MIB = 2 ** 20

// Only Linux lists the handles of a process.
if (process.platform === 'linux') {
  test('ten thousand consecutive calls leave no thread, descriptor or memory behind', async (t) => {
    const runtime = runtimeDirectory(t)
    const fake = await stopAfter(t, startFakeOsaurus())
    publishPort(runtime, await refusedPort(), { instanceId: 'LEFT', updatedAt: publishedAt(1) })
    publishPort(runtime, fake.instance.port, { instanceId: 'LIVES', updatedAt: publishedAt(0) })
    const data = { baseDir: runtime.baseDir, warm: CALLS * 0.3, calls: CALLS }
    const grown = await runFixture('verify/consecutive-calls.js', { data })
    // V8 itself allocates and frees some megabytes.
    assert.ok(grown < 8 * MIB, `grown by ${(grown / MIB).toFixed(1)} MiB, more than a kilobyte a call`)
    assert.equal(fake.connections, CALLS)
  })

  test('three hundred concurrent calls all return and leave nothing behind', async (t) => {
    const fake = await stopAfter(t, startFakeOsaurus())
    const { baseDir, instance } = fake
    await runFixture('verify/concurrent-calls.js', { data: { baseDir, instance } })
    assert.equal(fake.connections, 300)
  })
}
