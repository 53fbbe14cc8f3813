// Tests which routes of Osaurus a page may request.
'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')

const { createRoutePolicy, routeNotAllowed, validateRoutes } = require('../../lib/electron/routes.js')
const { DEFAULT, PATTERNS, PLAIN_FORM, WRONG_PATTERNS } = require('../fixtures/electron/route-cases.js')

test('inference is allowed by default, below every prefix', () => {
  const policy = createRoutePolicy()
  for (const route of DEFAULT.allowed)
    for (const prefix of ['', '/v1', '/api', '/v1/api']) {
      const [method, path] = route.split(' ')
      assert.equal(policy.check(method, prefix + path), null, `${method} ${prefix}${path}`)
      assert.equal(
        policy.check(method, `${prefix + path}?a=/agents&b=..%2f`),
        null,
        'a query is not compared',
      )
    }
})

test('nothing else is allowed by default', () => {
  const policy = createRoutePolicy()
  for (const route of DEFAULT.refused)
    for (const prefix of ['', '/v1', '/api', '/v1/api']) {
      const [method, path] = route.split(' ')
      const refusal = policy.check(method, prefix + path)
      assert.deepEqual(refusal, { route }, `${method} ${prefix}${path}`)
    }
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])
    assert.deepEqual(policy.check(method, '/v1/chat/completions'), { route: `${method} /chat/completions` })
})

for (const [routes, allowed, refused] of PATTERNS)
  test(`${JSON.stringify(routes)} adds what it says`, () => {
    validateRoutes(routes, 'options.fetch.routes')
    const policy = createRoutePolicy(routes)
    for (const request of allowed) assert.equal(check(policy, request), null, request)
    for (const request of refused) assert.equal(check(policy, request)?.problem, undefined, request)
    for (const request of refused) assert.notEqual(check(policy, request), null, request)
    assert.equal(policy.check('POST', '/v1/chat/completions'), null, 'the default routes stay')
  })

for (const [what, requests] of PLAIN_FORM)
  test(`a request whose ${what} is refused, even if every route is allowed`, () => {
    for (const policy of [createRoutePolicy(['* /**']), createRoutePolicy()])
      for (const [method, target] of requests) {
        const refusal = policy.check(method, target)
        assert.ok(refusal?.problem, `${method} ${target}`)
        const { code, message } = routeNotAllowed(refusal)
        assert.equal(code, 'OSAURUS_ROUTE_NOT_ALLOWED')
        assert.match(message, /^This page may not request .*, which no route allows$/)
        assert.match(message, /^[ -~…]{1,500}$/, 'short and printable')
      }
  })

test('a method and a target that are not strings are refused', () => {
  const policy = createRoutePolicy(['* /**'])
  const hostile = { toString: () => '/v1/models', split: () => ['/v1/models'], length: 1 }
  for (const value of [undefined, null, 1, [], ['GET'], {}, hostile, Symbol('GET')]) {
    assert.match(String(policy.check(value, '/v1/models')?.problem), /must be strings/)
    assert.match(String(policy.check('GET', value)?.problem), /must be strings/)
  }
})

test('the error names the route without prefix and query, and the option', () => {
  const refusal = createRoutePolicy().check('GET', '/v1/agents?secret=1')
  assert.ok(refusal)
  const { code, message } = routeNotAllowed(refusal)
  assert.equal(code, 'OSAURUS_ROUTE_NOT_ALLOWED')
  assert.equal(
    message,
    "This page may not request GET /agents: to allow it, add 'GET /agents' to the option 'fetch.routes' of " +
      'registerOsaurus() in the main process',
  )
})

test('the error never suggests an entry that would allow more than the request', () => {
  for (const target of ['/plugins/*', '/plugins/**', `/plugins/${'a'.repeat(500)}`, "/it's"]) {
    const refusal = createRoutePolicy().check('POST', target)
    assert.ok(refusal)
    assert.match(routeNotAllowed(refusal).message, /add a route that covers it to the option/)
  }
})

for (const [pattern, reason] of WRONG_PATTERNS)
  test(`the pattern ${JSON.stringify(pattern)} is refused: ${reason}`, () => {
    const routes = ['GET /agents', 'POST /mcp/call', pattern]
    assert.throws(
      () => validateRoutes(routes, 'options.fetch.routes'),
      (/** @type {any} */ { code, message }) => {
        assert.match(code, typeof pattern === 'string' ? /^ERR_INVALID_ARG_VALUE$/ : /^ERR_INVALID_ARG_TYPE$/)
        assert.match(message, /options\.fetch\.routes\[2\]/)
        assert.ok(message.includes(reason), message)
        return true
      },
    )
  })

test('routes must be an array, without holes', () => {
  for (const value of [undefined, null, 'GET /agents', {}, new Set(['GET /agents'])])
    assert.throws(() => validateRoutes(value, 'options.fetch.routes'), {
      code: 'ERR_INVALID_ARG_TYPE',
      message: /"options\.fetch\.routes" property must be an array of strings/,
    })
  assert.throws(() => validateRoutes(new Array(1), 'options.fetch.routes'), /routes\[0\].*type string/)
  validateRoutes([], 'options.fetch.routes')
})

/** @param {ReturnType<typeof createRoutePolicy>} policy @param {string} request */
function check(policy, request) {
  const [method, target] = request.split(' ')
  return policy.check(method, target)
}
