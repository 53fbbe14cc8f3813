// Tests what the fake publishes and serves when its settings change, as a running Osaurus does.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const net = require('node:net')
const path = require('node:path')
const { describe, test } = require('node:test')
const { eventually } = require('../support/measure.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { connect, fileOf, start } = require('../support/fake/start.js')
const { startFakeOsaurus } = require('../../testing.js')

// Generous: only a call that never settles takes so long.
const HANGS = { timeout: 120_000 }

/** A port on which no program listens. */
async function freePort() {
  const probe = await startFakeOsaurus()
  await probe.stop()
  return probe.instance.port
}

/** @param {import('osaurus-discovery/testing').FakeOsaurus} fake */
const portOf = (fake) => Number(new URL(fake.url).port)

/** @param {string} url */
const statusOf = async (url) => (await fetch(url)).status

describe('serve()', HANGS, () => {
  test('serve() publishes another port and goes on listening on the old one', async (t) => {
    const fake = await start(t)
    const before = fake.instance
    const port = await freePort()
    await fake.serve({ port })
    assert.deepEqual(
      { ...fake.instance, updatedAt: 0 },
      { ...before, updatedAt: 0, port, url: `http://127.0.0.1:${port}` },
    )
    assert.equal(JSON.parse(fileOf(fake)).port, port)
    assert.equal(portOf(fake), before.port)
    assert.equal(await statusOf(fake.url), 200)
    assert.equal(await connect(port), 'ECONNREFUSED')
  })

  test('serve() with expose publishes the exposure, with the loopback address and without a key check', async (t) => {
    const fake = await start(t)
    await fake.serve({ expose: true })
    const { address, exposeToNetwork } = fake.instance
    assert.deepEqual([address, exposeToNetwork], ['127.0.0.1', true])
    assert.equal(await statusOf(`${fake.url}/v1/models`), 200)
  })

  test('serve() without expose publishes an exposed server as not exposed, and the key check stays', async (t) => {
    const fake = await start(t, { exposeToNetwork: true })
    await fake.serve()
    const { address, exposeToNetwork } = fake.instance
    assert.deepEqual([address, exposeToNetwork], ['192.0.2.1', false])
    assert.equal(await statusOf(`${fake.url}/v1/models`), 401)
  })

  test('serve() is applied by the next restart', async (t) => {
    for (const restart of /** @type {const} */ (['setHealth', 'restart', 'relaunch', 'crash'])) {
      const fake = await start(t)
      const port = await freePort()
      await fake.serve({ port, expose: true })
      if (restart === 'setHealth') {
        await fake.setHealth('restarting')
        await fake.setHealth('running')
      } else if (restart === 'restart') await fake.restart()
      else {
        if (restart === 'crash') await fake.crash()
        await fake.relaunch()
      }
      assert.equal(fake.instance.address, '192.0.2.1')
      assert.equal(portOf(fake), port)
      assert.equal(await statusOf(`${fake.url}/v1/models`), 401)
    }
  })

  test('serve() is not applied by a health that is published again', async (t) => {
    const fake = await start(t)
    const { port } = fake.instance
    await fake.serve({ port: await freePort(), expose: true })
    await fake.setHealth('running')
    assert.equal(portOf(fake), port)
    assert.equal(await statusOf(`${fake.url}/v1/models`), 200)
  })

  test('serve() while starting saves and does not publish', async (t) => {
    const fake = await start(t, { health: 'starting' })
    const port = await freePort()
    const before = fileOf(fake)
    await fake.serve({ port })
    assert.equal(fileOf(fake), before)
    await fake.setHealth('running')
    assert.equal(portOf(fake), port)
  })
})

describe('restart()', HANGS, () => {
  test('restart() publishes the next port before the old listener closes', async (t) => {
    const fake = await start(t)
    const { instanceId, port: old } = fake.instance
    const port = await freePort()
    const restarted = fake.restart({ port, delayMs: 300 })
    await eventually(() => fake.instance.port === port)
    assert.equal(await connect(old), 'connected')
    assert.equal(await connect(port), 'ECONNREFUSED')
    await restarted
    assert.equal(await connect(old), 'ECONNREFUSED')
    assert.equal(fake.instance.instanceId, instanceId)
    assert.equal(fake.instance.url, fake.url)
    assert.equal(await statusOf(fake.url), 200)
  })

  test('restart() stays starting for as long as it is given', async (t) => {
    const fake = await start(t)
    const began = performance.now()
    const restarted = fake.restart({ startingMs: 300 })
    await eventually(() => JSON.parse(fileOf(fake)).health === 'starting')
    assert.equal(await connect(portOf(fake)), 'ECONNREFUSED')
    await restarted
    assert.ok(performance.now() - began >= 295)
    assert.equal(JSON.parse(fileOf(fake)).health, 'running')
  })

  test('restart() is interrupted by stop() and crash()', async (t) => {
    for (const end of /** @type {const} */ (['stop', 'crash'])) {
      for (const options of [{ delayMs: 60_000 }, { startingMs: 60_000 }]) {
        const fake = await start(t)
        const interrupted = assert.rejects(fake.restart(options), {
          code: 'ERR_INVALID_STATE',
          message: /interrupted/,
        })
        await fake[end]()
        await interrupted
        assert.equal(await connect(portOf(fake)), 'ECONNREFUSED')
        await fake.stop()
      }
    }
  })

  test('restart() without a delay is carried out before a crash() that follows', async (t) => {
    const fake = await start(t)
    await Promise.all([fake.restart(), fake.crash()])
    assert.equal(JSON.parse(fileOf(fake)).health, 'running')
    assert.equal(await connect(portOf(fake)), 'ECONNREFUSED')
  })

  test('restart() onto a port that is taken withdraws the instance, and a relaunch brings it back', async (t) => {
    const fake = await start(t)
    const port = await freePort()
    const thief = net.createServer().listen(port, '127.0.0.1')
    t.after(() => thief.close())
    await new Promise((resolve) => thief.once('listening', resolve))
    await assert.rejects(fake.restart({ port }), { code: 'EADDRINUSE' })
    assert.deepEqual(fs.readdirSync(fake.baseDir), [])
    await fake.relaunch({ port: 0 })
    assert.equal(await statusOf(fake.instance.url), 200)
  })
})

describe('relaunch()', HANGS, () => {
  test('relaunch() listens on the port it is given, and keeps it', async (t) => {
    const fake = await start(t)
    const port = await freePort()
    await fake.relaunch({ port })
    assert.equal(fake.instance.port, port)
    assert.equal(await statusOf(fake.url), 200)
    await fake.crash()
    await fake.relaunch()
    assert.equal(fake.instance.port, port)
  })

  test('relaunch() with the port 0 takes a free one', async (t) => {
    const fake = await start(t)
    await fake.crash()
    const port = portOf(fake)
    const thief = net.createServer().listen(port, '127.0.0.1')
    t.after(() => thief.close())
    await new Promise((resolve) => thief.once('listening', resolve))
    await fake.relaunch({ port: 0 })
    assert.notEqual(portOf(fake), port)
  })

  test('relaunch() with startingMs publishes a new instance as starting before it runs', async (t) => {
    const fake = await start(t)
    const { instanceId } = fake.instance
    await fake.crash()
    const relaunched = fake.relaunch({ startingMs: 300 })
    await eventually(() => fake.instance.instanceId !== instanceId)
    assert.equal(JSON.parse(fileOf(fake)).health, 'starting')
    assert.equal(await connect(portOf(fake)), 'ECONNREFUSED')
    await relaunched
    assert.equal(JSON.parse(fileOf(fake)).health, 'running')
  })
})

describe('wrong settings', HANGS, () => {
  for (const [method, options, code] of /** @type {const} */ ([
    ['serve', { port: 0 }, 'ERR_OUT_OF_RANGE'],
    ['serve', { exposed: true }, 'ERR_INVALID_ARG_VALUE'],
    ['serve', null, 'ERR_INVALID_ARG_TYPE'],
    ['restart', { delayMs: -1 }, 'ERR_OUT_OF_RANGE'],
    ['restart', { startingMs: '1' }, 'ERR_INVALID_ARG_TYPE'],
    ['relaunch', { port: 65536 }, 'ERR_OUT_OF_RANGE'],
  ])) {
    test(`${method}(${JSON.stringify(options)}) rejects and changes nothing`, async (t) => {
      const fake = await start(t)
      const before = fileOf(fake)
      await assert.rejects(fake[method](/** @type {any} */ (options)), { code })
      assert.equal(fileOf(fake), before)
    })
  }
})

describe('OSAURUS_TEST_ROOT', HANGS, () => {
  /** @param {import('node:test').TestContext} t @param {string} root */
  function useTestRoot(t, root) {
    process.env.OSAURUS_TEST_ROOT = root
    t.after(() => delete process.env.OSAURUS_TEST_ROOT)
  }

  test('OSAURUS_TEST_ROOT moves the default directory, and stop() leaves what is not its own', async (t) => {
    const root = temporaryDirectory(t)
    fs.writeFileSync(path.join(root, 'other'), '')
    useTestRoot(t, root)
    const fake = await start(t)
    assert.equal(fake.baseDir, path.join(root, 'runtime'))
    assert.deepEqual(fs.readdirSync(fake.baseDir), [fake.instance.instanceId])
    await fake.stop()
    assert.deepEqual(fs.readdirSync(root), ['other'])
  })

  test('OSAURUS_TEST_ROOT gives way to baseDir, and an empty one is ignored', async (t) => {
    const root = temporaryDirectory(t)
    useTestRoot(t, root)
    assert.equal((await start(t, { baseDir: path.join(root, 'named') })).baseDir, path.join(root, 'named'))
    process.env.OSAURUS_TEST_ROOT = ''
    assert.match(path.basename((await start(t)).baseDir), /^osaurus-fake-/)
  })
})
