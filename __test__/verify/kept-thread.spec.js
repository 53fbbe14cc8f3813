// Tests that the thread for probes is kept for the next call, and that nothing waits for it.
'use strict'

const assert = require('node:assert/strict')
const path = require('node:path')
const test = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { PROJECT, runFixture, runNode } = require('../support/run-node.js')
const { stopAfter } = require('../support/verify-servers.js')

/** The promise of the documentation. */
const LINGERS_MS = 2000

/** How much longer a busy machine may take. */
const SLACK_MS = 8000

const SCRIPT = path.join(__dirname, '..', 'fixtures', 'verify', 'exit-after-call.js')

// Only Linux names the threads of a process.
if (process.platform === 'linux') {
  test('one thread for probes is kept between calls, and ends after two idle seconds', async (t) => {
    const { baseDir } = await stopAfter(t, startFakeOsaurus())
    const data = { baseDir, lingersMs: LINGERS_MS + SLACK_MS }
    const { before, afterCalls, oneIsKept, terminateMs, endsIdle } = await runFixture(
      'verify/kept-thread.js',
      { data },
    )
    assert.equal(before, 0)
    assert.ok(afterCalls <= 1, `${afterCalls} threads after calls one after the other`)
    assert.ok(oneIsKept, 'calls at the same time leave more than one thread')
    assert.ok(terminateMs < 5000, `worker.terminate() took ${terminateMs} ms`)
    assert.ok(endsIdle, 'a thread outlives its idle time')
  })
}

for (const how of ['return', 'exit']) {
  test(`a process that ends by ${how} does not wait for the kept thread`, async (t) => {
    const { baseDir } = await stopAfter(t, startFakeOsaurus())
    const times = []
    for (let round = 0; round < 5; round++) {
      const { code, stdout } = await runNode([SCRIPT, PROJECT, baseDir, how])
      times.push(Date.now() - Number(stdout))
      assert.equal(code, 0)
    }
    // The fastest of several, because a busy machine delays some.
    assert.ok(Math.min(...times) < 700, `it took ${times} ms after the call`)
  })
}
