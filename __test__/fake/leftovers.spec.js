// Tests that a fake leaves nothing behind when it stops, cannot start, or its process ends.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')
const { describe, test } = require('node:test')
const { setImmediate: turn } = require('node:timers/promises')
const { startFakeOsaurus } = require('../../testing.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { runNode } = require('../support/run-node.js')

// Generous: only a call that never settles takes so long.
const HANGS = { timeout: 120_000 }

/**
 * Makes a directory the system's temporary one during the test.
 * @param {import('node:test').TestContext} t
 * @param {string} directory
 */
function useAsTemporaryDirectory(t, directory) {
  for (const name of ['TMPDIR', 'TMP', 'TEMP']) {
    const before = process.env[name]
    process.env[name] = directory
    t.after(() => (before === undefined ? delete process.env[name] : (process.env[name] = before)))
  }
  assert.equal(os.tmpdir(), directory)
}

/** Whether a server listens there. @param {string} url */
function listens(url) {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = net.connect(Number(port), hostname)
    socket.once('error', () => resolve(false)).once('connect', () => resolve(socket.destroy() !== undefined))
  })
}

describe('after stop()', HANGS, () => {
  test('stop() leaves no directory, port, handle or timer', async () => {
    const before = process.getActiveResourcesInfo().sort()
    const listeners = process.listenerCount('exit')

    const fake = await startFakeOsaurus()
    const idle = net.connect(fake.instance.port, '127.0.0.1')
    const cut = new Promise((resolve) => idle.on('error', () => {}).once('close', resolve))
    await new Promise((resolve) => idle.once('connect', resolve))
    idle.resume()
    await fake.crash()
    await fake.relaunch()
    await fake.setHealth('starting')
    await fake.setHealth('running')
    fake.suspend()
    assert.ok(process.getActiveResourcesInfo().includes('TCPServerWrap'))
    assert.equal(process.listenerCount('exit'), listeners + 1)
    await cut
    await fake.stop()

    assert.deepEqual(process.getActiveResourcesInfo().sort(), before)
    assert.equal(process.listenerCount('exit'), listeners)
    assert.equal(fs.existsSync(fake.baseDir), false)
    assert.equal(await listens(fake.url), false)
  })

  test('twenty fakes at once cause no warning of leaked listeners', async () => {
    /** @type {Error[]} */
    const warnings = []
    const listen = (/** @type {Error} */ warning) => warnings.push(warning)
    process.on('warning', listen)
    const fakes = await Promise.all(Array.from({ length: 20 }, () => startFakeOsaurus()))
    await Promise.all(fakes.map((fake) => fake.stop()))
    await turn()
    process.off('warning', listen)
    assert.deepEqual(warnings, [])
  })

  test('`await using` stops a fake', { skip: !Symbol.asyncDispose }, async () => {
    const fake = await startFakeOsaurus()
    await fake[Symbol.asyncDispose]()
    assert.equal(fs.existsSync(fake.baseDir), false)
  })

  for (const how of ['stop', 'use and stop']) {
    test(`the process exits by itself (${how})`, async () => {
      const { code, signal, stdout, stderr } = await runNode([
        path.join(__dirname, '..', 'support', 'fake', 'user.js'),
        how,
      ])
      assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
      assert.equal(fs.existsSync(JSON.parse(stdout).baseDir), false)
    })
  }
})

