// Tests verify without descriptors, threads or ports: a clear error or the live servers, never a wrong empty result.
'use strict'

const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const test = require('node:test')
const { promisify } = require('node:util')
const { startFakeOsaurus } = require('../../testing.js')
const { withNetwork } = require('../support/requirements.js')
const { PROJECT, evaluate, unprivileged } = require('../support/run-node.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const {
  unresponsiveServers,
  publishPort,
  refusedPorts,
  publishedAt,
  stopAfter,
} = require('../support/verify-servers.js')

/** Summarizes a result: ids, the states of the directories, or the error. */
const SAID = `
  const said = async (call, options) => {
    try {
      const value = await call(options)
      if (value.directories) return value.directories.map(({ status }) => status).join()
      return [value].flat().map(({ instanceId }) => instanceId).join()
    } catch ({ code, message }) {
      return code + ' ' + message
    }
  }
  const { execFileSync } = require('node:child_process')
  const limit = (what, most) => execFileSync('prlimit', ['--pid', String(process.pid), '--' + what + '=' + most])`

/** Asks with no descriptor free, with one, two, and so on. */
const WITH_FEW_DESCRIPTORS = `${SAID}
  const fs = require('node:fs')
  limit('nofile', '200:200')
  const rounds = []
  for (let free = 0; free <= data.most; free++) {
    const taken = []
    try {
      for (;;) taken.push(fs.openSync('/dev/null'))
    } catch ({ code }) {
      if (code !== 'EMFILE') throw new Error(code)
    }
    for (let i = 0; i < free; i++) fs.closeSync(taken.pop())
    const latest = await said(discovery.discoverLatestRunningInstance, data.options)
    const list = await said(discovery.listInstances, data.options)
    const report = await said(discovery.inspectRuntime, data.options)
    for (const fd of taken) fs.closeSync(fd)
    rounds.push({ latest, list, report })
  }
  const { discoverLatestRunningInstance, listInstances, inspectRuntime } = discovery
  const [latest, list, report] = await Promise.all(
    [discoverLatestRunningInstance, listInstances, inspectRuntime].map((call) => said(call, data.options)),
  )
  return [...rounds, { latest, list, report }]`

const DIRECTORY = /^OSAURUS_IO Osaurus folder cannot be read: \/.+: Too many open files/
const SERVER = /^OSAURUS_IO Osaurus cannot be probed: Too many open files.+ulimit -n/

/** Limits can be set from outside on Linux alone. */
if (process.platform === 'linux') {
  test('calls with few descriptors left reject with the cause or return the live servers', async (t) => {
    const runtime = runtimeDirectory(t)
    const fake = await stopAfter(t, startFakeOsaurus())
    publishPort(runtime, fake.instance.port, { instanceId: 'LIVES', updatedAt: publishedAt(0) })
    const ports = await refusedPorts(100)
    ports.forEach((port, index) => publishPort(runtime, port, { updatedAt: publishedAt(index + 1) }))
    const options = { baseDir: runtime.baseDir, verify: true, probeTimeoutMs: 20_000 }
    const rounds = await evaluate(WITH_FEW_DESCRIPTORS, { data: { options, most: 12 } })

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
    const rounds = await evaluate(WITH_FEW_DESCRIPTORS, { data: { options, most: 3 } })
    for (const said of rounds.slice(3))
      assert.deepEqual(said, { latest: 'LIVES', list: 'LIVES', report: 'read' })
  })

  test('concurrent calls without enough descriptors reject with the cause or return the live servers', async (t) => {
    const runtime = runtimeDirectory(t)
    const fake = await stopAfter(t, startFakeOsaurus())
    publishPort(runtime, fake.instance.port, { instanceId: 'LIVES' })
    const options = { baseDir: runtime.baseDir, verify: true, probeTimeoutMs: 20_000 }
    const answers = await evaluate(
      `${SAID}
      limit('nofile', '60:60')
      const { discoverLatestRunningInstance, listInstances } = discovery
      const calls = Array.from({ length: 200 }, (_, i) => (i % 2 ? discoverLatestRunningInstance : listInstances))
      const together = await Promise.all(calls.map((call) => said(call, data)))
      return [...together, await said(discoverLatestRunningInstance, data)]`,
      { data: options },
    )
    for (const answer of answers)
      if (answer !== 'LIVES') assert.match(answer, /^OSAURUS_IO .*Too many open files/)
    assert.equal(answers.at(-1), 'LIVES', 'and once they are done all is well again')
  })

  test('calls reject with the cause if no thread can be started', async (t) => {
    const runtime = runtimeDirectory(t)
    const fake = await stopAfter(t, startFakeOsaurus())
    publishPort(runtime, fake.instance.port, { instanceId: 'LIVES' })
    const { baseDir } = runtime
    // Root has as many as it likes.
    const answers = await evaluate(
      `${SAID}
      const verify = { ...data, verify: true, probeTimeoutMs: 20000 }
      const before = await said(discovery.listInstances, verify)
      await said(discovery.listInstances, data) // Node's pool, which ends the process where it cannot be started.
      limit('nproc', '1:1000')
      const none = []
      for (const name of ['discoverLatestRunningInstance', 'listInstances', 'inspectRuntime'])
        none.push(await said(discovery[name], verify))
      const files = await said(discovery.listInstances, data)
      return { before, none, files }`,
      { ...unprivileged(runtime.root), data: { baseDir } },
    )
    assert.equal(answers.before, 'LIVES')
    for (const said of answers.none)
      assert.match(said, /^OSAURUS_IO Osaurus cannot be probed: .+ No thread can be started/)
    assert.equal(answers.files, 'LIVES', 'by the files alone it works on')
  })

  test(
    'calls reject with the cause if no port for outgoing connections is left',
    withNetwork(),
    async (t) => {
      const runtime = runtimeDirectory(t)
      // In a network of its own, whose two ports can be taken; it needs root.
      const script = `
      const discovery = require(${JSON.stringify(PROJECT)})
      const { startFakeOsaurus } = require(${JSON.stringify(PROJECT)} + '/testing.js')
      const { once } = require('node:events')
      const net = require('node:net')
      const range = (ports) => require('node:fs').writeFileSync('/proc/sys/net/ipv4/ip_local_port_range', ports)
      startFakeOsaurus({ baseDir: process.argv[1] }).then(async (fake) => {
        ${SAID}
        const options = { baseDir: fake.baseDir, verify: true, probeTimeoutMs: 20000 }
        range('40000 40001')
        const taken = [1, 2].map(() => net.connect(fake.instance.port, '127.0.0.1'))
        await Promise.all(taken.map((socket) => once(socket, 'connect')))
        const { discoverLatestRunningInstance, listInstances, inspectRuntime } = discovery
        const none = []
        for (const call of [discoverLatestRunningInstance, listInstances, inspectRuntime])
          none.push(await said(call, options))
        range('32768 60999')
        const found = await said(listInstances, options)
        const expected = fake.instance.instanceId
        for (const socket of taken) socket.destroy()
        await fake.stop()
        console.log(JSON.stringify({ none, found, expected }))
      })`
      const inside = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh', process.execPath, '-e', script]
      const { stdout } = await promisify(execFile)('unshare', ['-Ur', '--net', ...inside, runtime.baseDir])
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
