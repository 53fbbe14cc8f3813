// Tests watchNetworkInstances(), and what both functions leave behind, against Avahi on other hosts.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')

const { rejection, thrown } = require('../support/failure.js')
const { eventually } = require('../support/measure.js')
const { NetworkWatch, resultOn, runOn } = require('../support/network-calls.js')
const { makeHosts } = require('../support/network-hosts.js')
const { withNetworkHosts } = require('../support/requirements.js')

const EMPTY = { event: 'change', instances: [], added: [], updated: [], removed: [], reason: null }

/** A host with Avahi and a server. @param {import('node:test').TestContext} t */
async function viewerAndMac(t) {
  const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
  await mac.startAvahi()
  await mac.startServer()
  return { viewer, mac }
}

describe('a watcher of the local network', withNetworkHosts(), () => {
  test('a watcher of the local network emits the state so far, and then each change', async (t) => {
    const { viewer, mac } = await viewerAndMac(t)
    const watch = new NetworkWatch(viewer)
    await watch.until([])
    assert.deepEqual(watch.events, [EMPTY])
    const service = mac.advertise('Coder')
    await watch.until(['studio http://10.77.0.2:1337'])
    mac.changeAddress('10.77.0.99')
    await watch.until(['studio http://10.77.0.99:1337'])
    const moved = watch.changes.at(-1)
    assert.deepEqual(moved?.updated, moved?.instances)
    assert.deepEqual([moved?.added, moved?.removed], [[], []])
    service.withdraw()
    await watch.until([])
    assert.equal(watch.changes.at(-1)?.removed[0].url, 'http://10.77.0.99:1337')
    await watch.close()
    assert.deepEqual(watch.events.at(-1), { event: 'close' })
    assert.deepEqual(watch.warnings, [])
  })

  test('a watcher of the local network has the reason why the network cannot be searched, until it can', async (t) => {
    const { viewer, mac } = await viewerAndMac(t)
    await mac.advertise('Coder').established
    viewer.fallAsleep()
    const watch = new NetworkWatch(viewer)
    await eventually(() => assert.equal(watch.warnings.length, 1))
    assert.equal(watch.warnings[0].code, 'OSAURUS_NETWORK_UNAVAILABLE')
    assert.deepEqual(watch.changes.at(-1), {
      ...watch.changes.at(-1),
      instances: [],
      reason: 'OSAURUS_NETWORK_UNAVAILABLE',
    })
    viewer.wakeUp()
    await watch.until(['studio http://10.77.0.2:1337'])
    assert.equal(watch.changes.at(-1)?.reason, null)
    assert.equal(watch.warnings.length, 1)
    await watch.close()
  })

  test('a watcher of the local network gives a blocked app one change in the end, and every reader a copy', async (t) => {
    const { viewer, mac } = await viewerAndMac(t)
    for (const name of ['a', 'b']) await mac.advertise(name).established
    const { change, agents, addresses } = await resultOn(viewer, 'blocked.js', { ms: 3000 })
    assert.deepEqual(change.added.length, 1)
    assert.equal(agents, 2)
    assert.ok(addresses > 0)
  })

  test('a watcher of the local network closes by its signal, and does not keep the process running if it is not persistent', async (t) => {
    const [viewer] = makeHosts(t, 'viewer', 'other')
    assert.deepEqual(await resultOn(viewer, 'options.js'), {})
  })
})

