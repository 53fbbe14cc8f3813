// Tests in a real Electron that the key store keeps keys encrypted, and loses none.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { after, describe, test } = require('node:test')

const { accessKeyOf } = require('../support/access-key.js')
const { closeScreen, makeHome, startApp } = require('../support/electron/start.js')
const { hasSafeStorage } = require('../support/electron/version.js')

/** @typedef {Awaited<ReturnType<typeof startApp>>} App */
/** @typedef {import('node:test').TestContext} TestContext */

const KEY = accessKeyOf({ lbl: 'first', exp: Date.UTC(2100, 0, 1) / 1000 })
const OTHER = accessKeyOf({ lbl: 'second' })
const EXPIRED = accessKeyOf({ lbl: 'old', exp: Date.UTC(2020, 0, 1) / 1000 })

after(closeScreen)

/** The functions of safeStorage that touch the keychain. Electron 42 added asynchronous ones. */
const FUNCTIONS = ['isEncryptionAvailable', 'encryptString', 'decryptString'].concat([
  'isAsyncEncryptionAvailable',
  'encryptStringAsync',
  'decryptStringAsync',
])

/** Only Linux may have no keychain. */
const onLinux = { skip: process.platform !== 'linux' }

/**
 * Starts an app with a store. Without a keychain, as on a bare Linux, only a fixed password encrypts, which apps have to allow.
 * @param {TestContext} t
 * @param {{ allowFixedPassword?: boolean, home?: string, file?: string }} [options]
 */
async function startWithStore(t, { allowFixedPassword = true, home = makeHome(t).home, file } = {}) {
  // Neither touches the keychain of the user who runs the tests.
  const app = await startApp(t, { home, flags: ['--password-store=basic', '--use-mock-keychain'] })
  const defaultFile = await app.main(
    ({ electron, require, state }, { allowFixedPassword, file, FUNCTIONS }) => {
      /** @type {any} */
      const safeStorage = electron.safeStorage
      if (allowFixedPassword && safeStorage) safeStorage.setUsePlainTextEncryption(true)
      state.calls = []
      for (const name of safeStorage ? FUNCTIONS : []) {
        if (!safeStorage[name]) continue
        const original = safeStorage[name].bind(safeStorage)
        safeStorage[name] = (/** @type {any[]} */ ...args) => state.calls.push(name) && original(...args)
      }
      state.store = require('osaurus-discovery/electron').openAccessKeyStore(file ? { file } : undefined)
      return require('path').join(electron.app.getPath('userData'), 'osaurus-access-key.json')
    },
    { allowFixedPassword, file, FUNCTIONS },
  )
  return { app, home, file: file || String(defaultFile) }
}

/** Calls a method of the store; resolves with its result or error. @param {App} app @param {string} method @param {unknown} [argument] */
function call(app, method, argument) {
  return app.main(
    ({ state }, { method, argument }) =>
      state.store[method](argument).then(
        (/** @type {unknown} */ value) => ({ value: value === undefined ? 'undefined' : value }),
        (/** @type {any} */ error) => ({ code: error.code, message: error.message, stack: error.stack }),
      ),
    { method, argument },
  )
}

/** @param {{ message?: string, stack?: string }} failure @param {string} key */
function assertDoesNotContain(failure, key) {
  assert.ok(!JSON.stringify(failure).includes(key.split('.')[1]), 'the error contains the key')
}

