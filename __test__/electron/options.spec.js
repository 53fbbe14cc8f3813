// Is a wrong option a clear error, at the call?
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')

const { checkRegisterOptions, checkRuntimeOptions } = require('../../lib/electron/options.js')
const { openSandboxedRuntime, registerOsaurus } = require('../../electron.js')

/** @type {Array<[sentence: string, options: any, code: string, message: RegExp]>} */
const WRONG = [
  [
    'options must be an object',
    'verify',
    'ERR_INVALID_ARG_TYPE',
    /"options" argument must be of type object\. Received type string/,
  ],
  ['null is no object', null, 'ERR_INVALID_ARG_TYPE', /Received null/],
  ['an array is no object', [], 'ERR_INVALID_ARG_TYPE', /an instance of Array/],
  [
    'an unknown option is named, with its neighbour',
    { preloads: true },
    'ERR_INVALID_ARG_VALUE',
    /options\.preloads.*did you mean 'preload'/,
  ],
  ['what an object inherits is no option', { toString: 1 }, 'ERR_INVALID_ARG_VALUE', /options\.toString/],
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
    'discover must be an object',
    { discover: true },
    'ERR_INVALID_ARG_TYPE',
    /"options\.discover" property must be of type object/,
  ],
  [
    'discover is checked now, not at the first use',
    { discover: { baseDir: 'runtime' } },
    'ERR_INVALID_ARG_VALUE',
    /'options\.discover\.baseDir' must be an absolute path.*'runtime'/,
  ],
  [
    'a probe cannot take for ever',
    { discover: { probeTimeoutMs: 1e9 } },
    'ERR_OUT_OF_RANGE',
    /"options\.discover\.probeTimeoutMs".*60000/,
  ],
  [
    'an unknown option of discover is named, with its place and its neighbour',
    { discover: { vefiry: true } },
    'ERR_INVALID_ARG_VALUE',
    /'options\.discover\.vefiry' is none .*did you mean 'verify'/,
  ],
  [
    'an option of discovery at the wrong place is told the right one',
    { baseDir: '/x' },
    'ERR_INVALID_ARG_VALUE',
    /'options\.baseDir' is none .*\(it belongs into discover\)/,
  ],
  [
    'two ways to name the folder contradict',
    { discover: { baseDir: '/x', legacyDirs: true } },
    'ERR_INVALID_ARG_VALUE',
    /'options\.discover\.legacyDirs' cannot be true beside 'options\.discover\.baseDir'/,
  ],
  ['a signal is not for the pages', { discover: { signal: {} } }, 'ERR_INVALID_ARG_VALUE', /signal/],
  ['nor is persistent', { discover: { persistent: true } }, 'ERR_INVALID_ARG_VALUE', /persistent/],
]

describe('registerOsaurus', () => {
  for (const [sentence, options, code, message] of WRONG)
    test(sentence, () => assert.throws(() => checkRegisterOptions(options), { code, message }))

  test('what is undefined is as missing', () => {
    assert.deepEqual(checkRegisterOptions({ preload: undefined, discover: undefined }), {})
    assert.deepEqual(checkRegisterOptions(undefined), {})
  })

  test('it can be imported by name from an ES module', async () => {
    const module = await import('osaurus-discovery/electron')
    assert.equal(module.registerOsaurus, registerOsaurus)
    assert.equal(module.openSandboxedRuntime, openSandboxedRuntime)
  })

  test('what an object inherits counts too, at each level', () => {
    const discover = Object.create({ probeTimeoutMs: 5 })
    assert.deepEqual(checkRegisterOptions(Object.create({ preload: true, discover })), {
      preload: true,
      discover: { probeTimeoutMs: 5 },
    })
  })

  test('outside of Electron it says where it works', () => {
    assert.throws(() => registerOsaurus(), {
      code: 'ERR_INVALID_STATE',
      message: /registerOsaurus\(\) works in the main process of Electron only/,
    })
  })
})

describe('openSandboxedRuntime', () => {
  const good = { loadBookmark: () => undefined, saveBookmark: () => {} }

  test('both places for the bookmark are needed', () => {
    const { loadBookmark, saveBookmark } = good
    assert.throws(() => checkRuntimeOptions({ loadBookmark }), {
      code: 'ERR_INVALID_ARG_TYPE',
      message: /saveBookmark.*function/,
    })
    assert.throws(() => checkRuntimeOptions({ saveBookmark }), {
      code: 'ERR_INVALID_ARG_TYPE',
      message: /loadBookmark.*function/,
    })
    assert.throws(() => checkRuntimeOptions(undefined), {
      code: 'ERR_INVALID_ARG_TYPE',
      message: /"options" argument/,
    })
  })

  test('a window must be one, an unknown option is named', () => {
    assert.throws(() => checkRuntimeOptions({ ...good, window: {} }), {
      message: /instance of BrowserWindow/,
    })
    assert.throws(() => checkRuntimeOptions({ ...good, windows: 1 }), { message: /did you mean 'window'/ })
  })

  test('outside of Electron it rejects, and says where it works', async () => {
    await assert.rejects(openSandboxedRuntime(good), {
      code: 'ERR_INVALID_STATE',
      message: /openSandboxedRuntime\(\) works in the main process/,
    })
  })
})