describe('a start that fails', HANGS, () => {
  test('a port in use rejects, names the port and leaves no directory', async (t) => {
    const root = temporaryDirectory(t)
    useAsTemporaryDirectory(t, root)
    const otherServer = net.createServer().listen(0, '127.0.0.1')
    t.after(() => otherServer.close())
    await new Promise((resolve) => otherServer.once('listening', resolve))
    const { port } = /** @type {net.AddressInfo} */ (otherServer.address())
    for (const options of [{ port }, { port, health: /** @type {const} */ ('starting') }]) {
      await assert.rejects(startFakeOsaurus(options), {
        code: 'EADDRINUSE',
        message: new RegExp(`port ${port} is in use`),
      })
    }
    await assert.rejects(startFakeOsaurus({ port, baseDir: path.join(root, 'a', 'b') }), {
      code: 'EADDRINUSE',
    })
    assert.deepEqual(fs.readdirSync(root), [])
  })

  test('an unusable temporary directory rejects, names it and says what to set', async (t) => {
    const missing = path.join(temporaryDirectory(t), 'missing')
    useAsTemporaryDirectory(t, missing)
    await assert.rejects(startFakeOsaurus(), ({ code, message }) => {
      assert.equal(code, 'ENOENT')
      assert.ok(message.includes(`cannot create a directory in ${missing}`), message)
      assert.match(message, /Set TMPDIR .* or pass `baseDir`/)
      return true
    })
  })

  /** @type {Array<[sentence: string, base: (root: string) => string]>} */
  const places = [
    ['below a file', (root) => path.join(root, 'file', 'runtime')],
    ['that is a file', (root) => path.join(root, 'file')],
    ['below a dangling link', (root) => path.join(root, 'link', 'runtime')],
  ]
  // The kernel reports ENOENT for names that cannot be created there.
  if (process.platform === 'linux') places.push(['in /proc', () => '/proc/osaurus/runtime'])

  for (const [sentence, base] of places)
    test(
      `a base directory ${sentence} rejects, names the directory and leaves the port free`,
      HANGS,
      async (t) => {
        const root = temporaryDirectory(t)
        fs.writeFileSync(path.join(root, 'file'), '')
        fs.symlinkSync(path.join(root, 'nowhere'), path.join(root, 'link'), 'junction')
        const before = fs.readdirSync(root)
        const probe = await startFakeOsaurus()
        await probe.stop()
        const { port } = probe.instance
        const baseDir = base(root)
        await assert.rejects(startFakeOsaurus({ port, baseDir }), ({ code, message }) => {
          assert.match(code, /^ENO(ENT|TDIR)$/)
          assert.ok(message.includes(`cannot publish in ${baseDir}: ${code}`), message)
          assert.match(message, /Choose another `baseDir`/)
          return true
        })
        assert.equal(await listens(probe.url), false)
        assert.deepEqual(fs.readdirSync(root), before)
      },
    )
})

