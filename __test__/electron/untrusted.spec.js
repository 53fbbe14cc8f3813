// Tests in a real Electron that untrusted pages get an error and nothing else.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const http = require('node:http')
const path = require('node:path')
const { after, test } = require('node:test')
const { pathToFileURL } = require('node:url')

const { startFakeOsaurus } = require('../../testing.js')
const {
  closeScreen,
  makeHome,
  readFixture,
  startApp,
  testPackedToo,
} = require('../support/electron/start.js')
const { openWindow, register, startWithOsaurus } = require('../support/electron/windows.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {{ bridge: boolean, latest: { value?: any, error?: string }, list: { value?: any, error?: string }, received: any[] }} Probed */

const PROBE = readFixture('probe.js')

/** The name of a remote server, mapped to this machine. */
const ELSEWHERE = 'elsewhere.example'
const flags = [`--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1`]

after(closeScreen)

/**
 * Starts an app in which that name leads to this machine.
 * @param {TestContext} t
 * @param {{ asar: boolean }} [form]
 */
const startMapped = (t, form) => startWithOsaurus(t, { flags, ...form })

/** @param {Probed} probed */
function assertDenied({ bridge, latest, list, received }) {
  assert.equal(bridge, true)
  for (const { value, error } of [latest, list]) {
    assert.equal(value, undefined)
    assert.match(
      String(error),
      /^(Uncaught Error: )?\[OSAURUS_UNTRUSTED_SENDER\] This page has no access to Osaurus: /,
    )
  }
  assert.deepEqual(received, [])
}

/** @param {Probed} probed @param {import('../../index.js').OsaurusInstance} instance */
function assertAnswered({ latest, list, received }, instance) {
  assert.deepEqual([latest, list], [{ value: instance }, { value: [instance] }])
  assert.deepEqual(received, [
    { instances: [instance], added: [instance], updated: [], removed: [], reason: null },
  ])
}

/** @param {import('../support/electron/windows.js').App} app @param {number} [id] @returns {Promise<Probed>} */
function probe(app, id) {
  // Pages outside the app directory get the same script.
  return app.page((source) => (0, eval)(`${source}; probe()`), PROBE, id)
}

/** @param {import('../support/electron/windows.js').App} app @returns {Promise<string>} */
function appPath(app) {
  return app.main(({ electron }) => electron.app.getAppPath())
}

/** Asserts that no watcher was opened. @param {import('../support/electron/windows.js').App} app */
async function assertNothingRan(app) {
  assert.deepEqual(await app.main(({ state }) => state.watchers), { opened: 0, open: 0 })
}

/** Serves a page on this machine under this host name. @param {TestContext} t @param {string} host */
async function serve(t, host) {
  const server = http.createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<!doctype html><title>A remote page</title>')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return `http://${host}:${port}/`
}

testPackedToo('a page of the app is answered', async (t, form) => {
  const { app, fake } = await startMapped(t, form)
  assert.equal(path.extname(await appPath(app)), form.asar ? '.asar' : '')
  await openWindow(app)
  assertAnswered(await probe(app), fake.instance)
})

test('a page of a remote server is denied', async (t) => {
  const { app } = await startMapped(t)
  await openWindow(app, { url: await serve(t, ELSEWHERE) })
  assertDenied(await probe(app))
  await assertNothingRan(app)
  assert.ok(
    app.pageErrors.some((each) =>
      /window\.osaurus\.onChange gets no changes: \[OSAURUS_UNTRUSTED_SENDER\]/.test(each),
    ),
    'its console says why it gets no changes',
  )
})

test('a page of loopback is answered while the app is not packaged', async (t) => {
  const { app, fake } = await startMapped(t)
  await openWindow(app, { url: await serve(t, '127.0.0.1') })
  assertAnswered(await probe(app), fake.instance)
})

testPackedToo('a file outside the app is denied, however its URL is written', async (t, form) => {
  const { app, home } = await startMapped(t, form)
  const file = path.join(home, 'downloaded.html')
  fs.writeFileSync(file, '<!doctype html><title>Downloaded</title>')
  const inside = pathToFileURL(await appPath(app)).href
  for (const url of [pathToFileURL(file).href, `${inside}/../../${path.basename(home)}/downloaded.html`]) {
    const id = await openWindow(app, { url })
    assert.match(await app.page(() => document.title, null, id), /Downloaded/)
    assertDenied(await probe(app, id))
  }
  await assertNothingRan(app)
})

test('from an asar: a file beside the archive is denied, even if it was unpacked from there', async (t) => {
  const { app } = await startMapped(t, { asar: true })
  const archive = await appPath(app)
  for (const directory of [`${archive}.unpacked`, path.dirname(archive)]) {
    const file = path.join(directory, 'beside.html')
    fs.writeFileSync(file, '<!doctype html><title>Beside</title>')
    const id = await openWindow(app, { url: pathToFileURL(file).href })
    assert.match(await app.page(() => document.title, null, id), /Beside/)
    assertDenied(await probe(app, id))
  }
  await assertNothingRan(app)
})

for (const [kind, url] of [
  ['data:', 'data:text/html,<title>Data</title>'],
  ['about:blank', 'about:blank'],
])
  test(`a page of ${kind} is denied`, async (t) => {
    const { app } = await startMapped(t)
    await openWindow(app, { url })
    assertDenied(await probe(app))
    await assertNothingRan(app)
  })

test('a page of a custom scheme is answered only while the session handles the scheme', async (t) => {
  const { home, baseDir } = makeHome(t)
  const fake = await startFakeOsaurus({ baseDir })
  t.after(() => fake.stop())
  const app = await startApp(t, { home, flags })
  await app.main(({ electron }) => {
    electron.protocol.registerStringProtocol('app', (_request, callback) =>
      callback({ mimeType: 'text/html', data: '<!doctype html><title>Ours</title>' }),
    )
  })
  await register(app)
  await openWindow(app, { url: 'app://bundle/index.html' })
  assertAnswered(await probe(app), fake.instance)
  // The page stays open, but its session no longer handles the scheme.
  await app.main(({ electron }) => void electron.protocol.unregisterProtocol('app'))
  assertDenied(await probe(app))
})

testPackedToo('a subframe is denied, even if it shows a page of the app', async (t, form) => {
  const { app } = await startMapped(t, form)
  await openWindow(app, { nodeIntegrationInSubFrames: true })
  assertDenied(await probeInFrame(app))
  await assertNothingRan(app)
})

testPackedToo('a webview is denied, even if it shows a page of the app', async (t, form) => {
  const { app } = await startMapped(t, form)
  await openWindow(app, { webviewTag: true })
  const probed = await app.main(async ({ electron, require }) => {
    const [window] = electron.BrowserWindow.getAllWindows()
    const preload = require('url').pathToFileURL(require.resolve('osaurus-discovery/preload')).href
    const attached = new Promise((resolve) =>
      window.webContents.once('did-attach-webview', (_event, guest) => resolve(guest)),
    )
    await window.webContents.executeJavaScript(`{
      const view = document.createElement('webview')
      view.preload = ${JSON.stringify(preload)}
      view.webpreferences = 'contextIsolation=yes'
      view.src = 'probe.html'
      document.body.append(view)
    }`)
    const guest = await attached
    await new Promise((resolve) => guest.once('did-finish-load', resolve))
    return guest.executeJavaScript('probe()')
  })
  assertDenied(probed)
  await assertNothingRan(app)
})

test('isTrustedSender replaces the default rule and may be async', async (t) => {
  const { home, baseDir } = makeHome(t)
  const fake = await startFakeOsaurus({ baseDir })
  t.after(() => fake.stop())
  const app = await startApp(t, { home, flags })
  const url = await serve(t, ELSEWHERE)
  await app.main(({ require, state }, url) => {
    const { registerOsaurus } = require('osaurus-discovery/electron')
    state.asked = []
    registerOsaurus({
      isTrustedSender: async (/** @type {any} */ frame) => {
        state.asked.push(frame)
        return frame.url === url
      },
    })
  }, url)
  const other = await openWindow(app, { url })
  const own = await openWindow(app)
  assertAnswered(await probe(app, other), fake.instance)
  assertDenied(await probe(app, own))
  const [frame] = await app.main(({ state }) => state.asked)
  assert.deepEqual(frame, { url, isMainFrame: true })
})

test('a subframe that isTrustedSender accepts gets changes, and its window does not', async (t) => {
  const { home, baseDir } = makeHome(t)
  const fake = await startFakeOsaurus({ baseDir })
  t.after(() => fake.stop())
  const app = await startApp(t, { home, flags })
  await app.main(({ require }) => {
    require('osaurus-discovery/electron').registerOsaurus({
      isTrustedSender: (/** @type {any} */ { url, isMainFrame }) =>
        !isMainFrame && url.endsWith('probe.html'),
    })
  })
  await openWindow(app, { nodeIntegrationInSubFrames: true })
  assertAnswered(await probeInFrame(app), fake.instance)
  assertDenied(await probe(app))
})

for (const [sentence, source, message] of [
  ['throws', '() => { throw new Error("a secret of the app") }', /isTrustedSender failed/],
  ['rejects', '() => Promise.reject(new Error("a secret of the app"))', /isTrustedSender failed/],
  ['gives something that is only nearly true', '() => 1', /isTrustedSender did not return true/],
])
  test(`a page is denied without details when isTrustedSender ${sentence}`, async (t) => {
    const { home, baseDir } = makeHome(t)
    const fake = await startFakeOsaurus({ baseDir })
    t.after(() => fake.stop())
    const app = await startApp(t, { home, flags })
    await app.main(({ require, state }, source) => {
      process.on('warning', ({ message }) => (state.warning = message))
      require('osaurus-discovery/electron').registerOsaurus({ isTrustedSender: (0, eval)(source) })
    }, String(source))
    await openWindow(app)
    const probed = await probe(app)
    assertDenied(probed)
    assert.match(String(probed.latest.error), /** @type {RegExp} */ (message))
    assert.doesNotMatch(JSON.stringify(probed), /a secret of the app/)
    if (sentence !== 'gives something that is only nearly true')
      assert.match(
        await app.main(({ state }) => state.warning),
        /isTrustedSender failed for file:.*a secret of the app/s,
      )
  })

/** Opens the probe page in a frame of the window's page. @param {import('../support/electron/windows.js').App} app @returns {Promise<Probed>} */
function probeInFrame(app) {
  return app.page(
    () =>
      new Promise((resolve) => {
        addEventListener('message', ({ data }) => resolve(data), { once: true })
        const frame = document.createElement('iframe')
        frame.src = 'probe.html'
        document.body.append(frame)
      }),
  )
}