describe('the access key store', { skip: !hasSafeStorage && 'safeStorage exists since Electron 15' }, () => {
  test('the access key store is empty at first', async (t) => {
    const { app } = await startWithStore(t)
    assert.deepEqual(await call(app, 'get'), { value: 'undefined' })
  })

  test('the access key store gives back the saved key, also after a restart, and the file does not contain it', async (t) => {
    const { home } = makeHome(t)
    const file = path.join(home, 'keys', 'osaurus.json')
    const first = await startWithStore(t, { home, file })
    assert.deepEqual(await call(first.app, 'set', KEY), { value: 'undefined' })
    assert.deepEqual(await call(first.app, 'get'), { value: KEY })
    const text = fs.readFileSync(file, 'utf8')
    assert.ok(!text.includes(KEY.split('.')[1]))
    assert.ok(
      !Buffer.from(JSON.parse(text).encrypted, 'base64').toString('latin1').includes(KEY.split('.')[1]),
    )
    assert.equal(fs.statSync(file).mode & 0o777, 0o600)
    assert.deepEqual(fs.readdirSync(path.dirname(file)), ['osaurus.json'], 'no temporary file is left')
    await first.app.quit()

    const kept = fs.readFileSync(file)
    const second = await startWithStore(t, { home, file })
    assert.deepEqual(await call(second.app, 'get'), { value: KEY })
    assert.deepEqual(fs.readFileSync(file), kept)
  })

  test('the access key store uses a file in userData by default', async (t) => {
    const { app, file } = await startWithStore(t)
    await call(app, 'set', ` ${KEY}\n`)
    assert.ok(fs.existsSync(file))
    assert.deepEqual(await call(app, 'get'), { value: KEY }, 'without the white space of a paste')
  })

  test('the access key store replaces and clears the key', async (t) => {
    const { app, file } = await startWithStore(t)
    await call(app, 'set', KEY)
    await call(app, 'set', OTHER)
    assert.deepEqual(await call(app, 'get'), { value: OTHER })
    assert.deepEqual(await call(app, 'clear'), { value: 'undefined' })
    assert.deepEqual(await call(app, 'clear'), { value: 'undefined' })
    assert.deepEqual(await call(app, 'get'), { value: 'undefined' })
    assert.equal(fs.existsSync(file), false)
  })

  test('the access key store carries out concurrent calls in order', async (t) => {
    const { app } = await startWithStore(t)
    const last = await app.main(
      async ({ state }, [one, two]) => {
        const { store } = state
        await Promise.all([store.set(one), store.clear(), store.set(two), store.set(one), store.set(two)])
        return store.get()
      },
      [KEY, OTHER],
    )
    assert.equal(last, OTHER)
  })

  for (const [name, key, message] of /** @type {Array<[string, any, RegExp]>} */ ([
    ['text that is not a key', 'sk-proj-abcdefghijklmnop', /not an access key of Osaurus/],
    ['an empty text', '', /not an access key of Osaurus/],
    ['a value that is not a string', 5, /not an access key of Osaurus/],
    ['an expired key', EXPIRED, /expired on 2020-01-01\. Create a new one/],
  ]))
    test(`the access key store rejects ${name} and keeps the saved key`, async (t) => {
      const { app } = await startWithStore(t)
      await call(app, 'set', KEY)
      const failure = await call(app, 'set', key)
      assert.equal(failure.code, 'OSAURUS_INVALID_ACCESS_KEY')
      assert.match(failure.message, message)
      if (key === EXPIRED) assertDoesNotContain(failure, EXPIRED)
      assert.deepEqual(await call(app, 'get'), { value: KEY })
    })

  test('the access key store touches the keychain only when it is used', async (t) => {
    const { app } = await startWithStore(t)
    const calls = () => app.main(({ state }) => state.calls)
    assert.deepEqual(await calls(), [], 'opened')
    await call(app, 'get')
    await call(app, 'clear')
    await call(app, 'set', 'not a key')
    assert.deepEqual(await calls(), [], 'without a saved key')
    await call(app, 'set', KEY)
    assert.match((await calls()).join(), /^is(Async)?EncryptionAvailable,encryptString(Async)?$/)
  })

  test('the access key store rejects without a keychain, and keeps the saved key', onLinux, async (t) => {
    const { home } = makeHome(t)
    const file = path.join(home, 'osaurus.json')
    const first = await startWithStore(t, { home, file })
    await call(first.app, 'set', KEY)
    await first.app.quit()
    const kept = fs.readFileSync(file)

    const { app } = await startWithStore(t, { home, file, allowFixedPassword: false })
    for (const failure of [await call(app, 'set', OTHER), await call(app, 'get')]) {
      assert.equal(failure.code, 'OSAURUS_KEYCHAIN_UNAVAILABLE')
      assertDoesNotContain(failure, OTHER)
    }
    assert.deepEqual(fs.readFileSync(file), kept)
    assert.equal(await app.main(({ state }) => state.store.isEncrypted), false)
  })

  test('the access key store rejects a damaged file, keeps it, and can be set again', async (t) => {
    const { home } = makeHome(t)
    const file = path.join(home, 'osaurus.json')
    const { app } = await startWithStore(t, { home, file })
    for (const text of ['', 'not JSON', '{"version":2}', '{"version":1,"encrypted":"AAAA"}', 'null']) {
      fs.writeFileSync(file, text)
      assert.equal((await call(app, 'get')).code, 'OSAURUS_KEYCHAIN_UNAVAILABLE', text)
      assert.equal(fs.readFileSync(file, 'utf8'), text)
    }
    // JSON.parse() quotes the text, which may be a key that a person has put there.
    fs.writeFileSync(file, OTHER)
    assert.doesNotMatch(JSON.stringify(await call(app, 'get')), /osk-v1/)
    await call(app, 'set', KEY)
    assert.deepEqual(await call(app, 'get'), { value: KEY })
  })

  test('the access key store rejects with the system error if the file cannot be written', async (t) => {
    const { home } = makeHome(t)
    fs.writeFileSync(path.join(home, 'file'), '')
    const { app } = await startWithStore(t, { home, file: path.join(home, 'file', 'osaurus.json') })
    assert.match((await call(app, 'set', KEY)).code, /^(ENOTDIR|EEXIST)$/)
  })

  test('the access key store says that a fixed password does not protect the key', onLinux, async (t) => {
    const { app } = await startWithStore(t)
    assert.equal(await app.main(({ state }) => state.store.isEncrypted), false)
  })
})

test(
  'the access key store rejects in an Electron without safeStorage',
  { skip: hasSafeStorage },
  async (t) => {
    const { app } = await startWithStore(t)
    const failure = await call(app, 'set', KEY)
    assert.equal(failure.code, 'OSAURUS_KEYCHAIN_UNAVAILABLE')
    assert.match(failure.message, /safeStorage needs Electron 15 or later/)
    assert.equal(await app.main(({ state }) => state.store.isEncrypted), false)
    assert.deepEqual(await call(app, 'get'), { value: 'undefined' })
  },
)

test('openAccessKeyStore() throws for an invalid option', async (t) => {
  const { app } = await startWithStore(t)
  const codes = await app.main(({ require }) =>
    [{ file: 'relative' }, { file: 5 }, { path: '/x' }, null].map((options) => {
      try {
        require('osaurus-discovery/electron').openAccessKeyStore(options)
      } catch (error) {
        return /** @type {any} */ (error).code
      }
    }),
  )
  const [VALUE, TYPE] = ['ERR_INVALID_ARG_VALUE', 'ERR_INVALID_ARG_TYPE']
  assert.deepEqual(codes, [VALUE, TYPE, VALUE, TYPE])
})
