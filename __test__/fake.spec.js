// Does the fake publish exactly what Osaurus publishes, and live and end as Osaurus does?
'use strict'
const assert = require('node:assert/strict')
const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')
const { describe, test } = require('node:test')
const { setTimeout: delay } = require('node:timers/promises')
const { discoverLatestRunningInstance } = require('../index.js')
const { startFakeOsaurus } = require('../testing.js')
const { temporaryFolder } = require('./fake/folder.js')

const UUID = /^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/

/**
 * @typedef {import('osaurus-discovery/testing').FakeOsaurus} FakeOsaurus
 * @typedef {import('osaurus-discovery/testing').FakeOsaurusOptions} FakeOsaurusOptions
 */

/**
 * @param {import('node:test').TestContext} t
 * @param {FakeOsaurusOptions} [options]
 */
async function start(t, options) {
  const fake = await startFakeOsaurus(options)
  t.after(() => fake.stop())
  return fake
}

/** @param {FakeOsaurus} fake */
const folderOf = (fake) => path.join(fake.baseDir, fake.instance.instanceId)
/** @param {FakeOsaurus} fake */
const fileOf = (fake) => fs.readFileSync(path.join(folderOf(fake), 'configuration.json'), 'utf8')
/** @param {number} ms */
const seconds = (ms) => new Date(ms).toISOString().replace('.000Z', 'Z')

/**
 * What becomes of a new connection; `fetch` could use one it has kept.
 * @param {number} port
 * @param {string} [host]
 * @returns {Promise<string | undefined>}
 */
function connect(port, host = '127.0.0.1') {
  return new Promise((resolve) => {
    const socket = net.connect(port, host)
    socket.once('error', (/** @type {NodeJS.ErrnoException} */ error) => resolve(error.code))
    socket.once('connect', () => {
      socket.destroy()
      resolve('connected')
    })
  })
}

