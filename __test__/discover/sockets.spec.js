// Tests which sockets are opened: none without verify, and only to loopback with it.
'use strict'

const assert = require('node:assert/strict')
const path = require('node:path')
const test = require('node:test')
const discovery = require('../..')
const { startFakeOsaurus } = require('../../testing.js')
const { withStrace } = require('../support/requirements.js')
const { homeDirectory, runtimeDirectory } = require('../support/runtime-directory.js')
const { trace } = require('../support/strace.js')
const stubServers = require('../support/stub-servers.js')
const { publishPort, refusedPorts, publishedAt, stopAfter } = require('../support/verify-servers.js')

/** Functions that always verify. */
const ALWAYS_VERIFY = ['launchOsaurus']

/** @param {import('../support/strace.js').Call[]} calls */
const inet = (calls) => calls.filter(({ name, args }) => name === 'socket' && args.startsWith('AF_INET'))

/** @param {import('../support/strace.js').Call[]} calls */
const connects = (calls) =>
  calls.flatMap(({ name, args }) => {
    const port = /htons\((\d+)\)/.exec(args)?.[1]
    const address = /inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"/.exec(args)
    return name === 'connect' ? [`${address?.[1] ?? address?.[2] ?? args} ${port}`] : []
  })

// What is counted here only Linux counts.
if (process.platform === 'linux') {
  test('functions without verify open no socket, whatever is published', withStrace(), async (t) => {
    const { home, runtime } = homeDirectory(t)
    const fake = await stopAfter(t, startFakeOsaurus({ baseDir: runtime.baseDir }))
    publishPort(runtime, 1337, { instanceId: 'NAME', address: 'mac.local', url: 'http://mac.local:1337' })
    publishPort(runtime, 1338, { instanceId: 'SIX', address: '::1' })
    publishPort(runtime, 1339, { instanceId: 'AWAY', address: '192.0.2.1', exposeToNetwork: true })
    runtime.publishStarting('starting', 'STARTS')
    const directories = [
      {},
      { baseDir: runtime.baseDir },
      { legacyDirs: true },
      { baseDir: path.join(home, 'nowhere') },
    ]
    const data = { home, directories, baseDir: runtime.baseDir }
    const { all, result } = await trace(t, 'trace=%network', 'discover/every-call.js', data)
    const { called, succeeded } = result
    assert.deepEqual(
      [...called, ...ALWAYS_VERIFY].sort(),
      Object.keys(discovery).sort(),
      'every function is called',
    )
    assert.ok(succeeded >= 3 * called.length, `${succeeded} calls succeeded`)
    assert.deepEqual(inet(all), [])
    assert.deepEqual(connects(all), [])
    assert.equal(fake.connections, 0)
  })

  test('verify opens one connection per port, to loopback only', withStrace(), async (t) => {
    const runtime = runtimeDirectory(t)
    const { baseDir } = runtime
    const fake = await stopAfter(t, startFakeOsaurus())
    const six = await stopAfter(t, stubServers.osaurus({ host: '::1' }))
    const other = await stopAfter(t, stubServers.anotherServer())
    const redirect = await stopAfter(t, stubServers.redirect({ location: 'http://192.0.2.1/' }))
    const [named, away] = await refusedPorts(2)
    publishPort(runtime, fake.instance.port, { instanceId: 'LIVES', updatedAt: publishedAt(9) })
    publishPort(runtime, fake.instance.port, { instanceId: 'LEFT', updatedAt: publishedAt(1) })
    publishPort(runtime, six.port, {
      instanceId: 'SIX',
      address: 'fe80::1',
      url: `http://[fe80::1]:${six.port}`,
    })
    publishPort(runtime, other.port)
    publishPort(runtime, redirect.port)
    publishPort(runtime, named, { address: 'mac.local', url: `http://mac.local:${named}` })
    publishPort(runtime, away, { address: '192.0.2.1', url: `http://192.0.2.1:${away}` })
    const calls = 'trace=%network,%file'
    const { all, others, result } = await trace(t, calls, 'verify/list-verified.js', baseDir)
    assert.equal(result.length, 2)
    const expected = [
      ...[fake.instance.port, other.port, redirect.port, named, away].map((port) => `127.0.0.1 ${port}`),
      `::1 ${six.port}`,
    ]
    assert.deepEqual(connects(all).sort(), expected.sort())
    assert.equal(inet(all).length, 6)
    for (const { args } of inet(all)) assert.match(args, /SOCK_NONBLOCK/)
    for (const { args } of inet(all)) assert.match(args, /SOCK_CLOEXEC/, 'no child of the app inherits it')

    const probing = others.filter((calls) => connects(calls).length > 0)
    assert.equal(probing.length, 1, 'one thread asks them all')
    // Neither /etc/hosts nor /etc/resolv.conf, nor a socket of a resolver: names are not looked up.
    const files = probing[0]
      .filter(({ args }) => args.includes('"/'))
      .map(({ args }) => /"(.*?)"/.exec(args)?.[1])
    assert.deepEqual(files, [baseDir])
    const sent = probing[0].filter(({ name }) => name === 'sendto')
    assert.ok(sent.length <= 4, 'one request each, in one piece')
    for (const { args } of sent)
      assert.match(args, /^\d+, "GET \/ HTTP\/1\.1\\r\\nHost: (127\.0\.0\.1|\[::1\]):/)
  })

  for (const { what, start } of [
    { what: 'gigabytes', start: stubServers.endless },
    { what: 'endless headers', start: stubServers.endlessHead },
  ]) {
    test(`verify reads at most 4 KiB from a server that sends ${what}`, withStrace(), async (t) => {
      const runtime = runtimeDirectory(t)
      const other = await stopAfter(t, start())
      publishPort(runtime, other.port)
      const calls = 'trace=recvfrom,recvmsg,read,readv'
      const { all, result } = await trace(t, calls, 'verify/first-probe.js', runtime.baseDir)
      assert.equal(result, 'not-osaurus')
      // -1 where nothing was there yet.
      const sizes = all.filter(({ name }) => name.startsWith('recv')).map((call) => parseInt(call.result))
      const received = sizes.reduce((sum, size) => sum + Math.max(0, size), 0)
      assert.ok(received > 0 && received <= 4096, `${received} bytes were read`)
      const asFiles = all.filter(({ args }) => args.includes('HTTP/1.1 200') || args.includes('xxxxxxxx'))
      assert.ok(
        asFiles.every(({ name }) => name === 'recvfrom'),
        'and none by another way',
      )
    })
  }
}
