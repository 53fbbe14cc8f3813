// Tests the base URLs for client libraries, and the errors for values that are not instances.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { endpointsOf } = require('../../index.js')

describe('endpointsOf()', () => {
  test('endpointsOf() gives each client its base URL', () => {
    assert.deepEqual(endpointsOf({ url: 'http://127.0.0.1:1337' }), {
      openai: 'http://127.0.0.1:1337/v1',
      anthropic: 'http://127.0.0.1:1337',
      ollama: 'http://127.0.0.1:1337',
      mcp: 'http://127.0.0.1:1337/mcp',
    })
  })

  test('endpointsOf() removes trailing slashes of the URL', () => {
    assert.deepEqual(
      endpointsOf({ url: 'http://127.0.0.1:1337/' }),
      endpointsOf({ url: 'http://127.0.0.1:1337' }),
    )
  })

  test('endpointsOf() keeps the brackets of an IPv6 address and a path of the caller', () => {
    assert.equal(endpointsOf({ url: 'http://[::1]:1337' }).openai, 'http://[::1]:1337/v1')
    assert.equal(endpointsOf({ url: 'https://host/osaurus/' }).mcp, 'https://host/osaurus/mcp')
  })

  /** @type {[string, unknown, string, RegExp][]} */
  const wrong = [
    ['nothing', undefined, 'ERR_INVALID_ARG_TYPE', /"instance" argument.*Received undefined/],
    ['null, as getInstance() gives for none', null, 'ERR_INVALID_ARG_TYPE', /"instance" argument.*null/],
    ['a URL alone', 'http://127.0.0.1:1337', 'ERR_INVALID_ARG_TYPE', /"instance" argument.*type string/],
    ['a promise not awaited', Promise.resolve(), 'ERR_INVALID_ARG_TYPE', /an instance of Promise/],
    ['a list', [], 'ERR_INVALID_ARG_TYPE', /an instance of Array/],
    ['a URL that is a URL object', { url: new URL('http://x') }, 'ERR_INVALID_ARG_TYPE', /instance\.url/],
    ['an address without scheme', { url: '127.0.0.1:1337' }, 'ERR_INVALID_ARG_VALUE', /'127\.0\.0\.1:1337'/],
    ['another scheme', { url: 'ftp://127.0.0.1' }, 'ERR_INVALID_ARG_VALUE', /http: or https:/],
    ['a scheme with one slash', { url: 'http:/127.0.0.1' }, 'ERR_INVALID_ARG_VALUE', /http: or https:/],
    ['a scheme with three slashes', { url: 'http:///127.0.0.1' }, 'ERR_INVALID_ARG_VALUE', /http: or https:/],
    ['a backslash', { url: 'http://127.0.0.1\\v1' }, 'ERR_INVALID_ARG_VALUE', /http: or https:/],
    ['a query', { url: 'http://127.0.0.1?a=b' }, 'ERR_INVALID_ARG_VALUE', /without query/],
    ['a fragment', { url: 'http://127.0.0.1#a' }, 'ERR_INVALID_ARG_VALUE', /fragment/],
    ['a port that is none', { url: 'http://127.0.0.1:99999' }, 'ERR_INVALID_ARG_VALUE', /99999/],
    ['a space', { url: 'http://127.0.0.1 ' }, 'ERR_INVALID_ARG_VALUE', /http: or https:/],
  ]
  for (const [name, instance, code, message] of wrong) {
    test(`endpointsOf() throws for ${name}`, () => {
      assert.throws(() => endpointsOf(/** @type {any} */ (instance)), { name: 'TypeError', code, message })
    })
  }
})