/** Addresses of this machine besides 127.0.0.1. */
function otherAddresses() {
  const all = Object.values(os.networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const external = all.filter(({ family, internal }) => family === 'IPv4' && !internal)
  // Linux answers for the whole of 127.0.0.0/8.
  return [...external.map(({ address }) => address), ...(process.platform === 'linux' ? ['127.0.0.2'] : [])]
}

/** @param {FakeOsaurus} fake */
const reach = (fake) => connect(Number(new URL(fake.url).port))

describe('the file', () => {
  test('has seven fields while running, byte for byte as Apple prints them', async (t) => {
    const fake = await start(t)
    const { instanceId, port, updatedAt } = fake.instance
    assert.equal(
      fileOf(fake),
      `{
  "address" : "127.0.0.1",
  "exposeToNetwork" : false,
  "health" : "running",
  "instanceId" : "${instanceId}",
  "port" : ${port},
  "updatedAt" : "${seconds(updatedAt)}",
  "url" : "http:\\/\\/127.0.0.1:${port}"
}`,
    )
  })

  for (const health of /** @type {const} */ (['starting', 'restarting'])) {
    test(`has three fields while ${health}`, async (t) => {
      const fake = await start(t)
      await fake.setHealth(health)
      const { instanceId, updatedAt } = fake.instance
      const lines = [
        `"health" : "${health}"`,
        `"instanceId" : "${instanceId}"`,
        `"updatedAt" : "${seconds(updatedAt)}"`,
      ]
      assert.equal(fileOf(fake), `{\n  ${lines.join(',\n  ')}\n}`)
    })
  }

  test('carries the LAN address while exposed', async (t) => {
    const fake = await start(t, { exposeToNetwork: true })
    const { address, exposeToNetwork, port, url } = JSON.parse(fileOf(fake))
    const expected = { address: '192.0.2.1', exposeToNetwork: true, url: `http://192.0.2.1:${port}` }
    assert.deepEqual({ address, exposeToNetwork, url }, expected)
  })

  test('writes an IPv6 address in brackets in the url', async (t) => {
    const fake = await start(t, { exposeToNetwork: true, lanAddress: '2001:db8::1' })
    assert.equal(JSON.parse(fileOf(fake)).address, '2001:db8::1')
    assert.equal(JSON.parse(fileOf(fake)).url, `http://[2001:db8::1]:${fake.instance.port}`)
  })

  test('tells the time in whole seconds, never one to come', async (t) => {
    const before = Date.now()
    const fake = await start(t)
    assert.match(JSON.parse(fileOf(fake)).updatedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    assert.ok(fake.instance.updatedAt > before - 1000 && fake.instance.updatedAt <= Date.now())
  })

  test('stands in a folder named by its upper-case instance id, and touches it', async (t) => {
    const fake = await start(t)
    assert.match(fake.instance.instanceId, UUID)
    assert.deepEqual(fs.readdirSync(fake.baseDir), [fake.instance.instanceId])
    assert.deepEqual(fs.readdirSync(folderOf(fake)), ['configuration.json'])
    fs.utimesSync(folderOf(fake), 1, 1)
    const before = Date.now()
    await fake.setHealth('running')
    assert.ok(fs.statSync(folderOf(fake)).mtimeMs >= before - 1)
  })

  test('is replaced whole: no reader ever sees a part of it, or another name', async (t) => {
    const fake = await start(t)
    const file = path.join(folderOf(fake), 'configuration.json')
    const names = new Set()
    let reads = 0
    let writing = true
    const reading = (async () => {
      while (writing) {
        assert.equal(
          JSON.parse(await fs.promises.readFile(file, 'utf8')).instanceId,
          fake.instance.instanceId,
        )
        for (const name of await fs.promises.readdir(fake.baseDir)) names.add(name)
        reads++
      }
    })()
    const inodes = new Set()
    for (let i = 0; i < 200; i++) {
      await fake.setHealth(i % 2 ? 'running' : 'restarting')
      inodes.add(fs.statSync(file).ino)
    }
    writing = false
    await reading
    assert.ok(reads > 10)
    assert.ok(inodes.size > 1, 'a new file each time, not the old one overwritten')
    assert.deepEqual([...names], [fake.instance.instanceId])
  })

  test('writes its temporary file hidden, in the folder of the instance', async (t) => {
    const fake = await start(t)
    const seen = new Set()
    const watcher = fs.watch(folderOf(fake), (_, name) => seen.add(name))
    t.after(() => watcher.close())
    for (let tries = 0; tries < 500 && seen.size < 4; tries++) {
      await fake.setHealth('running')
      await delay(2)
    }
    // A touched folder is reported by its own name.
    const known = ['configuration.json', fake.instance.instanceId]
    const others = [...seen].filter((name) => !known.includes(name))
    assert.ok(others.length > 0)
    for (const name of others) assert.match(name, /^\./)
  })
})

describe('instance', () => {
  test('reads as it is published, in the words of discovery', async (t) => {
    const fake = await start(t)
    const { updatedAt, health, ...rest } = JSON.parse(fileOf(fake))
    assert.deepEqual(fake.instance, { ...rest, updatedAt: Date.parse(updatedAt) })
    assert.equal(health, 'running')
    assert.equal(fake.url, `http://127.0.0.1:${fake.instance.port}`)
  })

  test('has only an id and a time while starting, and the url is known already', async (t) => {
    const fake = await start(t, { health: 'starting' })
    assert.deepEqual(Object.keys(fake.instance), ['instanceId', 'updatedAt'])
    const { url } = fake
    await fake.setHealth('running')
    assert.equal(fake.instance.url, url)
  })

  test('stays as it was after a crash and after stop', async (t) => {
    const fake = await start(t)
    const { instance } = fake
    await fake.crash()
    assert.deepEqual(fake.instance, instance)
    await fake.stop()
    assert.deepEqual(fake.instance, instance)
  })
})

describe('discovery', () => {
  test('finds it as it is published', async (t) => {
    for (const exposeToNetwork of [false, true]) {
      const fake = await start(t, { exposeToNetwork })
      assert.deepEqual(await discoverLatestRunningInstance({ baseDir: fake.baseDir }), fake.instance)
      assert.equal(fake.connections, 0)
    }
  })

  test('knows it by its banner, with one request, over loopback also while exposed', async (t) => {
    for (const exposeToNetwork of [false, true]) {
      const fake = await start(t, { exposeToNetwork })
      const found = await discoverLatestRunningInstance({ baseDir: fake.baseDir, verify: true })
      assert.deepEqual(found, { ...fake.instance, url: fake.url })
      assert.deepEqual(
        fake.requests.map(({ method, url }) => [method, url]),
        [['GET', '/']],
      )
    }
  })

  test('reaches the kit from an ES module too', async () => {
    assert.equal((await import('osaurus-discovery/testing')).startFakeOsaurus, startFakeOsaurus)
  })
})

describe('starting', () => {
  test('listens on nothing before it runs', async (t) => {
    const fake = await start(t, { health: 'starting' })
    assert.equal(await reach(fake), 'ECONNREFUSED')
    await fake.setHealth('running')
    assert.equal((await fetch(fake.url)).status, 200)
    await fake.setHealth('restarting')
    assert.equal(await reach(fake), 'ECONNREFUSED')
    await fake.setHealth('running')
    assert.equal((await fetch(fake.url)).status, 200)
  })

  test('keeps its id over all states of health', async (t) => {
    const fake = await start(t, { health: 'starting' })
    const { instanceId } = fake.instance
    for (const health of /** @type {const} */ (['running', 'restarting', 'running', 'starting'])) {
      await fake.setHealth(health)
      assert.equal(fake.instance.instanceId, instanceId)
    }
    assert.deepEqual(fs.readdirSync(fake.baseDir), [instanceId])
  })

  test('takes the port it is given, and no other than loopback', async (t) => {
    const first = await start(t)
    const { port } = first.instance
    await first.stop()
    const fake = await start(t, { port, exposeToNetwork: true })
    assert.equal(fake.instance.port, port)
    assert.equal(await reach(fake), 'connected')
    for (const host of otherAddresses()) assert.equal(await connect(port, host), 'ECONNREFUSED')
  })

  test('chooses a port that no outgoing connection is given', async (t) => {
    const fakes = await Promise.all(Array.from({ length: 20 }, () => start(t)))
    const ports = fakes.map(({ instance }) => instance.port)
    assert.equal(new Set(ports).size, 20)
    assert.ok(ports.every((port) => port >= 20000 && port < 32000))
  })
})

describe('crash and relaunch', () => {
  test('a crash frees the port and leaves the file as it was', async (t) => {
    const fake = await start(t)
    const before = fileOf(fake)
    await fake.crash()
    assert.equal(await reach(fake), 'ECONNREFUSED')
    assert.equal(fileOf(fake), before)
    await fake.crash()
    assert.equal(fileOf(fake), before)
  })

  test('a crash cuts what was in flight', async (t) => {
    const fake = await start(t)
    fake.suspend()
    const asked = fetch(fake.url).catch((error) => error.cause.code)
    while (fake.requests.length === 0) await delay(1)
    await fake.crash()
    assert.match(await asked, /UND_ERR_SOCKET|ECONNRESET/)
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

  test('a relaunch of a running one quits it properly first', async (t) => {
    const fake = await start(t, { exposeToNetwork: true })
    const old = fake.instance
    await fake.relaunch()
    assert.deepEqual(fs.readdirSync(fake.baseDir), [fake.instance.instanceId])
    assert.notEqual(fake.instance.instanceId, old.instanceId)
    assert.equal(fake.instance.port, old.port)
    assert.equal(fake.instance.exposeToNetwork, true)
  })

  test('a relaunch of a starting one runs', async (t) => {
    const fake = await start(t, { health: 'starting' })
    await fake.relaunch()
    assert.equal((await fetch(fake.instance.url)).status, 200)
  })

  test('a relaunch onto a port that was taken meanwhile says so, and can be tried again', async (t) => {
    const fake = await start(t)
    const { port } = fake.instance
    await fake.crash()
    const thief = net.createServer().listen(port, '127.0.0.1')
    t.after(() => thief.close())
    await new Promise((resolve) => thief.once('listening', resolve))
    await assert.rejects(fake.relaunch(), {
      code: 'EADDRINUSE',
      message: new RegExp(`port ${port} is in use`),
    })
    await new Promise((resolve) => thief.close(resolve))
    await fake.relaunch()
    assert.equal((await fetch(fake.url)).status, 200)
  })
})

describe('exposing', () => {
  test('is published at once, and taken back', async (t) => {
    const fake = await start(t, { lanAddress: '192.0.2.7' })
    await fake.setExposed(true)
    assert.equal(fake.instance.url, `http://192.0.2.7:${fake.instance.port}`)
    assert.equal(JSON.parse(fileOf(fake)).exposeToNetwork, true)
    assert.notEqual(fake.url, fake.instance.url)
    await fake.setExposed(false)
    assert.equal(fake.instance.url, fake.url)
  })

  test('while starting is published once it runs', async (t) => {
    const fake = await start(t, { health: 'starting' })
    const before = fileOf(fake)
    await fake.setExposed(true)
    assert.equal(fileOf(fake), before)
    await fake.setHealth('running')
    assert.equal(fake.instance.exposeToNetwork, true)
  })
})

describe('calls in any order', () => {
  test('are carried out one after the other', async (t) => {
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

  test('a call that fails does not hinder the next', async (t) => {
    const fake = await start(t)
    const [, failed, done] = await Promise.allSettled([
      fake.crash(),
      fake.setHealth('running'),
      fake.relaunch(),
    ])
    assert.equal(failed.status, 'rejected')
    assert.equal(done.status, 'fulfilled')
  })

  test('after a crash say that relaunch() is needed', async (t) => {
    const fake = await start(t)
    await fake.crash()
    const expected = { code: 'ERR_INVALID_STATE', message: /has crashed\. relaunch\(\) starts it again/ }
    await assert.rejects(fake.setHealth('running'), expected)
    await assert.rejects(fake.setExposed(true), expected)
    assert.throws(() => fake.suspend(), expected)
    fake.resume()
  })

  test('after stop say that another one is needed', async (t) => {
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

  test('with a wrong argument reject and change nothing', async (t) => {
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

describe('in a folder that is named', () => {
  test('makes the parents it needs, and removes them again', async (t) => {
    const root = temporaryFolder(t)
    const baseDir = path.join(root, 'home', '.osaurus', 'runtime')
    const fake = await start(t, { baseDir })
    assert.equal(fake.baseDir, baseDir)
    await fake.stop()
    assert.deepEqual(fs.readdirSync(root), [])
  })

  test('leaves alone what is not its own', async (t) => {
    const baseDir = temporaryFolder(t)
    fs.mkdirSync(path.join(baseDir, 'somebody'))
    const fake = await start(t, { baseDir })
    await fake.crash()
    await fake.relaunch()
    await fake.stop()
    assert.deepEqual(fs.readdirSync(baseDir), ['somebody'])
  })

  test('leaves the folder that it made to those who moved in', async (t) => {
    const root = temporaryFolder(t)
    const baseDir = path.join(root, 'runtime')
    const first = await start(t, { baseDir })
    const second = await start(t, { baseDir })
    await first.stop()
    assert.deepEqual(fs.readdirSync(baseDir), [second.instance.instanceId])
  })

  test('comes back where it was removed under its feet, and stops all the same', async (t) => {
    const root = temporaryFolder(t)
    const baseDir = path.join(root, 'runtime')
    const fake = await start(t, { baseDir })
    fs.rmSync(baseDir, { recursive: true })
    await fake.setHealth('running')
    assert.equal(JSON.parse(fileOf(fake)).health, 'running')
    fs.rmSync(baseDir, { recursive: true })
    fs.writeFileSync(baseDir, 'a file')
    await fake.stop()
    assert.deepEqual(fs.readdirSync(root), ['runtime'])
  })
})
