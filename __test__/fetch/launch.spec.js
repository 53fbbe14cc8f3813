// Tests launchOsaurus() with the opener of the app replaced.
'use strict'

const assert = require('node:assert/strict')
const childProcess = require('node:child_process')
const { test } = require('node:test')
const { launchOsaurus } = require('../../index.js')
const opener = require('../../lib/client/opener.js')
const { startServer } = require('../support/fetch/server-process.js')
const { publish } = require('../support/watch-publisher.js')

/**
 * Replaces the opener until the end of the test, and counts its calls.
 * @param {import('node:test').TestContext} t
 * @param {() => Promise<unknown>} [open] default: the app is opened, and nothing more happens
 * @param {NodeJS.Platform} [platform]
 */
function replaceOpener(t, open = async () => {}, platform = 'darwin') {
  const original = opener.platform
  opener.platform = platform
  t.after(() => (opener.platform = original))
  return t.mock.method(opener, 'open', async () => {
    await open()
    return { exitCode: 0, stderr: '' }
  }).mock
}

/** Lasts until the end of the test, since later calls share a start that hangs. @param {import('node:test').TestContext} t */
const hang = (t) => new Promise((resolve) => t.after(resolve))

test('a running server is given at once, on every platform, and nothing is opened', async (t) => {
  const { baseDir, port } = await startServer(t)
  const opened = replaceOpener(t, assert.fail, 'linux')
  assert.equal((await launchOsaurus({ baseDir })).port, port)
  assert.equal(opened.callCount(), 0)
})

test('the app is opened, and its server is given once it runs', async (t) => {
  const server = await startServer(t, { running: false })
  const opened = replaceOpener(t, () => server.start())
  const instance = await launchOsaurus({ baseDir: server.baseDir, probeTimeoutMs: 10_000 })
  assert.equal(instance.port, server.port)
  assert.equal(opened.callCount(), 1)
})

test('a leftover of a crash does not keep the app from being opened', async (t) => {
  const server = await startServer(t)
  await server.kill()
  const opened = replaceOpener(t, () => server.start())
  assert.equal((await launchOsaurus({ baseDir: server.baseDir, probeTimeoutMs: 10_000 })).port, server.port)
  assert.equal(opened.callCount(), 1)
})

test('calls at the same time share one start, and a later one starts again', async (t) => {
  const server = await startServer(t, { running: false })
  const opened = replaceOpener(t, () => server.start())
  const options = { baseDir: server.baseDir, probeTimeoutMs: 10_000 }
  const instances = await Promise.all(Array.from({ length: 10 }, () => launchOsaurus(options)))
  assert.equal(new Set(instances.map(({ port }) => port)).size, 1)
  assert.equal(opened.callCount(), 1)
  await server.kill()
  await launchOsaurus(options)
  assert.equal(opened.callCount(), 2)
})

test('the app is opened in the background, by a constant path, and never twice', async (t) => {
  const execFile = t.mock.method(childProcess, 'execFile', (/** @type {any[]} */ ...args) =>
    args[3](null, '', ''),
  ).mock
  assert.deepEqual(await opener.open(), { exitCode: 0, stderr: '' })
  const [file, args, options] = /** @type {any[]} */ (execFile.calls[0].arguments)
  assert.deepEqual([file, ...args], ['/usr/bin/open', '-g', '-b', 'com.dinoki.osaurus'])
  assert.ok(!options.shell)
})

test('the exit code of the opener is given, and an opener that cannot be run rejects', async (t) => {
  /** @type {any} */
  let failure = Object.assign(new Error('exit 1'), { code: 1 })
  t.mock.method(childProcess, 'execFile', (/** @type {any[]} */ ...args) => args[3](failure, '', 'no app'))
  assert.deepEqual(await opener.open(), { exitCode: 1, stderr: 'no app' })
  failure = Object.assign(new Error('spawn ENOENT'), { code: 'ENOENT' })
  await assert.rejects(opener.open(), { code: 'ENOENT' })
})

test('an app that is not installed is reported with where to get it', async (t) => {
  const { baseDir } = await startServer(t, { running: false })
  replaceOpener(t)
  t.mock.method(opener, 'open', async () => ({ exitCode: 1, stderr: 'Unable to find application' }))
  await assert.rejects(launchOsaurus({ baseDir }), {
    code: 'OSAURUS_NOT_INSTALLED',
    message: /^Osaurus is not installed.*https:\/\/osaurus\.ai.*Unable to find application/s,
  })
})

test('an opener that cannot be run is reported', async (t) => {
  const { baseDir } = await startServer(t, { running: false })
  replaceOpener(t, () => Promise.reject(new Error('spawn /usr/bin/open ENOENT')))
  await assert.rejects(launchOsaurus({ baseDir }), { code: 'OSAURUS_IO', message: /ENOENT/ })
})

test('another platform is reported, and nothing is opened', async (t) => {
  const { baseDir } = await startServer(t, { running: false })
  const opened = replaceOpener(t, assert.fail, 'win32')
  await assert.rejects(launchOsaurus({ baseDir }), {
    code: 'OSAURUS_UNSUPPORTED_PLATFORM',
    message: /on win32: it is an app for macOS 15/,
  })
  assert.equal(opened.callCount(), 0)
})

test('an open app whose server is stopped times out, and the error says what to press', async (t) => {
  const { baseDir } = await startServer(t, { running: false })
  replaceOpener(t)
  await assert.rejects(launchOsaurus({ baseDir, timeoutMs: 50 }), (/** @type {any} */ error) => {
    assert.equal(error.code, 'OSAURUS_TIMEOUT')
    assert.match(error.message, /within 50 ms\. Click the Osaurus icon in the menu bar/)
    assert.equal(error.cause.code, 'OSAURUS_NOT_FOUND')
    return true
  })
  publish(baseDir, 'STARTING', { health: 'starting' })
  await assert.rejects(launchOsaurus({ baseDir, timeoutMs: 50 }), { code: 'OSAURUS_TIMEOUT' })
})

test('an opener that hangs times out too', async (t) => {
  const { baseDir } = await startServer(t, { running: false })
  replaceOpener(t, () => hang(t))
  await assert.rejects(launchOsaurus({ baseDir, timeoutMs: 50 }), { code: 'OSAURUS_TIMEOUT' })
})

test('an abort ends the call at each stage', async (t) => {
  const { baseDir } = await startServer(t, { running: false })
  replaceOpener(t)
  const aborted = { name: 'AbortError', code: 'ABORT_ERR' }
  await assert.rejects(launchOsaurus({ baseDir, signal: AbortSignal.abort() }), aborted)
  for (const stage of ['waiting', 'opening']) {
    const controller = new AbortController()
    t.mock.method(opener, 'open', async () => {
      setImmediate(() => controller.abort())
      if (stage === 'opening') await hang(t)
      return { exitCode: 0, stderr: '' }
    })
    await assert.rejects(launchOsaurus({ baseDir, signal: controller.signal }), aborted)
  }
})

test('invalid options reject', async () => {
  await assert.rejects(launchOsaurus(/** @type {any} */ ({ verify: true })), {
    code: 'ERR_INVALID_ARG_VALUE',
  })
  await assert.rejects(launchOsaurus({ timeoutMs: -1 }), { code: 'ERR_OUT_OF_RANGE' })
})
