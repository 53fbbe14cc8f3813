// Tests which URLs `createOsaurusFetch({ url })` accepts.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { createOsaurusFetch } = require('../../fetch.js')
const { parseServerUrl } = require('../../lib/client/server-url.js')

describe('the URL', () => {
  test('the option url is that of a server: http, a host and a port', () => {
    const valid = [
      ['http://192.168.1.5:1337', 'http://192.168.1.5:1337', '192.168.1.5', 1337],
      ['HTTP://192.168.1.5:1337/', 'http://192.168.1.5:1337', '192.168.1.5', 1337],
      ['http://studio.local', 'http://studio.local', 'studio.local', 80],
      ['http://[fd00::2]:1337', 'http://[fd00::2]:1337', 'fd00::2', 1337],
      ['http://[fe80::1%25en0]:1337', 'http://[fe80::1%en0]:1337', 'fe80::1%en0', 1337],
      ['http://[fe80::1%4]:1337/', 'http://[fe80::1%4]:1337', 'fe80::1%4', 1337],
    ]
    for (const [text, href, host, port] of valid) {
      const parsed = parseServerUrl(text, 'options.url')
      assert.deepEqual([parsed.href, parsed.host, parsed.port], [href, host, port])
    }
    const invalid = [
      '192.168.1.5:1337',
      'https://192.168.1.5:1337',
      'file:///tmp',
      'http://192.168.1.5:1337/v1',
      'http://192.168.1.5:1337/?a',
      'http://192.168.1.5:1337/?',
      'http://192.168.1.5:1337/#',
      'http://0.0.0.0:1337',
      'http://[::]:1337',
      'http://192.168.1.5:0',
      'http://[fd00::2%25en0]:1337',
      'http://osaurus.invalid',
      'http://',
    ]
    for (const url of invalid)
      assert.throws(
        () => createOsaurusFetch({ url }),
        { code: 'ERR_INVALID_ARG_VALUE', name: 'TypeError' },
        url,
      )
    assert.throws(() => createOsaurusFetch({ url: /** @type {any} */ (new URL('http://a')) }), {
      code: 'ERR_INVALID_ARG_TYPE',
    })
    assert.throws(
      () => createOsaurusFetch({ url: 'http://user:secret@192.168.1.5' }),
      (/** @type {any} */ error) => error.code === 'ERR_INVALID_ARG_VALUE' && !/secret/.test(error.stack),
    )
  })

  test('the option url excludes the options that search this machine', () => {
    for (const options of [{ baseDir: '/x' }, { legacyDirs: false }])
      assert.throws(() => createOsaurusFetch({ url: 'http://192.168.1.5:1337', ...options }), {
        code: 'ERR_INVALID_ARG_VALUE',
        message: /cannot be set beside 'options.url'/,
      })
  })
})