describe('wrong options', HANGS, () => {
  const cases = /** @type {const} */ ([
    ['null', null, 'ERR_INVALID_ARG_TYPE', /"options".*Received null/],
    ['a number', 5, 'ERR_INVALID_ARG_TYPE', /"options".*\(5\)/],
    ['an array', [], 'ERR_INVALID_ARG_TYPE', /"options".*Array/],
    ['an unknown option', { prot: 1337 }, 'ERR_INVALID_ARG_VALUE', /options\.prot.*Did you mean 'port'/],
    [
      'a relative baseDir',
      { baseDir: 'runtime' },
      'ERR_INVALID_ARG_VALUE',
      /options\.baseDir.*absolute.*'runtime'/,
    ],
    ['an empty baseDir', { baseDir: '' }, 'ERR_INVALID_ARG_VALUE', /options\.baseDir/],
    [
      'a baseDir with a NUL byte',
      { baseDir: '/tmp/a\0b' },
      'ERR_INVALID_ARG_VALUE',
      /options\.baseDir.*null bytes/,
    ],
    ['a baseDir of another type', { baseDir: 7 }, 'ERR_INVALID_ARG_TYPE', /options\.baseDir.*\(7\)/],
    ['a port that is a string', { port: '1337' }, 'ERR_INVALID_ARG_TYPE', /options\.port.*'1337'/],
    ['a port above 65535', { port: 65536 }, 'ERR_OUT_OF_RANGE', /options\.port.*Received 65536/],
    ['a port below 0', { port: -1 }, 'ERR_OUT_OF_RANGE', /options\.port.*Received -1/],
    ['a fraction of a port', { port: 1337.5 }, 'ERR_OUT_OF_RANGE', /options\.port.*1337\.5/],
    ['a port that is NaN', { port: NaN }, 'ERR_OUT_OF_RANGE', /options\.port.*NaN/],
    [
      'exposeToNetwork as a string',
      { exposeToNetwork: 'yes' },
      'ERR_INVALID_ARG_TYPE',
      /options\.exposeToNetwork.*'yes'/,
    ],
    [
      'a lanAddress that is a name',
      { lanAddress: 'mac.local' },
      'ERR_INVALID_ARG_VALUE',
      /options\.lanAddress.*'mac\.local'/,
    ],
    ['a lanAddress of another type', { lanAddress: 1 }, 'ERR_INVALID_ARG_TYPE', /options\.lanAddress/],
    ['an empty accessKey', { accessKey: '' }, 'ERR_INVALID_ARG_VALUE', /options\.accessKey/],
    [
      'an accessKey with a line break',
      { accessKey: 'a\r\nb' },
      'ERR_INVALID_ARG_VALUE',
      /options\.accessKey/,
    ],
    [
      'a health it cannot start with',
      { health: 'restarting' },
      'ERR_INVALID_ARG_VALUE',
      /options\.health.*'restarting'/,
    ],
    ['a health that is null', { health: null }, 'ERR_INVALID_ARG_TYPE', /options\.health.*null/],
    ['models that are a string', { models: 'llama' }, 'ERR_INVALID_ARG_TYPE', /options\.models.*'llama'/],
    ['a model of another type', { models: ['a', 1] }, 'ERR_INVALID_ARG_TYPE', /options\.models\[1\].*\(1\)/],
    ['a model without a name', { models: [''] }, 'ERR_INVALID_ARG_VALUE', /options\.models\[0\]/],
    ['a key of another type', { accessKeys: [1] }, 'ERR_INVALID_ARG_TYPE', /options\.accessKeys\[0\]/],
    ['an empty key', { accessKeys: [''] }, 'ERR_INVALID_ARG_VALUE', /options\.accessKeys\[0\]/],
    [
      'accessKey beside accessKeys',
      { accessKey: 'a', accessKeys: ['b'] },
      'ERR_INVALID_ARG_VALUE',
      /options\.accessKey.*options\.accessKeys/,
    ],
    [
      'an origin with a path',
      { corsOrigins: ['http://localhost:3000/'] },
      'ERR_INVALID_ARG_VALUE',
      /options\.corsOrigins\[0\].*origin/,
    ],
    ['a negative delay', { slow: -1 }, 'ERR_OUT_OF_RANGE', /options\.slow.*-1/],
    ['a delay as a string', { wordDelayMs: '5' }, 'ERR_INVALID_ARG_TYPE', /options\.wordDelayMs/],
    ['an answer that is not a function', { answer: 'Hi' }, 'ERR_INVALID_ARG_TYPE', /options\.answer/],
  ])
  for (const [name, options, code, message] of cases) {
    test(`startFakeOsaurus() rejects and does not throw: ${name}`, async () => {
      const started = startFakeOsaurus(/** @type {any} */ (options))
      await assert.rejects(started, { code, message })
    })
  }

  test('an option that is undefined has its default', async () => {
    const nothing = { baseDir: undefined, port: undefined, health: undefined, models: undefined }
    await (await startFakeOsaurus(nothing)).stop()
    await (await startFakeOsaurus({ port: 0 })).stop()
  })

  test('an inherited option is validated', async () => {
    const rejected = startFakeOsaurus(Object.create({ port: -1 }))
    await assert.rejects(rejected, { code: 'ERR_OUT_OF_RANGE' })
  })
})

describe('a process that ends without stop()', HANGS, () => {
  for (const [how, code] of /** @type {const} */ ([
    ['exit', 7],
    ['exit after a crash', 7],
    ['throw', 1],
    ['fail', 7],
  ])) {
    test(`a process removes its directories and keeps its exit code (${how})`, async (t) => {
      const temporary = await runNode([path.join(__dirname, '..', 'support', 'fake', 'user.js'), how])
      assert.equal(temporary.code, code)
      assert.equal(fs.existsSync(JSON.parse(temporary.stdout).baseDir), false)

      const root = temporaryDirectory(t)
      const named = await runNode([
        path.join(__dirname, '..', 'support', 'fake', 'user.js'),
        how,
        path.join(root, 'a', 'runtime'),
      ])
      assert.equal(named.code, code)
      assert.deepEqual(fs.readdirSync(root), [])
    })
  }

  test('a process killed by SIGKILL leaves its file behind, as a crash does', async (t) => {
    const baseDir = temporaryDirectory(t)
    const { signal } = await runNode([
      path.join(__dirname, '..', 'support', 'fake', 'user.js'),
      'kill',
      baseDir,
    ])
    assert.equal(signal, 'SIGKILL')
    const [instanceId] = fs.readdirSync(baseDir)
    const file = path.join(baseDir, instanceId, 'configuration.json')
    assert.equal(JSON.parse(fs.readFileSync(file, 'utf8')).health, 'running')
  })
})
