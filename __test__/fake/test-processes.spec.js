// Tests helpers of other tests: a fake in a separate process, and stub servers.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { dial } = require('../support/fake/raw.js')
const { startFakeProcess } = require('../support/fake-process.js')
const stubServers = require('../support/stub-servers.js')

// Generous: only a call that never settles takes so long.
const HANGS = { timeout: 120_000 }

describe('a fake in a separate process', HANGS, () => {
  test('startFakeProcess() starts another process that carries out calls', async (t) => {
    const fake = await startFakeProcess({ health: 'starting', models: ['a'] })
    t.after(() => fake.stop())
    assert.notEqual(fake.pid, process.pid)
    assert.equal(fake.instance.port, undefined)
    await fake.setHealth('running')
    assert.equal((await fetch(fake.instance.url)).status, 200)
    const { instanceId } = fake.instance
    await fake.relaunch()
    assert.notEqual(fake.instance.instanceId, instanceId)
    await fake.setExposed(true)
    assert.equal((await fetch(`${fake.url}/v1/models`)).status, 401)
    assert.deepEqual(
      (await fake.requests()).map(({ url }) => url),
      ['/', '/v1/models'],
    )
    assert.ok((await fake.connections()) >= 1)
    await assert.rejects(fake.setHealth(/** @type {any} */ ('off')), { code: 'ERR_INVALID_ARG_VALUE' })
  })

  test('a killed fake process leaves its file until stop()', async () => {
    const fake = await startFakeProcess()
    await fake.kill('SIGKILL')
    assert.deepEqual(fs.readdirSync(fake.baseDir), [fake.instance.instanceId])
    assert.throws(() => process.kill(fake.pid, 0))
    await assert.rejects(fake.relaunch())
    await fake.stop()
    await fake.stop()
    assert.equal(fs.existsSync(fake.baseDir), false)
  })

  test('a fake process stopped by SIGSTOP accepts and sends nothing until SIGCONT', async (t) => {
    const fake = await startFakeProcess()
    t.after(() => fake.stop())
    await fake.kill('SIGSTOP')
    await assert.rejects(fetch(fake.url, { signal: AbortSignal.timeout(100) }), { name: 'TimeoutError' })
    await fake.kill('SIGCONT')
    assert.equal((await fetch(fake.url)).status, 200)
  })

  test('stop() of a fake process removes only its own directories', async (t) => {
    const baseDir = temporaryDirectory(t)
    fs.mkdirSync(path.join(baseDir, 'other'))
    const fake = await startFakeProcess({ baseDir })
    await fake.relaunch()
    await fake.kill('SIGSTOP')
    await fake.stop()
    assert.deepEqual(fs.readdirSync(baseDir), ['other'])
  })

  test('startFakeProcess() rejects with the error of the fake', async () => {
    await assert.rejects(startFakeProcess({ port: 70000 }), { code: 'ERR_OUT_OF_RANGE' })
  })
})

describe('stub servers', HANGS, () => {
  /** @type {[keyof typeof stubServers, RegExp][]} */
  const finite = [
    ['osaurus', /^HTTP\/1.1 200 OK\r\n[^]*\r\n\r\nOsaurus Server is running! 🦕$/],
    ['anotherServer', /^HTTP\/1.1 200 OK\r\n[^]*\r\n\r\nJan is running\.$/],
    ['failing', /^HTTP\/1.1 500 [^]*Osaurus Server is running! 🦕$/],
    ['garbage', /^(?!HTTP)[^]{500}/],
    ['redirect', /^HTTP\/1.1 302 Found\r\n[^]*Location: http:\/\/127\.0\.0\.1:9\/\r\n/],
    ['closing', /^$/],
    ['trickle', /Osaurus Server is running! 🦕$/],
  ]
  for (const [name, pattern] of finite) {
    test(`the stub server ${name} sends its answer and closes`, async (t) => {
      const stub = await stubServers[name]({ location: 'http://127.0.0.1:9/', everyMs: 1 })
      t.after(() => stub.stop())
      const line = dial(`http://127.0.0.1:${stub.port}`)
      line.socket.write('GET / HTTP/1.1\r\n\r\n')
      await line.closed
      assert.match(line.received, pattern)
      assert.equal(stub.connections, 1)
    })
  }

  test('the endless stub servers send more than 4 MiB', async (t) => {
    for (const startStub of [stubServers.endless, stubServers.endlessHead]) {
      const stub = await startStub()
      t.after(() => stub.stop())
      const line = dial(`http://127.0.0.1:${stub.port}`)
      await line.send('GET / HTTP/1.1\r\n\r\n')
      while (line.received.length < 4 * 2 ** 20)
        await new Promise((resolve) => line.socket.once('data', resolve))
      line.socket.destroy()
    }
  })

  test('the stub servers halfHead and silent stay open without a whole answer', async (t) => {
    for (const [startStub, sent] of /** @type {const} */ ([
      [stubServers.halfHead, 'HTTP/1.1 200 OK\r\nContent-Type: text/pl'],
      [stubServers.silent, ''],
    ])) {
      const stub = await startStub()
      t.after(() => stub.stop())
      const line = dial(`http://127.0.0.1:${stub.port}`)
      await line.send('GET / HTTP/1.1\r\n\r\n')
      await new Promise((resolve) => setTimeout(resolve, 50))
      assert.equal(line.received, sent)
      assert.equal(line.socket.destroyed, false)
      assert.equal(stub.received, 'GET / HTTP/1.1\r\n\r\n')
      line.socket.destroy()
    }
  })

  test('a stub server listens on the given host and port', async (t) => {
    const first = await stubServers.osaurus({ host: '::1' })
    await first.stop()
    const second = await stubServers.anotherServer({ host: '::1', port: first.port })
    t.after(() => second.stop())
    assert.equal(second.port, first.port)
    assert.equal(await (await fetch(`http://[::1]:${first.port}/`)).text(), 'Jan is running.')
  })
})
