// Tests the file that the fake publishes: its contents, its place and how it is written.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')
const { setTimeout: delay } = require('node:timers/promises')
const { discoverLatestRunningInstance } = require('../../index.js')
const { startFakeOsaurus } = require('../../testing.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { fileOf, directoryOf, pathOf, start } = require('../support/fake/start.js')

// Generous: only a call that never settles takes so long.
const HANGS = { timeout: 120_000 }

const UUID = /^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/

/** @param {number} ms */
const seconds = (ms) => new Date(ms).toISOString().replace('.000Z', 'Z')

describe('the file', HANGS, () => {
  test('the file has seven fields while running, byte for byte as Apple prints them', async (t) => {
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
    test(`the file has three fields while ${health}`, async (t) => {
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

  test('the file carries the LAN address while exposed', async (t) => {
    const fake = await start(t, { exposeToNetwork: true })
    const { address, exposeToNetwork, port, url } = JSON.parse(fileOf(fake))
    const expected = { address: '192.0.2.1', exposeToNetwork: true, url: `http://192.0.2.1:${port}` }
    assert.deepEqual({ address, exposeToNetwork, url }, expected)
  })

  test('the url has an IPv6 address in brackets', async (t) => {
    const fake = await start(t, { exposeToNetwork: true, lanAddress: '2001:db8::1' })
    assert.equal(JSON.parse(fileOf(fake)).address, '2001:db8::1')
    assert.equal(JSON.parse(fileOf(fake)).url, `http://[2001:db8::1]:${fake.instance.port}`)
  })

  test('updatedAt has whole seconds and is never in the future', async (t) => {
    const before = Date.now()
    const fake = await start(t)
    assert.match(JSON.parse(fileOf(fake)).updatedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    assert.ok(fake.instance.updatedAt > before - 1000 && fake.instance.updatedAt <= Date.now())
  })

  test('the directory is named by the upper-case instance id, and its time is updated', async (t) => {
    const fake = await start(t)
    assert.match(fake.instance.instanceId, UUID)
    assert.deepEqual(fs.readdirSync(fake.baseDir), [fake.instance.instanceId])
    assert.deepEqual(fs.readdirSync(directoryOf(fake)), ['configuration.json'])
    fs.utimesSync(directoryOf(fake), 1, 1)
    const before = Date.now()
    await fake.setHealth('running')
    assert.ok(fs.statSync(directoryOf(fake)).mtimeMs >= before - 1)
  })

  test('the time of the directory is updated after each write that says running', async (t) => {
    const fake = await start(t)
    const touched = new Promise((resolve) => {
      // A watch of the base directory reports the directory itself, and not the files in it.
      const watcher = fs.watch(fake.baseDir, (_, name) => name === fake.instance.instanceId && resolve(name))
      t.after(() => watcher.close())
    })
    await fake.setHealth('running')
    await touched
  })

  test('the file is replaced atomically: a reader never sees a part of it, or another name', async (t) => {
    const fake = await start(t)
    const file = pathOf(fake)
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
    assert.ok(inodes.size > 1, 'each write creates a new file')
    assert.deepEqual([...names], [fake.instance.instanceId])
  })

  test('the temporary file is hidden, in the directory of the instance', async (t) => {
    const fake = await start(t)
    const seen = new Set()
    const watcher = fs.watch(directoryOf(fake), (_, name) => seen.add(name))
    t.after(() => watcher.close())
    for (let tries = 0; tries < 500 && seen.size < 4; tries++) {
      await fake.setHealth('running')
      await delay(2)
    }
    // An updated time of the directory is reported under the directory's own name.
    const known = ['configuration.json', fake.instance.instanceId]
    const others = [...seen].filter((name) => !known.includes(name))
    assert.ok(others.length > 0)
    for (const name of others) assert.match(name, /^\./)
  })
})

describe('instance', HANGS, () => {
  test('instance has the published values in the form of discovery', async (t) => {
    const fake = await start(t)
    const { updatedAt, health, ...rest } = JSON.parse(fileOf(fake))
    assert.deepEqual(fake.instance, { ...rest, updatedAt: Date.parse(updatedAt) })
    assert.equal(health, 'running')
    assert.equal(fake.url, `http://127.0.0.1:${fake.instance.port}`)
  })

  test('instance has only an id and a time while starting, and url is known already', async (t) => {
    const fake = await start(t, { health: 'starting' })
    assert.deepEqual(Object.keys(fake.instance), ['instanceId', 'updatedAt'])
    const { url } = fake
    await fake.setHealth('running')
    assert.equal(fake.instance.url, url)
  })

  test('instance stays as it was after a crash and after stop()', async (t) => {
    const fake = await start(t)
    const { instance } = fake
    await fake.crash()
    assert.deepEqual(fake.instance, instance)
    await fake.stop()
    assert.deepEqual(fake.instance, instance)
  })
})

describe('discovery', HANGS, () => {
  test('discovery finds the instance as it is published, without a connection', async (t) => {
    for (const exposeToNetwork of [false, true]) {
      const fake = await start(t, { exposeToNetwork })
      assert.deepEqual(await discoverLatestRunningInstance({ baseDir: fake.baseDir }), fake.instance)
      assert.equal(fake.connections, 0)
    }
  })

  test('discovery verifies the fake with one request over loopback, also while exposed', async (t) => {
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

  test('an ES module imports the same function', async () => {
    assert.equal((await import('osaurus-discovery/testing')).startFakeOsaurus, startFakeOsaurus)
  })
})

describe('in a named directory', HANGS, () => {
  test('stop() removes the parent directories that the fake created', async (t) => {
    const root = temporaryDirectory(t)
    const baseDir = path.join(root, 'home', '.osaurus', 'runtime')
    const fake = await start(t, { baseDir })
    assert.equal(fake.baseDir, baseDir)
    await fake.stop()
    assert.deepEqual(fs.readdirSync(root), [])
  })

  test('stop() leaves the directories of others', async (t) => {
    const baseDir = temporaryDirectory(t)
    fs.mkdirSync(path.join(baseDir, 'other'))
    const fake = await start(t, { baseDir })
    await fake.crash()
    await fake.relaunch()
    await fake.stop()
    assert.deepEqual(fs.readdirSync(baseDir), ['other'])
  })

  test('stop() leaves a directory that it created to another fake that uses it', async (t) => {
    const root = temporaryDirectory(t)
    const baseDir = path.join(root, 'runtime')
    const first = await start(t, { baseDir })
    const second = await start(t, { baseDir })
    await first.stop()
    assert.deepEqual(fs.readdirSync(baseDir), [second.instance.instanceId])
  })

  test('a publish creates a removed base directory again, and stop() works without it', async (t) => {
    const root = temporaryDirectory(t)
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
