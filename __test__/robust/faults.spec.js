// Tests discovery under faults of the file system and the network, and without descriptors.
//
// Each fault gives a clear error or the good entries, never a crash, a hang or a wrong result.
'use strict'

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')
const { text } = require('node:stream/consumers')
const test = require('node:test')

const { withStrace } = require('../support/requirements.js')
const { fixtureArguments } = require('../support/run-node.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const { IN_MEMORY } = require('../support/temporary-directory.js')
const { trace } = require('../support/strace.js')
const stubServers = require('../support/stub-servers.js')

const linux = process.platform === 'linux'

const ALL_PROMISES = 'robust/all-promises.js'

/** @param {{ after(fn: () => unknown): void }} t */
function threeInstances(t) {
  const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
  for (const name of ['A', 'B', 'C']) runtime.publish({ instanceId: name })
  return runtime
}

/**
 * @typedef {object} Fault
 * @property {string} name
 * @property {string} inject in strace's syntax
 * @property {string} [code] the code that a list rejects with; none if it lists the good entries
 * @property {string[]} [ids] the ids that it lists
 * @property {'directory' | 'file'} at the base directory (its own calls, and the opening of files in it), or one file
 */

/** @type {Fault[]} */
const FAULTS = [
  {
    name: 'the base directory is on a disk that answers EIO',
    inject: 'openat:error=EIO',
    at: 'directory',
    code: 'OSAURUS_IO',
  },
  { name: 'listing it answers EIO', inject: 'getdents64:error=EIO', at: 'directory', code: 'OSAURUS_IO' },
  { name: 'a file cannot be read: EIO', inject: 'read:error=EIO', at: 'file', ids: ['A', 'C'] },
  {
    name: 'a file cannot be read: ESTALE, as of a lost network disk',
    inject: 'read:error=ESTALE',
    at: 'file',
    ids: ['A', 'C'],
  },
  {
    name: 'the type of a file cannot be determined: EIO',
    inject: 'fstat:error=EIO',
    at: 'file',
    ids: ['A', 'C'],
  },
  {
    name: 'reading a file exhausts memory: ENOMEM',
    inject: 'read:error=ENOMEM',
    at: 'file',
    code: 'OSAURUS_IO',
  },
  {
    name: 'the process has no descriptor left during a scan: EMFILE',
    inject: 'openat:error=EMFILE:when=2+',
    at: 'directory',
    code: 'OSAURUS_IO',
  },
  {
    name: 'the process runs out of descriptors during a scan, when the newest entry may not have been read',
    inject: 'openat:error=EMFILE:when=3+',
    at: 'directory',
    code: 'OSAURUS_IO',
  },
  {
    name: 'the listing ends early: EIO after the first entries',
    inject: 'getdents64:error=EIO:when=2+',
    at: 'directory',
    code: 'OSAURUS_IO',
  },
  {
    name: 'the system has no descriptor left: ENFILE',
    inject: 'openat:error=ENFILE:when=2+',
    at: 'directory',
    code: 'OSAURUS_IO',
  },
  { name: 'the disk is full: ENOSPC', inject: 'openat:error=ENOSPC', at: 'directory', code: 'OSAURUS_IO' },
  {
    name: 'every second open is interrupted: EINTR',
    inject: 'openat:error=EINTR:when=1+2',
    at: 'directory',
    ids: ['A', 'B', 'C'],
  },
  {
    name: 'every second listing is interrupted: EINTR',
    inject: 'getdents64:error=EINTR:when=1+2',
    at: 'directory',
    ids: ['A', 'B', 'C'],
  },
  {
    name: 'every second read is interrupted: EINTR',
    inject: 'read:error=EINTR:when=1+2',
    at: 'file',
    ids: ['A', 'B', 'C'],
  },
]

test(
  'a fault of the file system gives an error or the good entries',
  linux ? withStrace() : { skip: 'injected on Linux' },
  async (t) => {
    for (const { name, inject, at, code, ids } of FAULTS) {
      await t.test(name, async (t) => {
        const runtime = threeInstances(t)
        const paths = at === 'directory' ? [runtime.baseDir] : [runtime.file('B')]
        const data = { baseDir: runtime.baseDir }
        const calls = 'trace=openat,getdents64,read,fstat'
        const { result, all } = await trace(t, calls, ALL_PROMISES, data, { inject: [inject], paths })
        assert.ok(
          all.some(({ injected }) => injected),
          'the fault was injected',
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
          left.map((/** @type {any} */ { path: directory, reason }) => [path.basename(directory), reason]),
          ['A', 'B', 'C'].filter((id) => !ids?.includes(id)).map((id) => [id, 'unreadable']),
        )
      })
    }
  },
)

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
    name: 'the network is unreachable: ENETUNREACH',
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
    name: 'a firewall refuses the connection: EPERM',
    inject: 'connect:error=EPERM',
    code: 'OSAURUS_NOT_RESPONDING',
    words: 'Osaurus is not responding',
  },
  {
    name: 'every answer is cut short: ECONNRESET',
    inject: 'recvfrom:error=ECONNRESET',
    code: 'OSAURUS_NOT_RESPONDING',
    words: 'Osaurus is not responding',
  },
  { name: 'every second wait is interrupted: EINTR', inject: 'epoll_wait:error=EINTR:when=1+2' },
  { name: 'every second receive is interrupted: EINTR', inject: 'recvfrom:error=EINTR:when=1+2' },
  { name: 'every second send is interrupted: EINTR', inject: 'sendto:error=EINTR:when=1+2' },
]

test(
  'a fault of the network gives an error or the good entries',
  linux ? withStrace() : { skip: 'injected on Linux' },
  async (t) => {
    for (const { name, inject, code, words = '' } of NETWORK_FAULTS) {
      await t.test(name, async (t) => {
        const server = await stubServers.osaurus()
        t.after(() => server.stop())
        const runtime = runtimeDirectory(t, { parent: IN_MEMORY })
        runtime.publish({ instanceId: 'A', port: server.port })
        const data = { baseDir: runtime.baseDir, verify: true }
        const calls = 'trace=%network,epoll_wait'
        const { result, all } = await trace(t, calls, ALL_PROMISES, data, { inject: [inject] })
        assert.ok(
          all.some(({ injected }) => injected),
          'the fault was injected',
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
  },
)

test(
  'a process without descriptors gets an error or results',
  { skip: process.platform === 'win32' && 'ulimit is a command of Unix' },
  async (t) => {
    for (let left = 0; left <= 6; left++) {
      await t.test(
        `a process with ${left} descriptors left gets a result or OSAURUS_IO, and results again when they are freed`,
        async (t) => {
          const server = await stubServers.osaurus()
          t.after(() => server.stop())
          const runtime = runtimeDirectory(t)
          for (const name of ['A', 'B', 'C']) runtime.publish({ instanceId: name, port: server.port })
          const args = [
            '-c',
            'ulimit -n 128; exec "$0" "$@"',
            process.execPath,
            ...fixtureArguments('robust/few-descriptors.js', { baseDir: runtime.baseDir, left }),
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
          // A scan needs two at once, a probe three: for the poll, its waker and the socket.
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
