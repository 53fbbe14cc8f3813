// Tests the errors for invalid options of the Electron helpers.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')

const { validateRegisterOptions, validateSandboxedRuntimeOptions } = require('../../lib/electron/options.js')
const { openSandboxedRuntime, registerOsaurus } = require('../../electron.js')

/** @type {Array<[name: string, options: any, code: string, message: RegExp]>} */
const WRONG = [
  [
    'options must be an object',
    'verify',
    'ERR_INVALID_ARG_TYPE',
    /"options" argument must be of type object\. Received type string/,
  ],
  ['null is not an object', null, 'ERR_INVALID_ARG_TYPE', /Received null/],
  ['an array is not an object', [], 'ERR_INVALID_ARG_TYPE', /an instance of Array/],
  [
    'an unknown option is named with its closest match',
    { preloads: true },
    'ERR_INVALID_ARG_VALUE',
    /options\.preloads.*Did you mean 'preload'/,
  ],
  ['an inherited property is not an option', { toString: 1 }, 'ERR_INVALID_ARG_VALUE', /options\.toString/],
  [
    'preload must be a boolean',
    { preload: 1 },
    'ERR_INVALID_ARG_TYPE',
    /"options\.preload" property.*boolean.*number \(1\)/,
  ],
  [
    'isTrustedSender must be a function',
    { isTrustedSender: true },
    'ERR_INVALID_ARG_TYPE',
    /isTrustedSender.*function/,
  ],
  [
    'session must be a session',
    { session: {} },
    'ERR_INVALID_ARG_TYPE',
    /options\.session.*instance of Session/,
  ],
  [
    'every element of session must be a session',
    { session: [{}] },
    'ERR_INVALID_ARG_TYPE',
    /options\.session\[0\].*instance of Session/,
  ],
  [
    "the only name of sessions is 'all'",
    { session: 'every' },
    'ERR_INVALID_ARG_VALUE',
    /'options\.session' must be a Session, an array of them, or 'all'\. Received 'every'/,
  ],
  [
    'fetch must be a boolean or an object',
    { fetch: 'yes' },
    'ERR_INVALID_ARG_TYPE',
    /"options\.fetch" property must be of type boolean or object\. Received type string/,
  ],
  [
    'an unknown option of fetch is named with its closest match, and without its value',
    { fetch: { acessKey: 'osk-v1.secret' } },
    'ERR_INVALID_ARG_VALUE',
    /^(?!.*secret).*'options\.fetch\.acessKey' is not a known option\. Did you mean 'accessKey'/,
  ],
  [
    'an access key that cannot be sent is not shown',
    { fetch: { accessKey: 'two secret words' } },
    'ERR_INVALID_ARG_VALUE',
    /^(?!.*secret).*'options\.fetch\.accessKey' must be an access key/,
  ],
  [
    'waitMs must not be negative',
    { fetch: { waitMs: -1 } },
    'ERR_OUT_OF_RANGE',
    /"options\.fetch\.waitMs" is out of range.*Received -1/,
  ],
  [
    'routes must be patterns',
    { fetch: { routes: ['agents'] } },
    'ERR_INVALID_ARG_VALUE',
    /'options\.fetch\.routes\[0\]' must be a route such as 'POST \/mcp\/call'/,
  ],
  [
    'url must be the URL of a server',
    { fetch: { url: 'https://192.168.1.5:1337' } },
    'ERR_INVALID_ARG_VALUE',
    /'options\.fetch\.url' must begin with http:/,
  ],
  [
    'where to search is not an option of fetch',
    { fetch: { baseDir: '/tmp' } },
    'ERR_INVALID_ARG_VALUE',
    /'options\.fetch\.baseDir' is not a known option.*write \{ discover: \{ baseDir \} \}/,
  ],
  [
    'an option of fetch belongs there',
    { waitMs: 1000 },
    'ERR_INVALID_ARG_VALUE',
    /'options\.waitMs' is not a known option.*write \{ fetch: \{ waitMs \} \}/,
  ],
  [
    'discover must be an object',
    { discover: true },
    'ERR_INVALID_ARG_TYPE',
    /"options\.discover" property must be of type object/,
  ],
  [
    'discover is validated at the call, not at its first use',
    { discover: { baseDir: 'runtime' } },
    'ERR_INVALID_ARG_VALUE',
    /'options\.discover\.baseDir' must be an absolute path.*'runtime'/,
  ],
  [
    'probeTimeoutMs has an upper limit',
    { discover: { probeTimeoutMs: 1e9 } },
    'ERR_OUT_OF_RANGE',
    /"options\.discover\.probeTimeoutMs".*60000/,
  ],
  [
    'an unknown option of discover is named with its path and its closest match',
    { discover: { vefiry: true } },
    'ERR_INVALID_ARG_VALUE',
    /'options\.discover\.vefiry' is not a known option\. Did you mean 'verify'/,
  ],
  [
    'a misplaced option of discovery is named with its right place',
    { baseDir: '/x' },
    'ERR_INVALID_ARG_VALUE',
    /'options\.baseDir' is not a known option\..*discover: \{ baseDir \}/,
  ],
  [
    'baseDir and legacyDirs exclude each other',
    { discover: { baseDir: '/x', legacyDirs: true } },
    'ERR_INVALID_ARG_VALUE',
    /'options\.discover\.legacyDirs' cannot be true beside 'options\.discover\.baseDir'/,
  ],
  ['discover takes no signal', { discover: { signal: {} } }, 'ERR_INVALID_ARG_VALUE', /signal/],
  [
    'discover does not take persistent',
    { discover: { persistent: true } },
    'ERR_INVALID_ARG_VALUE',
    /persistent/,
  ],
]

