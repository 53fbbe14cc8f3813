// Tests that watchers leave nothing behind, however many there are and however they end.
'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { eventually, openHandles } = require('../support/measure.js')
const { testOnLinux } = require('../support/on-linux.js')
const { fixtureArguments, runFixture, runNode } = require('../support/run-node.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const { silent } = require('../support/stub-servers.js')
const { stopAfter } = require('../support/verify-servers.js')
const { recordChanges } = require('../support/change-recorder.js')
const { publish } = require('../support/watch-publisher.js')

/** Threads of ours, and notify's. */
const ours = () => openHandles().threads.filter((name) => /osaurus|notify/.test(name))

testOnLinux(
  'all watchers share one thread and one of notify, and none is left after the last close',
  async (t) => {
    assert.deepEqual(ours(), [])
    const runtimes = Array.from({ length: 5 }, () => runtimeDirectory(t))
    const records = runtimes.flatMap(({ baseDir }) => [
      recordChanges(t, { baseDir }),
      recordChanges(t, { baseDir }),
    ])
    await Promise.all(records.map((record) => record.until([])))
    const threads = ours()
    assert.equal(threads.length, 2, `${threads}`)
    for (const { watcher } of records.slice(1)) watcher.close()
    publish(runtimes[0].baseDir, 'ONE')
    await records[0].until(['ONE'])
    records[0].watcher.close()
    await eventually(() => assert.deepEqual(ours(), []))
  },
)

for (const verify of [false, true]) {
  testOnLinux(
    `1,000 watchers opened and closed leave everything as it was${verify ? ', verifying' : ''}`,
    async (t) => {
      const { baseDir } = await stopAfter(t, startFakeOsaurus())
      const { before, after, rss } = await runFixture('watch/open-and-close.js', {
        data: { baseDir, verify },
      })
      assert.ok(after <= before, `${before} descriptors before, ${after} after`)
      t.diagnostic(`${(rss / 1024).toFixed(0)} KiB more than after the first 500`)
      assert.ok(rss < 8 * 2 ** 20, `${rss} bytes more`)
    },
  )
}

const PROBE_TIMEOUT_MS = 60_000

/**
 * An entry of a server that hangs.
 * @param {string} baseDir
 * @param {number} port
 */
const publishSilent = (baseDir, port) => publish(baseDir, 'SILENT', { port, url: `http://127.0.0.1:${port}` })

/**
 * Ends workers that have watchers open, in one of many ways at one of many moments, and checks what is left. In a
 * process of its own, since one that crashes takes the test along.
 * @param {{ baseDir: string, workers: number, seed: number, verify: boolean, mainToo: boolean, hangs: boolean }} data
 */
const endWorkers = (data) =>
  runFixture('watch/end-workers.js', { data: { ...data, probeTimeoutMs: PROBE_TIMEOUT_MS } })

for (const [name, verify, mainToo, hangs] of /** @type {const} */ ([
  ['alone', false, false, false],
  ['beside watchers of the main thread', false, true, false],
  ['verifying, beside watchers of the main thread', true, true, false],
  ['verifying a server that hangs', true, false, true],
])) {
  testOnLinux(`250 workers end with watchers open, ${name}: at once, and nothing is left`, async (t) => {
    const { baseDir } = await stopAfter(t, startFakeOsaurus())
    if (hangs) publishSilent(baseDir, (await stopAfter(t, silent())).port)
    const seed = Number(process.env.SEED ?? 1 + Math.floor(Math.random() * 2147483646))
    t.diagnostic(`SEED=${seed}`)
    const longest = await endWorkers({ baseDir, workers: 250, seed, verify, mainToo, hangs })
    t.diagnostic(`the longest took ${longest.toFixed(0)} ms to end`)
    assert.ok(longest < PROBE_TIMEOUT_MS / 2, 'no end waited for a server that hangs')
  })
}

for (const name of ['process.exit()', 'an uncaught exception', 'process.reallyExit()', 'SIGTERM']) {
  test(`a process with open watchers ends by ${name} during events as one without watchers does`, async (t) => {
    const { baseDir } = await stopAfter(t, startFakeOsaurus())
    for (let round = 0; round < 5; round++) {
      const data = { baseDir, ending: name, port: 1000 + round, afterMs: round * 20 }
      const run = await runNode(fixtureArguments('watch/end-process.js', data))
      const expected = { 'process.exit()': 7, 'an uncaught exception': 1, 'process.reallyExit()': 7 }
      if (name in expected)
        assert.deepEqual(
          [run.code, run.signal],
          [expected[/** @type {keyof typeof expected} */ (name)], null],
        )
      else assert.equal(run.signal, 'SIGTERM')
      assert.doesNotMatch(run.stderr, /panicked|FATAL|Segmentation/)
    }
  })
}
