// Tests the life of a fake: starting, crashing, relaunching, exposing and quitting, in any order of calls.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')
const { describe, test } = require('node:test')
const { setTimeout: delay } = require('node:timers/promises')
const { connect, fileOf, pathOf, reach, start } = require('../support/fake/start.js')

// Generous: only a call that never settles takes so long.
const HANGS = { timeout: 120_000 }

/** Lists the addresses of this machine except 127.0.0.1. */
function otherAddresses() {
  const all = Object.values(os.networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const external = all.filter(({ family, internal }) => family === 'IPv4' && !internal)
  // On Linux all of 127.0.0.0/8 is this machine.
  return [...external.map(({ address }) => address), ...(process.platform === 'linux' ? ['127.0.0.2'] : [])]
}

describe('starting', HANGS, () => {
  test('a fake listens only while its health is running', async (t) => {
    const fake = await start(t, { health: 'starting' })
    assert.equal(await reach(fake), 'ECONNREFUSED')
    await fake.setHealth('running')
    assert.equal((await fetch(fake.url)).status, 200)
    await fake.setHealth('restarting')
    assert.equal(await reach(fake), 'ECONNREFUSED')
    await fake.setHealth('running')
    assert.equal((await fetch(fake.url)).status, 200)
  })

  test('a fake keeps its instance id in all states of health', async (t) => {
    const fake = await start(t, { health: 'starting' })
    const { instanceId } = fake.instance
    for (const health of /** @type {const} */ (['running', 'restarting', 'running', 'starting'])) {
      await fake.setHealth(health)
      assert.equal(fake.instance.instanceId, instanceId)
    }
    assert.deepEqual(fs.readdirSync(fake.baseDir), [instanceId])
  })

  test('a fake listens on the given port of loopback only, also while exposed', async (t) => {
    const first = await start(t)
    const { port } = first.instance
    await first.stop()
    const fake = await start(t, { port, exposeToNetwork: true })
    assert.equal(fake.instance.port, port)
    assert.equal(await reach(fake), 'connected')
    for (const host of otherAddresses()) assert.equal(await connect(port, host), 'ECONNREFUSED')
  })

  test('a free port is one that systems do not assign to outgoing connections', async (t) => {
    const fakes = await Promise.all(Array.from({ length: 20 }, () => start(t)))
    const ports = fakes.map(({ instance }) => instance.port)
    assert.equal(new Set(ports).size, 20)
    assert.ok(ports.every((port) => port >= 20000 && port < 32000))
  })
})

describe('crash and relaunch', HANGS, () => {
  test('a crash frees the port and leaves the file as it was', async (t) => {
    const fake = await start(t)
    const before = fileOf(fake)
    await fake.crash()
    assert.equal(await reach(fake), 'ECONNREFUSED')
    assert.equal(fileOf(fake), before)
    await fake.crash()
    assert.equal(fileOf(fake), before)
  })

  test('a crash cuts requests in flight', async (t) => {
    const fake = await start(t)
    fake.suspend()
    const request = fetch(fake.url).catch((error) => error.cause.code)
    while (fake.requests.length === 0) await delay(1)
    await fake.crash()
    assert.match(await request, /UND_ERR_SOCKET|ECONNRESET/)
  })

  test('a crash does not wait for a client that keeps its end open', async (t) => {
    const fake = await start(t)
    const client = net.connect({ port: fake.instance.port, host: '127.0.0.1', allowHalfOpen: true })
    t.after(() => client.destroy())
    const cut = new Promise((resolve) => client.on('error', () => {}).once('end', resolve))
    await new Promise((resolve) => client.resume().once('connect', resolve))
    while (fake.connections === 0) await delay(1)
    await fake.crash()
    await cut
  })

  test('a relaunch after a crash is a new instance on the same port, beside the leftover', async (t) => {
    const fake = await start(t)
    const old = fake.instance
    await fake.crash()
    await fake.relaunch()
    assert.notEqual(fake.instance.instanceId, old.instanceId)
    assert.equal(fake.instance.port, old.port)
    assert.deepEqual(fs.readdirSync(fake.baseDir).sort(), [old.instanceId, fake.instance.instanceId].sort())
    assert.equal((await fetch(fake.url)).status, 200)
  })

  test('a relaunch of a running fake withdraws the old instance first', async (t) => {
    const fake = await start(t, { exposeToNetwork: true })
    const old = fake.instance
    await fake.relaunch()
    assert.deepEqual(fs.readdirSync(fake.baseDir), [fake.instance.instanceId])
    assert.notEqual(fake.instance.instanceId, old.instanceId)
    assert.equal(fake.instance.port, old.port)
    assert.equal(fake.instance.exposeToNetwork, true)
  })

  test('a relaunch of a starting fake runs', async (t) => {
    const fake = await start(t, { health: 'starting' })
    await fake.relaunch()
    assert.equal((await fetch(fake.instance.url)).status, 200)
  })

  test('a relaunch rejects while another program has the port, and works afterwards', async (t) => {
    const fake = await start(t)
    const { port } = fake.instance
    await fake.crash()
    const otherServer = net.createServer().listen(port, '127.0.0.1')
    t.after(() => otherServer.close())
    await new Promise((resolve) => otherServer.once('listening', resolve))
    await assert.rejects(fake.relaunch(), {
      code: 'EADDRINUSE',
      message: new RegExp(`port ${port} is in use`),
    })
    await new Promise((resolve) => otherServer.close(resolve))
    await fake.relaunch()
    assert.equal((await fetch(fake.url)).status, 200)
  })
})

describe('exposing', HANGS, () => {
  test('setExposed() publishes at once, in both directions', async (t) => {
    const fake = await start(t, { lanAddress: '192.0.2.7' })
    await fake.setExposed(true)
    assert.equal(fake.instance.url, `http://192.0.2.7:${fake.instance.port}`)
    assert.equal(JSON.parse(fileOf(fake)).exposeToNetwork, true)
    assert.notEqual(fake.url, fake.instance.url)
    await fake.setExposed(false)
    assert.equal(fake.instance.url, fake.url)
  })

  test('setExposed() while starting is published once the fake runs', async (t) => {
    const fake = await start(t, { health: 'starting' })
    const inode = () => fs.statSync(pathOf(fake)).ino
    const before = inode()
    await fake.setExposed(true)
    assert.equal(inode(), before)
    await fake.setHealth('running')
    assert.equal(fake.instance.exposeToNetwork, true)
  })
})

describe('calls in any order', HANGS, () => {
  test('calls are carried out one after the other', async (t) => {
    const fake = await start(t)
    await Promise.all([
      fake.crash(),
      fake.relaunch(),
      fake.setExposed(true),
      fake.setHealth('restarting'),
      fake.setHealth('running'),
    ])
    assert.equal(fs.readdirSync(fake.baseDir).length, 2)
    assert.equal(JSON.parse(fileOf(fake)).exposeToNetwork, true)
    assert.equal((await fetch(fake.url)).status, 200)
  })

  test('a call that fails does not prevent the next', async (t) => {
    const fake = await start(t)
    const [, failed, done] = await Promise.allSettled([
      fake.crash(),
      fake.setHealth('running'),
      fake.relaunch(),
    ])
    assert.equal(failed.status, 'rejected')
    assert.equal(done.status, 'fulfilled')
  })

  test('calls after a crash reject and name relaunch()', async (t) => {
    const fake = await start(t)
    await fake.crash()
    const expected = { code: 'ERR_INVALID_STATE', message: /has crashed\. relaunch\(\) starts it again/ }
    await assert.rejects(fake.setHealth('running'), expected)
    await assert.rejects(fake.setExposed(true), expected)
    assert.throws(() => fake.suspend(), expected)
    fake.resume()
  })

  test('calls after stop() reject and name startFakeOsaurus()', async (t) => {
    const fake = await start(t)
    await fake.stop()
    const expected = {
      code: 'ERR_INVALID_STATE',
      message: /has stopped\. startFakeOsaurus\(\) starts another/,
    }
    for (const call of [
      () => fake.setHealth('running'),
      () => fake.setExposed(true),
      fake.crash,
      fake.relaunch,
    ]) {
      await assert.rejects(call.call(fake), expected)
    }
    assert.throws(() => fake.suspend(), expected)
    fake.resume()
    await fake.stop()
    assert.equal(fs.existsSync(fake.baseDir), false)
  })

  test('calls with a wrong argument reject and change nothing', async (t) => {
    const fake = await start(t)
    const before = fileOf(fake)
    // @ts-expect-error
    await assert.rejects(fake.setHealth('stopped'), {
      code: 'ERR_INVALID_ARG_VALUE',
      message: /health.*'stopped'/,
    })
    // @ts-expect-error
    await assert.rejects(fake.setHealth(), { code: 'ERR_INVALID_ARG_TYPE', message: /health/ })
    // @ts-expect-error
    await assert.rejects(fake.setExposed('yes'), { code: 'ERR_INVALID_ARG_TYPE', message: /expose.*'yes'/ })
    assert.equal(fileOf(fake), before)
  })
})
