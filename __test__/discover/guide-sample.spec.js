// Tests both sides of every row of the README's table: the guide's sample, and this package.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { latestByGuide } = require('../../bench/guide.js')
const discovery = require('../..')
const { startFakeOsaurus } = require('../../testing.js')
const { PROJECT, evaluate, runNode, unprivileged } = require('../support/run-node.js')
const { RUNNING, homeDirectory, runtimeDirectory } = require('../support/runtime-directory.js')
const stubServers = require('../support/stub-servers.js')
const { VERIFY, publishPort, stopAfter } = require('../support/verify-servers.js')

const { discoverLatestRunningInstance, inspectRuntime, waitForRunningInstance } = discovery
const GUIDE = path.join(PROJECT, 'bench', 'guide.js')
const READ_ZEROS = path.join(PROJECT, '__test__', 'fixtures', 'discover', 'read-zeros.js')
const NONE = /^Error: Osaurus not found$/

/**
 * @typedef {object} Row the first cell names the case, the others what comes of it
 * @property {string} of
 * @property {string} sample
 * @property {string} ours
 * @property {(t: import('node:test').TestContext) => Promise<void>} holds
 */

/** Returns why the entries of a directory do not count. @param {string} baseDir */
async function reasons(baseDir) {
  const { entries } = await inspectRuntime({ baseDir })
  return entries.map((entry) => (entry.status === 'ignored' ? entry.reason : entry.status)).sort()
}