describe('a search of the local network', withNetworkHosts(), () => {
  test('a search of the local network opens nothing before the first call, and leaves nothing after its end', async (t) => {
    const { viewer, mac } = await viewerAndMac(t)
    await mac.advertise('Coder').established
    const { threads, descriptors } = await resultOn(viewer, 'handles.js')
    t.diagnostic(`two watchers: ${threads} threads, ${descriptors} descriptors`)
    assert.ok(threads >= 4 && threads <= 6, `${threads} threads`)
    assert.ok(descriptors > 0 && descriptors <= 24, `${descriptors} descriptors`)
  })

  test('a search of the local network ends with its worker, at once, and leaves nothing', async (t) => {
    const { viewer, mac } = await viewerAndMac(t)
    await mac.advertise('Coder').established
    const longest = await resultOn(viewer, 'workers.js')
    t.diagnostic(`the longest took ${longest.toFixed(0)} ms to end`)
    assert.ok(longest < 1000)
  })

  for (const [ending, code, signal] of /** @type {const} */ ([
    ['process.exit()', 7, null],
    ['an uncaught exception', 1, null],
    ['SIGTERM', null, 'SIGTERM'],
  ])) {
    test(`a search of the local network does not hold up a process that ends by ${ending}`, async (t) => {
      const { viewer, mac } = await viewerAndMac(t)
      await mac.advertise('Coder').established
      for (const afterMs of [0, 50, 150, 250, 1000]) {
        const run = await runOn(viewer, 'end-process.js', { ending, afterMs })
        assert.deepEqual([run.code, run.signal], [code, signal], run.stderr)
        assert.doesNotMatch(run.stderr, /panicked|FATAL|Segmentation/)
      }
    })
  }
})

describe('an invalid option', () => {
  const { listNetworkInstances, watchNetworkInstances } = require('../../network.js')
  /** @type {[object, string, RegExp][]} */
  const cases = [
    [
      { verify: 1 },
      'ERR_INVALID_ARG_TYPE',
      /^The "options\.verify" property must be of type boolean\. Received/,
    ],
    [
      { includeSelf: 'no' },
      'ERR_INVALID_ARG_TYPE',
      /"options\.includeSelf" property must be of type boolean/,
    ],
    [{ probeTimeoutMs: 0 }, 'ERR_OUT_OF_RANGE', /"options\.probeTimeoutMs" is out of range/],
    [{ signal: {} }, 'ERR_INVALID_ARG_TYPE', /an instance of AbortSignal/],
    [{ baseDir: '/tmp' }, 'ERR_INVALID_ARG_VALUE', /Only the functions for this machine read directories\./],
    [{ accessKey: 'osk-v1-x' }, 'ERR_INVALID_ARG_VALUE', /^(?!.*v1-x).*an option of createOsaurusFetch\./],
    [{ includeself: true }, 'ERR_INVALID_ARG_VALUE', /Did you mean 'includeSelf'\?/],
  ]
  const ofList = [
    .../** @type {const} */ ([0, -1, 2 ** 31, Infinity, NaN]).map(
      (timeoutMs) =>
        /** @type {const} */ ([{ timeoutMs }, 'ERR_OUT_OF_RANGE', />= 1 && <= 2147483647\. Received/]),
    ),
    /** @type {const} */ ([
      { persistent: true },
      'ERR_INVALID_ARG_VALUE',
      /an option of watchNetworkInstances\./,
    ]),
  ]
  const ofWatch = [
    /** @type {const} */ ([{ timeoutMs: 5 }, 'ERR_INVALID_ARG_VALUE', /an option of listNetworkInstances\./]),
    /** @type {const} */ ([
      { persistent: 1 },
      'ERR_INVALID_ARG_TYPE',
      /"options\.persistent" property must be of/,
    ]),
  ]
  test('an invalid option rejects the promise of listNetworkInstances()', async () => {
    for (const [options, code, message] of [...cases, ...ofList]) {
      const error = await rejection(listNetworkInstances(/** @type {any} */ (options)))
      assert.equal(error.code, code)
      assert.match(error.message, message)
    }
  })

  test('an invalid option throws in watchNetworkInstances()', () => {
    for (const [options, code, message] of [...cases, ...ofWatch]) {
      const error = thrown(() => watchNetworkInstances(/** @type {any} */ (options)))
      assert.equal(error.code, code)
      assert.match(error.message, message)
    }
  })
})
