// Tests verify without descriptors, threads or ports: a clear error or the live servers, never a wrong empty result.
'use strict'

const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const test = require('node:test')
const { promisify } = require('node:util')
const { startFakeOsaurus } = require('../../testing.js')
const { withNetwork } = require('../support/requirements.js')
const { fixtureArguments, runFixture, unprivileged } = require('../support/run-node.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const {
  unresponsiveServers,
  publishPort,
  refusedPorts,
  publishedAt,
  stopAfter,
} = require('../support/verify-servers.js')

const DIRECTORY = /^OSAURUS_IO Osaurus folder cannot be read: \/.+: Too many open files/
const SERVER = /^OSAURUS_IO Osaurus cannot be probed: Too many open files.+ulimit -n/

/**
 * Keeps descriptors free that a test counts. In a thread with an arena of its own, glibc reads a file of /proc when it gives
 * memory back for the first time, at any moment.
 */
const ONE_ARENA = { ...process.env, MALLOC_ARENA_MAX: '1' }

// Only Linux has prlimit.
if (process.platform === 'linux') {
  test('calls with few descriptors left reject with the cause or return the live servers', async (t) => {
    const runtime = runtimeDirectory(t)
    const fake = await stopAfter(t, startFakeOsaurus())
    publishPort(runtime, fake.instance.port, { instanceId: 'LIVES', updatedAt: publishedAt(0) })
    const ports = await refusedPorts(100)
    ports.forEach((port, index) => publishPort(runtime, port, { updatedAt: publishedAt(index + 1) }))
    const options = { baseDir: runtime.baseDir, verify: true, probeTimeoutMs: 20_000 }
    const rounds = await runFixture('verify/few-descriptors.js', {
      data: { options, most: 12 },
      env: ONE_ARENA,
    })

    for (const { latest, list, report } of rounds.slice(0, 2)) {
      assert.match(latest, DIRECTORY)
      assert.match(list, DIRECTORY)
      assert.equal(report, 'error')
    }
    // The directory is closed by then; the poll of the connections takes two.
    for (const said of Object.values(rounds[2])) assert.match(said, SERVER)
    for (const said of rounds.slice(3))
      assert.deepEqual(said, { latest: 'LIVES', list: 'LIVES', report: 'read' })
  })

  test('unresponsive servers are probed one after another if few descriptors are left', async (t) => {
    const runtime = runtimeDirectory(t)
    const fake = await stopAfter(t, startFakeOsaurus())
    publishPort(runtime, fake.instance.port, { instanceId: 'LIVES', updatedAt: publishedAt(0) })
    for (const [index, { port }] of (await unresponsiveServers(t, 3)).entries())
      publishPort(runtime, port, { updatedAt: publishedAt(index + 1) })
    const options = { baseDir: runtime.baseDir, verify: true, probeTimeoutMs: 250 }
    const rounds = await runFixture('verify/few-descriptors.js', {
      data: { options, most: 3 },
      env: ONE_ARENA,
    })
    for (const said of rounds.slice(3))
      assert.deepEqual(said, { latest: 'LIVES', list: 'LIVES', report: 'read' })
  })

  test('concurrent calls without enough descriptors reject with the cause or return the live servers', async (t) => {
    const runtime = runtimeDirectory(t)
    const fake = await stopAfter(t, startFakeOsaurus())
    publishPort(runtime, fake.instance.port, { instanceId: 'LIVES' })
    const options = { baseDir: runtime.baseDir, verify: true, probeTimeoutMs: 20_000 }
    const answers = await runFixture('verify/concurrent-descriptors.js', { data: options })
    for (const answer of answers)
      if (answer !== 'LIVES') assert.match(answer, /^OSAURUS_IO .*Too many open files/)
    assert.equal(answers.at(-1), 'LIVES', 'a call after them succeeds')
  })

  test('calls reject with the cause if no thread can be started', async (t) => {
    const runtime = runtimeDirectory(t)
    const fake = await stopAfter(t, startFakeOsaurus())
    publishPort(runtime, fake.instance.port, { instanceId: 'LIVES' })
    const { baseDir } = runtime
    // The limit does not apply to root.
    const answers = await runFixture('verify/no-threads.js', {
      ...unprivileged(runtime.root),
      data: { baseDir },
    })
    assert.equal(answers.before, 'LIVES')
    for (const said of answers.none)
      assert.match(said, /^OSAURUS_IO Osaurus cannot be probed: .+ No thread can be started/)
    assert.equal(answers.files, 'LIVES', 'calls without verify still work')
  })

  test(
    'calls reject with the cause if no port for outgoing connections is left',
    withNetwork(),
    async (t) => {
      const runtime = runtimeDirectory(t)
      const { baseDir } = runtime
      const node = [process.execPath, ...fixtureArguments('verify/no-ports.js', { baseDir })]
      const inside = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...node]
      const { stdout } = await promisify(execFile)('unshare', ['-Ur', '--net', ...inside])
      const { none, found, expected } = JSON.parse(stdout)
      for (const said of none)
        assert.match(
          said,
          /^OSAURUS_IO Osaurus cannot be probed: .+All ports for outgoing connections are taken/,
        )
      assert.equal(found, expected)
    },
  )
}
