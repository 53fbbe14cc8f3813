// Tests in a real Electron that a page starts Osaurus, if its app has allowed it.
'use strict'

const assert = require('node:assert/strict')
const { after, test } = require('node:test')

const { eventually } = require('../support/measure.js')
const { closeScreen, readFixture } = require('../support/electron/start.js')
const { openWindow, startWithOsaurus } = require('../support/electron/windows.js')

/** @typedef {import('../support/electron/windows.js').App} App */

after(closeScreen)

/**
 * Starts an app, beside a fake that has crashed, whose opener only counts its calls.
 * @param {import('node:test').TestContext} t
 * @param {object} [options] of registerOsaurus()
 * @param {{ exitCode: number, platform: string }} [outcome]
 */
async function startCrashed(t, options = { launch: true }, outcome = { exitCode: 0, platform: 'darwin' }) {
  const { app, fake } = await startWithOsaurus(t, {}, options)
  await fake.crash()
  await app.main(({ require, state }, { exitCode, platform }) => {
    const directory = require('path').dirname(require.resolve('osaurus-discovery'))
    const opener = require(require('path').join(directory, 'lib', 'client', 'opener.js'))
    state.opened = 0
    opener.platform = platform
    opener.open = async () => {
      state.opened += 1
      return { exitCode, stderr: '' }
    }
  }, outcome)
  return { app, fake }
}

/** @param {App} app */
const opened = (app) => app.main(({ state }) => state.opened)

/** Calls launch() in a page. @param {App} app @param {number} [id] @returns {Promise<any>} */
const launch = (app, id) =>
  app.page(() => window.osaurus.launch().then(Object, (error) => `rejected: ${error.message}`), null, id)

test('a page starts Osaurus and gets its instance; two pages share one start', async (t) => {
  const { app, fake } = await startCrashed(t)
  const pages = [await openWindow(app), await openWindow(app)]
  const launching = Promise.all(pages.map((id) => launch(app, id)))
  await eventually(async () => (await opened(app)) === 1, 'the start')
  await fake.relaunch({ port: 0 })
  assert.deepEqual(await launching, [fake.instance, fake.instance])
  assert.equal(await opened(app), 1)
})

test('a running Osaurus is given at once, and nothing is started', async (t) => {
  const { app, fake } = await startCrashed(t)
  await fake.relaunch()
  await openWindow(app)
  assert.deepEqual(await launch(app), fake.instance)
  assert.equal(await opened(app), 0)
})

test('a page that calls a thousand times at once starts Osaurus once', async (t) => {
  const { app, fake } = await startCrashed(t)
  await openWindow(app)
  const launching = app.page(() =>
    Promise.all(Array.from({ length: 1000 }, () => window.osaurus.launch())).then(
      (instances) => new Set(instances.map(({ instanceId }) => instanceId)).size,
    ),
  )
  await eventually(async () => (await opened(app)) === 1, 'the start')
  await fake.relaunch()
  assert.equal(await launching, 1)
  assert.equal(await opened(app), 1)
})

for (const options of [undefined, { launch: false }])
  test(`with ${JSON.stringify(options)} nothing is started, and the error names the option`, async (t) => {
    const { app } = await startCrashed(t, options ?? {})
    await openWindow(app)
    assert.match(
      await launch(app),
      /\[ERR_INVALID_STATE\] The app does not allow its pages to start Osaurus: call registerOsaurus\(\{ launch: true \}\)/,
    )
    assert.equal(await opened(app), 0)
  })

test('an untrusted page starts nothing', async (t) => {
  const { app } = await startCrashed(t)
  await openWindow(app, { url: 'data:text/html,<title>Elsewhere</title>' })
  assert.match(await launch(app), /\[OSAURUS_UNTRUSTED_SENDER\]/)
  assert.equal(await opened(app), 0)
})

test('a frame in a trusted page starts nothing', async (t) => {
  const { app } = await startCrashed(t)
  await openWindow(app, { nodeIntegrationInSubFrames: true })
  const source = readFixture('launch-in-frame.html')
  const message = await app.page(
    (srcdoc) =>
      new Promise((resolve) => {
        addEventListener('message', ({ data }) => resolve(data))
        document.body.append(Object.assign(document.createElement('iframe'), { srcdoc }))
      }),
    source,
  )
  assert.match(message, /\[OSAURUS_UNTRUSTED_SENDER\]/)
  assert.equal(await opened(app), 0)
})

test('the error of launch() names where to get Osaurus if it is not installed', async (t) => {
  const { app } = await startCrashed(t, { launch: true }, { exitCode: 1, platform: 'darwin' })
  await openWindow(app)
  assert.match(
    await launch(app),
    /\[OSAURUS_NOT_INSTALLED\] Osaurus is not installed: .*https:\/\/osaurus\.ai/,
  )
})

test('launch() rejects with OSAURUS_UNSUPPORTED_PLATFORM outside macOS', async (t) => {
  const { app } = await startCrashed(t, { launch: true }, { exitCode: 0, platform: 'linux' })
  await openWindow(app)
  assert.match(await launch(app), /\[OSAURUS_UNSUPPORTED_PLATFORM\]/)
  assert.equal(await opened(app), 0)
})

test('dispose() ends a launch that waits for the server', async (t) => {
  const { app } = await startCrashed(t)
  await openWindow(app)
  const launching = launch(app)
  await eventually(async () => (await opened(app)) === 1, 'the start')
  await app.main(({ state }) => state.registration.dispose())
  assert.match(await launching, /\[(ABORT_ERR|ERR_INVALID_STATE)\]/)
})

test('launch() uses the directory and the probe timeout of discover, and ignores what a page passes', async (t) => {
  const { app } = await startCrashed(t, { launch: true, discover: { verify: false, probeTimeoutMs: 900 } })
  const options = app.main(({ require, state }) => {
    const discovery = require('osaurus-discovery')
    return new Promise((resolve) => {
      discovery.launchOsaurus = async (/** @type {any} */ { signal, ...options }) => {
        resolve({ ...options, aborted: signal.aborted })
        return state.registration.latest
      }
    })
  })
  await openWindow(app)
  await app.page(() =>
    /** @type {any} */ (window.osaurus).launch({ baseDir: '/elsewhere', timeoutMs: 1, verify: false }),
  )
  assert.deepEqual(await options, { probeTimeoutMs: 900, aborted: false })
})
