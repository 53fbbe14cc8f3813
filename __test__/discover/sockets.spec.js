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

/** How each function is called without verify; one that is missing here fails the test below. */
const CALLS = /** @type {Record<string, string>} */ ({
  discoverLatestRunningInstance: 'await discovery.discoverLatestRunningInstance(options)',
  discoverLatestRunningInstanceSync: 'discovery.discoverLatestRunningInstanceSync(options)',
  listInstances: 'await discovery.listInstances(options)',
  listInstancesSync: 'discovery.listInstancesSync(options)',
  inspectRuntime: 'await discovery.inspectRuntime(options)',
  endpointsOf: "discovery.endpointsOf({ url: 'http://127.0.0.1:1337' })",
  parseAccessKey: "discovery.parseAccessKey('osk-v1.e30.00')",
  waitForRunningInstance: 'await discovery.waitForRunningInstance({ ...options, timeoutMs: 1 })',
  watchInstances: `await new Promise((resolve) => {
    const watcher = discovery.watchInstances(options)
    watcher.once('change', () => setTimeout(() => resolve(watcher.close()), 50))
  })`,
})

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
    const missing = Object.keys(discovery).filter((name) => !(name in CALLS) && !ALWAYS_VERIFY.includes(name))
    assert.deepEqual(missing, [], 'each function is called here')
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
    const script = `
      process.env.HOME = data.home
      let calls = 0
      for (const options of data.directories) {
        ${Object.keys(discovery)
          .map(
            (name) =>
              `try { ${CALLS[name]}; calls++ } catch ({ code }) { if (!/^OSAURUS_/.test(code)) throw code }`,
          )
          .join('\n')}
      }
      const { discoverLatestRunningInstance, listInstances, inspectRuntime } = discovery
      for (const call of [discoverLatestRunningInstance, listInstances, inspectRuntime])
        await call({ baseDir: data.directories[1].baseDir, verify: false, probeTimeoutMs: 5 })
      return calls`
    const { all, result } = await trace(t, 'trace=%network', script, { home, directories })
    assert.ok(result >= 3 * Object.keys(discovery).length, `${result} calls gave something`)
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
    const script = `
      mark('from')
      return discovery.listInstances({ baseDir: data, verify: true, probeTimeoutMs: 20000 })`
    const { all, others, result } = await trace(t, 'trace=%network,%file', script, baseDir)
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
      const script = `
        const options = { baseDir: data, verify: true, probeTimeoutMs: 20000 }
        const { entries } = await discovery.inspectRuntime(options)
        return entries[0].probe.outcome`
      const { all, result } = await trace(t, 'trace=recvfrom,recvmsg,read,readv', script, runtime.baseDir)
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