/** @type {Row[]} */
const ROWS = [
  {
    of: 'Osaurus has crashed',
    sample: 'the dead server',
    ours: '`verify` leaves it out',
    async holds(t) {
      const fake = await stopAfter(t, startFakeOsaurus())
      const { baseDir, url } = fake
      await fake.crash()
      assert.equal((await latestByGuide(baseDir)).url, url)
      await assert.rejects(discoverLatestRunningInstance({ baseDir, ...VERIFY }), {
        code: 'OSAURUS_NOT_RESPONDING',
      })
    },
  },
  {
    of: 'another program uses its port now',
    sample: 'the other program',
    ours: '`verify` leaves it out',
    async holds(t) {
      const runtime = runtimeDirectory(t)
      const { baseDir } = runtime
      const other = await stopAfter(t, stubServers.anotherServer())
      publishPort(runtime, other.port)
      assert.equal((await latestByGuide(baseDir)).port, other.port)
      await assert.rejects(discoverLatestRunningInstance({ baseDir, ...VERIFY }), {
        code: 'OSAURUS_NOT_RESPONDING',
        message: /answered, but not as Osaurus/,
      })
    },
  },
  {
    of: 'it published a network address that has changed since',
    sample: 'the old address',
    ours: '`verify` finds it on the loopback interface',
    async holds(t) {
      const fake = await stopAfter(t, startFakeOsaurus({ exposeToNetwork: true, lanAddress: '192.0.2.1' }))
      const { baseDir } = fake
      const { port } = fake.instance
      assert.equal((await latestByGuide(baseDir)).url, `http://192.0.2.1:${port}`)
      const { url } = await discoverLatestRunningInstance({ baseDir, ...VERIFY })
      assert.equal(url, `http://127.0.0.1:${port}`)
      assert.match(await (await fetch(url)).text(), /Osaurus Server is running/)
    },
  },
  {
    of: 'Osaurus is starting',
    sample: '"not found"',
    ours: '`OSAURUS_STARTING`, and you can wait for it',
    async holds(t) {
      const fake = await stopAfter(t, startFakeOsaurus({ health: 'starting' }))
      const { baseDir } = fake
      await assert.rejects(latestByGuide(baseDir), NONE)
      await assert.rejects(discoverLatestRunningInstance({ baseDir }), { code: 'OSAURUS_STARTING' })
      const waiting = waitForRunningInstance({ baseDir, ...VERIFY })
      await fake.setHealth('running')
      assert.equal((await waiting).url, fake.url)
    },
  },
  {
    of: 'an older version, which publishes elsewhere',
    sample: '"not found"',
    ours: '`verify` finds it',
    async holds(t) {
      const { home, runtime } = homeDirectory(t)
      const older = path.join(home, 'Library/Application Support/com.dinoki.osaurus/SharedConfiguration')
      const fake = await stopAfter(t, startFakeOsaurus({ baseDir: older }))
      await assert.rejects(latestByGuide(runtime.baseDir), NONE)
      const script = 'return (await discovery.discoverLatestRunningInstance(data)).url'
      assert.equal(await evaluate(script, { data: VERIFY, env: { ...process.env, HOME: home } }), fake.url)
    },
  },
  {
    of: 'the directory cannot be read, as in a sandboxed app',
    sample: '"not found"',
    ours: '`OSAURUS_ACCESS_DENIED`, with what to do',
    async holds(t) {
      const runtime = runtimeDirectory(t)
      const { baseDir } = runtime
      runtime.publish()
      const user = unprivileged(runtime.root)
      fs.copyFileSync(GUIDE, path.join(user.packageDir, 'guide.js'))
      runtime.restrict(baseDir, 0o000)
      const script = `
        const { latestByGuide } = require(${JSON.stringify(user.packageDir)} + '/guide.js')
        const failure = async (promise) => String(await promise.catch(({ code, message }) => code || message))
        return [await failure(latestByGuide(data)), await failure(discovery.listInstances({ baseDir: data }))]`
      const said = await evaluate(script, { ...user, data: baseDir })
      assert.deepEqual(said, ['Osaurus not found', 'OSAURUS_ACCESS_DENIED'])
    },
  },
  {
    of: 'two entries of the same second, as after a quick relaunch',
    sample: 'the first by name, old or new',
    ours: 'the one written last',
    async holds(t) {
      const runtime = runtimeDirectory(t)
      const { baseDir } = runtime
      for (const instanceId of ['A', 'B']) runtime.publish({ instanceId })
      for (const [written, ours] of /** @type {const} */ ([
        [{ A: 1000, B: 2000 }, 'B'],
        [{ A: 2000, B: 1000 }, 'A'],
      ])) {
        for (const name of /** @type {const} */ (['A', 'B'])) runtime.touch(name, { file: written[name] })
        assert.equal((await latestByGuide(baseDir)).instanceId, 'A')
        assert.equal((await discoverLatestRunningInstance({ baseDir })).instanceId, ours)
      }
    },
  },
  {
    of: 'a `url` that names another host',
    sample: 'that host',
    ours: 'a URL built from address and port',
    async holds(t) {
      const runtime = runtimeDirectory(t)
      const { baseDir } = runtime
      runtime.publish({ url: 'http://elsewhere.example:80' })
      assert.equal((await latestByGuide(baseDir)).url, 'http://elsewhere.example:80')
      assert.equal((await discoverLatestRunningInstance({ baseDir })).url, 'http://127.0.0.1:1337')
    },
  },
  {
    of: 'an IPv6 address',
    sample: '`http://::1:1337`, which is not a URL',
    ours: '`http://[::1]:1337`, which connects',
    async holds(t) {
      const runtime = runtimeDirectory(t)
      const { baseDir } = runtime
      const { port } = await stopAfter(t, stubServers.osaurus({ host: '::1' }))
      publishPort(runtime, port, { address: '::1', url: undefined })
      const theirs = (await latestByGuide(baseDir)).url
      assert.equal(theirs, `http://::1:${port}`)
      assert.equal(URL.canParse(theirs), false)
      const { url } = await discoverLatestRunningInstance({ baseDir })
      assert.equal(url, `http://[::1]:${port}`)
      assert.match(await (await fetch(url)).text(), /Osaurus Server is running/)
    },
  },
  {
    of: 'a port that is text, an address with spaces',
    sample: 'an instance with both',
    ours: 'left out, and the report says why',
    async holds(t) {
      const runtime = runtimeDirectory(t)
      const { baseDir } = runtime
      runtime.publish({ instanceId: 'A', port: '1337', updatedAt: '2026-01-02T00:00:00Z' })
      runtime.publish({ instanceId: 'B', address: 'not an address', updatedAt: '2026-01-01T00:00:00Z' })
      assert.equal(/** @type {any} */ ((await latestByGuide(baseDir)).port), '1337')
      fs.rmSync(runtime.dir('A'), { recursive: true })
      assert.equal((await latestByGuide(baseDir)).address, 'not an address')
      runtime.publish({ instanceId: 'A', port: '1337' })
      await assert.rejects(discoverLatestRunningInstance({ baseDir }), { code: 'OSAURUS_NOT_FOUND' })
      assert.deepEqual(await reasons(baseDir), ['bad-address', 'bad-port'])
    },
  },
  {
    of: '`configuration.json` is a FIFO',
    sample: 'hangs until another program writes to it',
    ours: 'left out, and the report says why',
    async holds(t) {
      const runtime = runtimeDirectory(t)
      const { baseDir } = runtime
      runtime.fifo(RUNNING.instanceId)
      let over = false
      const theirs = latestByGuide(baseDir).finally(() => (over = true))
      theirs.catch(() => {})
      const write = () => over || fs.writeFileSync(runtime.file(RUNNING.instanceId), '')
      t.after(write)
      await assert.rejects(discoverLatestRunningInstance({ baseDir }), { code: 'OSAURUS_NOT_FOUND' })
      assert.deepEqual(await reasons(baseDir), ['not-a-regular-file'])
      assert.equal(over, false)
      write()
      await assert.rejects(theirs, NONE)
    },
  },
  {
    of: '`configuration.json` is a link to `/dev/zero`',
    sample: 'reads until memory is exhausted',
    ours: 'left out, and the report says why',
    async holds(t) {
      const runtime = runtimeDirectory(t)
      const { baseDir } = runtime
      runtime.linkedFile(RUNNING.instanceId, '/dev/zero')
      // A process of its own, which ends itself: the reading cannot be stopped.
      const { stdout, signal } = await runNode([READ_ZEROS, GUIDE, baseDir])
      assert.deepEqual({ stdout, signal }, { stdout: 'more and more', signal: 'SIGKILL' })
      await assert.rejects(discoverLatestRunningInstance({ baseDir }), { code: 'OSAURUS_NOT_FOUND' })
      assert.deepEqual(await reasons(baseDir), ['not-a-regular-file'])
    },
  },
]

for (const { of, sample, ours, holds } of ROWS) test(`${of}: ${sample}; here: ${ours}`, holds)

test('a healthy directory gives the same fields, and the same beginning of the message, as the sample', async (t) => {
  const fake = await stopAfter(t, startFakeOsaurus())
  const { baseDir } = fake
  assert.deepEqual(await discoverLatestRunningInstance({ baseDir }), await latestByGuide(baseDir))
  await fake.stop()
  const [theirs, ours] = await Promise.all(
    [latestByGuide(baseDir), discoverLatestRunningInstance({ baseDir })].map((each) => each.catch(String)),
  )
  assert.ok(String(ours).startsWith(String(theirs)), String(ours))
})

test('the rows are exactly those of the README', () => {
  const [, section] =
    /^## Compared with the guide's sample\n([^]*?)^## /m.exec(
      fs.readFileSync(path.join(PROJECT, 'README.md'), 'utf8'),
    ) ?? assert.fail('the README has no such section')
  const [, , ...rows] = section.split('\n').filter((line) => line.startsWith('|'))
  assert.deepEqual(
    rows.map((row) =>
      row
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    ),
    ROWS.map(({ of, sample, ours }) => [of, sample, ours]),
  )
})
