// What does an app learn when the system itself fails: a broken disk, no descriptors, calls interrupted all the time?
//
// Under each fault: a clear error or the good entries, never a crash, a hang or a wrong answer.
'use strict'

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')
const { text } = require('node:stream/consumers')
const test = require('node:test')

const { withStrace } = require('../support/requirements.js')
const { PROJECT } = require('../support/run-node.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const { IN_MEMORY } = require('../support/temporary-directory.js')
const { trace } = require('../support/strace.js')
const stubServers = require('../support/stub-servers.js')

const linux = process.platform === 'linux'

/** Everything an app may ask, each answer as plain data. */
const ASK_ALL = `
  const { baseDir, verify = false } = data
  const said = (value) => ({ ids: [value].flat().map(({ instanceId }) => instanceId) })
  const failed = ({ code, message }) => ({ code, message })
  const options = { baseDir, verify, probeTimeoutMs: 20000 }
  const list = await discovery.listInstances(options).then(said, failed)
  const latest = await discovery.discoverLatestRunningInstance(options).then(said, failed)
  const report = await discovery.inspectRuntime(options).catch(failed)
  return { list, latest, report }`

/** @param {{ after(fn: () => unknown): void }} t */
function threeInstances(t) {
  const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
  for (const name of ['A', 'B', 'C']) runtime.publish({ instanceId: name })
  return runtime
}

/**
 * @typedef {object} Fault
 * @property {string} name
 * @property {string} inject in strace's words; it befalls every call that touches the place, in every question
 * @property {string} [code] what a list rejects with; none where it lists what is good
 * @property {string[]} [ids] what it lists
 * @property {'folder' | 'file'} at the base directory (its own calls, and the opening of files in it), or one file
 */

/** @type {Fault[]} */
const FAULTS = [
  {
    name: 'the base directory is on a disk that answers EIO',
    inject: 'openat:error=EIO',
    at: 'folder',
    code: 'OSAURUS_IO',
  },
  { name: 'listing it answers EIO', inject: 'getdents64:error=EIO', at: 'folder', code: 'OSAURUS_IO' },
  { name: 'a file cannot be read: EIO', inject: 'read:error=EIO', at: 'file', ids: ['A', 'C'] },
  {
    name: 'a file cannot be read: ESTALE, as of a lost network disk',
    inject: 'read:error=ESTALE',
    at: 'file',
    ids: ['A', 'C'],
  },
  { name: 'what a file is cannot be told: EIO', inject: 'fstat:error=EIO', at: 'file', ids: ['A', 'C'] },
  {
    name: 'reading a file exhausts memory: ENOMEM',
    inject: 'read:error=ENOMEM',
    at: 'file',
    code: 'OSAURUS_IO',
  },
  {
    name: 'the process has no descriptor left in mid-scan: EMFILE',
    inject: 'openat:error=EMFILE:when=2+',
    at: 'folder',
    code: 'OSAURUS_IO',
  },
  {
    name: 'the process runs out of descriptors in mid-scan: what was read before may not be the newest',
    inject: 'openat:error=EMFILE:when=3+',
    at: 'folder',
    code: 'OSAURUS_IO',
  },
  {
    name: 'the listing breaks off: EIO after the first entries',
    inject: 'getdents64:error=EIO:when=2+',
    at: 'folder',
    code: 'OSAURUS_IO',
  },
  {
    name: 'the system has no descriptor left: ENFILE',
    inject: 'openat:error=ENFILE:when=2+',
    at: 'folder',
    code: 'OSAURUS_IO',
  },
  { name: 'the disk is full: ENOSPC', inject: 'openat:error=ENOSPC', at: 'folder', code: 'OSAURUS_IO' },
  {
    name: 'every other opening is interrupted: EINTR',
    inject: 'openat:error=EINTR:when=1+2',
    at: 'folder',
    ids: ['A', 'B', 'C'],
  },
  {
    name: 'every other listing is interrupted: EINTR',
    inject: 'getdents64:error=EINTR:when=1+2',
    at: 'folder',
    ids: ['A', 'B', 'C'],
  },
  {
    name: 'every other reading is interrupted: EINTR',
    inject: 'read:error=EINTR:when=1+2',
    at: 'file',
    ids: ['A', 'B', 'C'],
  },
]

test('faults of the file system', linux ? withStrace() : { skip: 'injected on Linux' }, async (t) => {
  for (const { name, inject, at, code, ids } of FAULTS) {
    await t.test(name, async (t) => {
      const runtime = threeInstances(t)
      const paths = at === 'folder' ? [runtime.baseDir] : [runtime.file('B')]
      const data = { baseDir: runtime.baseDir }
      const calls = 'trace=openat,getdents64,read,fstat'
      const { result, all } = await trace(t, calls, ASK_ALL, data, { inject: [inject], paths })
      assert.ok(
        all.some(({ injected }) => injected),
        'the fault did happen',
      )
      if (code !== undefined) {
        assert.equal(result.list.code, code)
        assert.ok(result.list.message.startsWith('Osaurus folder cannot be read'), result.list.message)
        assert.ok(result.list.message.includes(runtime.baseDir), result.list.message)
        assert.equal(result.latest.code, code)
        assert.equal(result.report.directories[0].status, 'error')
        return
      }
      assert.deepEqual(result.list.ids?.sort(), ids, JSON.stringify(result.list))
      assert.equal(result.latest.ids.length, 1)
      const left = result.report.entries.filter((/** @type {any} */ { status }) => status === 'ignored')
      assert.deepEqual(
        left.map((/** @type {any} */ { path: folder, reason }) => [path.basename(folder), reason]),
        ['A', 'B', 'C'].filter((id) => !ids?.includes(id)).map((id) => [id, 'unreadable']),
      )
    })
  }
})

/** @type {{ name: string, inject: string, code?: string, words?: string }[]} */
const NETWORK_FAULTS = [
  {
    name: 'no descriptor is left for a socket: EMFILE',
    inject: 'socket:error=EMFILE',
    code: 'OSAURUS_IO',
    words: 'Osaurus cannot be probed',
  },
  {
    name: 'the system has no descriptor for a socket: ENFILE',
    inject: 'socket:error=ENFILE',
    code: 'OSAURUS_IO',
    words: 'Osaurus cannot be probed',
  },
  {
    name: 'no network can be reached: ENETUNREACH',
    inject: 'connect:error=ENETUNREACH',
    code: 'OSAURUS_NOT_RESPONDING',
    words: 'Osaurus is not responding',
  },
  {
    name: 'no local port is free: EADDRNOTAVAIL',
    inject: 'connect:error=EADDRNOTAVAIL',
    code: 'OSAURUS_IO',
    words: 'Osaurus cannot be probed',
  },
  {
    name: 'a firewall refuses: EPERM',
    inject: 'connect:error=EPERM',
    code: 'OSAURUS_NOT_RESPONDING',
    words: 'Osaurus is not responding',
  },
  {
    name: 'every answer breaks off: ECONNRESET',
    inject: 'recvfrom:error=ECONNRESET',
    code: 'OSAURUS_NOT_RESPONDING',
    words: 'Osaurus is not responding',
  },
  { name: 'every other waiting is interrupted: EINTR', inject: 'epoll_wait:error=EINTR:when=1+2' },
  { name: 'every other receiving is interrupted: EINTR', inject: 'recvfrom:error=EINTR:when=1+2' },
  { name: 'every other sending is interrupted: EINTR', inject: 'sendto:error=EINTR:when=1+2' },
]

test('faults of the network', linux ? withStrace() : { skip: 'injected on Linux' }, async (t) => {
  for (const { name, inject, code, words = '' } of NETWORK_FAULTS) {
    await t.test(name, async (t) => {
      const server = await stubServers.osaurus()
      t.after(() => server.stop())
      const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
      runtime.publish({ instanceId: 'A', port: server.port })
      const data = { baseDir: runtime.baseDir, verify: true }
      const calls = 'trace=%network,epoll_wait'
      const { result, all } = await trace(t, calls, ASK_ALL, data, { inject: [inject] })
      assert.ok(
        all.some(({ injected }) => injected),
        'the fault did happen',
      )
      if (code === undefined) {
        assert.deepEqual(result.list.ids, ['A'])
        assert.deepEqual(result.latest.ids, ['A'])
        return
      }
      assert.equal(result.latest.code, code, JSON.stringify(result.latest))
      assert.ok(result.latest.message.startsWith(words), result.latest.message)
      if (code === 'OSAURUS_NOT_RESPONDING') assert.deepEqual(result.list.ids, [])
      else assert.equal(result.list.code, code)
    })
  }
})

/**
 * Node with few descriptors, all of them taken but `left`; then everything is asked, and asked again with all back.
 * @param {number} left
 */
const WITH_FEW = (left) => `
  const fs = require('fs')
  const [baseDir, port] = JSON.parse(process.argv[1])
  const discovery = require(${JSON.stringify(PROJECT)})
  const code = (promise) => promise.then((found) => [found].flat().length, (error) => error.code)
  async function ask() {
    const plain = { baseDir }
    const verifying = { baseDir, verify: true, probeTimeoutMs: 20000 }
    let sync
    try { sync = discovery.listInstancesSync(plain).length } catch (error) { sync = error.code }
    return {
      sync,
      list: await code(discovery.listInstances(plain)),
      latest: await code(discovery.discoverLatestRunningInstance(plain)),
      verified: await code(discovery.listInstances(verifying)),
    }
  }
  async function main() {
    await ask()
    const taken = []
    try { for (;;) taken.push(fs.openSync('/dev/null')) } catch {}
    for (let i = 0; i < ${left}; i++) fs.closeSync(taken.pop())
    const without = await ask()
    for (const each of taken) fs.closeSync(each)
    console.log(JSON.stringify({ taken: taken.length, without, after: await ask() }))
  }
  main()`

test(
  'a process without descriptors',
  { skip: process.platform === 'win32' && 'ulimit is of Unix' },
  async (t) => {
    for (let left = 0; left <= 6; left++) {
      await t.test(
        `with ${left} left it is answered or told so, and answered again once there are some`,
        async (t) => {
          const server = await stubServers.osaurus()
          t.after(() => server.stop())
          const runtime = runtimeDirectory(t)
          for (const name of ['A', 'B', 'C']) runtime.publish({ instanceId: name, port: server.port })
          const args = [
            '-c',
            'ulimit -n 128; exec "$0" "$@"',
            process.execPath,
            '-e',
            WITH_FEW(left),
            JSON.stringify([runtime.baseDir]),
          ]
          const child = spawn('sh', args, { stdio: ['ignore', 'pipe', 'pipe'] })
          const [stdout, stderr, [code]] = await Promise.all([
            text(child.stdout),
            text(child.stderr),
            once(child, 'close'),
          ])
          assert.equal(code, 0, stderr)
          const { taken, without, after } = JSON.parse(stdout)
          assert.ok(taken > 50, 'descriptors were taken')
          // A scan needs two at once, a probe three: the poll, what wakes it, the socket.
          const scans = left < 2 ? 'OSAURUS_IO' : 3
          assert.deepEqual(without, {
            sync: scans,
            list: scans,
            latest: left < 2 ? 'OSAURUS_IO' : 1,
            verified: left < 3 ? 'OSAURUS_IO' : 1,
          })
          assert.deepEqual(after, { sync: 3, list: 3, latest: 1, verified: 1 })
        },
      )
    }
  },
)