describe('registerOsaurus', () => {
  for (const [name, options, code, message] of WRONG)
    test(name, () => assert.throws(() => validateRegisterOptions(options), { code, message }))

  test('undefined options count as absent', () => {
    assert.deepEqual(validateRegisterOptions({ preload: undefined, discover: undefined }), {})
    assert.deepEqual(validateRegisterOptions(undefined), {})
  })

  test('both functions can be imported by name from an ES module', async () => {
    const module = await import('osaurus-discovery/electron')
    assert.equal(module.registerOsaurus, registerOsaurus)
    assert.equal(module.openSandboxedRuntime, openSandboxedRuntime)
  })

  test('inherited options count at each level', () => {
    const discover = Object.create({ probeTimeoutMs: 5 })
    assert.deepEqual(validateRegisterOptions(Object.create({ preload: true, discover })), {
      preload: true,
      discover: { probeTimeoutMs: 5 },
    })
  })

  test('the error outside Electron names the main process', () => {
    assert.throws(() => registerOsaurus(), {
      code: 'ERR_INVALID_STATE',
      message: /registerOsaurus\(\) works in the main process of Electron only/,
    })
  })
})

describe('openSandboxedRuntime', () => {
  const good = { loadBookmark: () => undefined, saveBookmark: () => {} }

  test('loadBookmark and saveBookmark are both required', () => {
    const { loadBookmark, saveBookmark } = good
    assert.throws(() => validateSandboxedRuntimeOptions({ loadBookmark }), {
      code: 'ERR_INVALID_ARG_TYPE',
      message: /saveBookmark.*function/,
    })
    assert.throws(() => validateSandboxedRuntimeOptions({ saveBookmark }), {
      code: 'ERR_INVALID_ARG_TYPE',
      message: /loadBookmark.*function/,
    })
    assert.throws(() => validateSandboxedRuntimeOptions(undefined), {
      code: 'ERR_INVALID_ARG_TYPE',
      message: /"options" argument/,
    })
  })

  test('window must be a BrowserWindow, and an unknown option is named', () => {
    assert.throws(() => validateSandboxedRuntimeOptions({ ...good, window: {} }), {
      message: /instance of BrowserWindow/,
    })
    assert.throws(() => validateSandboxedRuntimeOptions({ ...good, windows: 1 }), {
      message: /Did you mean 'window'/,
    })
  })

  test('the rejection outside Electron names the main process', async () => {
    await assert.rejects(openSandboxedRuntime(good), {
      code: 'ERR_INVALID_STATE',
      message: /openSandboxedRuntime\(\) works in the main process/,
    })
  })
})
