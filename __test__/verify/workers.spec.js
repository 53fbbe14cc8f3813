// Tests workers that end during a probe, at any moment and in any way.
'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { runFixture } = require('../support/run-node.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const { unresponsiveServers, publishPort, stopAfter } = require('../support/verify-servers.js')

/**
 * Starts workers that verify, ends each in a random way at a random moment, and checks what is left. It runs in a process of
 * its own, because a crash would end the test too.
 * @param {{ baseDir: string, workers: number, calls: number, seed: number }} data
 */
const endWorkers = (data) => runFixture('verify/end-workers.js', { data })

const seed = 1 + Math.floor(Math.random() * 2 ** 31 - 2)

// Only Linux lists the handles of a process.
if (process.platform === 'linux') {
  test(`workers that end during a probe end at once and leave no thread or socket (seed ${seed})`, async (t) => {
    const runtime = runtimeDirectory(t)
    for (const { port } of await unresponsiveServers(t, 10)) publishPort(runtime, port)
    const { baseDir } = runtime
    const { longest, published } = await endWorkers({ baseDir, workers: 40, calls: 6, seed })
    assert.ok(longest < 20_000, `${longest} ms, although the probes had 60000`)
    assert.equal(published, 10, 'later calls still work')
  })

  test(`workers that end while answers arrive leave nothing behind (seed ${seed})`, async (t) => {
    const { baseDir } = await stopAfter(t, startFakeOsaurus())
    const { published } = await endWorkers({ baseDir, workers: 40, calls: 30, seed })
    assert.equal(published, 1)
  })
}
