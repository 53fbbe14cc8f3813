// Compares the route policy with an independent one on random requests, and with what reaches a server.
//
// A seed may be given: OSAURUS_TEST_SEED=7 node --test __test__/electron/routes-random.spec.js
'use strict'

const assert = require('node:assert/strict')
const { once } = require('node:events')
const http = require('node:http')
const path = require('node:path')
const { test } = require('node:test')

const { DEFAULT_ROUTES, createRoutePolicy, validateRoutes } = require('../../lib/electron/routes.js')
const { Random } = require('../support/random.js')

const seed = Number(process.env.OSAURUS_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32))
const REQUESTS = 60_000

const METHODS = ['GET', 'GET', 'POST', 'POST', 'DELETE', 'HEAD', 'get', 'TRACE', 'G T']
const SEGMENTS = [
  ...[
    'v1',
    'api',
    'models',
    'tags',
    'chat',
    'completions',
    'agents',
    'plugins',
    'notes',
    'mcp',
    'call',
    'run',
  ],
  ...['a', 'B', '*', '**', '~', 'a.b', '...', "'", 'é', '%C3%A9', '%20', '%25', '100%25'],
  ...[
    '',
    '.',
    '..',
    '%2e',
    '%2E.',
    '%2f',
    '%5c',
    '\\',
    '%',
    '%0a',
    '\n',
    ' ',
    '%c0%ae',
    '\u012e',
    ';',
    '..;',
    '#',
    '@',
    ':1',
  ],
]
const QUERIES = ['', '', '', '?', '?a=b', '?/../x', '?%2f', '? ', '?"', '?#', '?é', '?a\nb']
const PATTERN_SEGMENTS = [
  'v1',
  'api',
  'agents',
  'plugins',
  'notes',
  'mcp',
  'call',
  'run',
  '*',
  '%C3%A9',
  'a.b',
]

/** @param {InstanceType<typeof Random>} random */
function randomRequest(random) {
  const known = random.chance(0.3) ? random.pick(DEFAULT_ROUTES).split(' ') : undefined
  const segments = Array.from({ length: 1 + random.below(4) }, () => random.pick(SEGMENTS))
  const prefix = random.pick(['', '', '/v1', '/api', '/v1/api', '/v1/v1', '/'])
  const rest = known ? known[1] : `/${segments.join('/')}`
  const extra = random.chance(0.2) ? random.pick(SEGMENTS) : ''
  const method = known && random.chance(0.8) ? known[0] : random.pick(METHODS)
  return { method, target: prefix + rest + extra + random.pick(QUERIES) }
}

/** @param {InstanceType<typeof Random>} random */
function randomPattern(random) {
  const segments = Array.from({ length: 1 + random.below(3) }, () => random.pick(PATTERN_SEGMENTS))
  if (random.chance(0.3)) segments.push('**')
  return `${random.pick(['*', 'GET', 'POST', 'DELETE'])} /${segments.join('/')}`
}

/**
 * Matches segment by segment, where the policy uses expressions.
 * @param {string[]} pattern @param {string[]} segments
 * @returns {boolean}
 */
function matches([first, ...pattern], [segment, ...segments]) {
  if (first === '**') return true
  if (first === undefined || segment === undefined) return first === segment
  return (first === '*' ? segment !== '' : first === segment) && matches(pattern, segments)
}

/** @param {string[]} routes @param {string} method @param {string} pathname */
function isCovered(routes, method, pathname) {
  return routes.some((route) => {
    const [its, pattern] = route.split(' ')
    const spellings = /^\/(v1|api)\//.test(pattern) ? [''] : ['', '/v1', '/api', '/v1/api']
    return (
      (its === '*' || its === method) &&
      spellings.some((prefix) => matches((prefix + pattern).split('/'), pathname.split('/')))
    )
  })
}

/** Whether the path means itself to a program that decodes and resolves it. @param {string} pathname */
function isPlain(pathname) {
  const decoded = decodeURIComponent(pathname)
  const trimmed = decoded.replace(/(?<=.)\/$/, '')
  return path.posix.normalize(trimmed) === trimmed && pathname.split('/').length === decoded.split('/').length
}

test(`an allowed request is the one that the server gets (OSAURUS_TEST_SEED=${seed})`, async (t) => {
  const random = new Random(seed)
  const server = http.createServer((request, response) => {
    response.setHeader('x-got', JSON.stringify([request.method, request.url]))
    response.end()
  })
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => (agent.destroy(), server.close()))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())

  /** Requests that were allowed, to be sent once each. @type {Set<string>} */
  const allowed = new Set()
  let refused = 0
  for (let round = 0; round < REQUESTS / 100; round++) {
    const routes = Array.from({ length: random.below(4) }, () => randomPattern(random))
    if (random.chance(0.1)) routes.push('* /**')
    validateRoutes(routes, 'routes')
    const policy = createRoutePolicy(routes)
    for (let i = 0; i < 100; i++) {
      const { method, target } = randomRequest(random)
      const what = JSON.stringify({ routes, method, target })
      const refusal = policy.check(method, target)
      if (refusal) {
        refused++
        if (!refusal.problem)
          assert.ok(!isCovered([...DEFAULT_ROUTES, ...routes], method, target.split('?')[0]), what)
        continue
      }
      // The client parses the target against its fixed origin.
      const url = new URL(target, 'http://osaurus.invalid')
      assert.equal(url.origin, 'http://osaurus.invalid', what)
      assert.equal(url.pathname + (url.search || target.slice(url.pathname.length)), target, what)
      assert.ok(isPlain(url.pathname), what)
      assert.ok(isCovered([...DEFAULT_ROUTES, ...routes], method, url.pathname), what)
      allowed.add(JSON.stringify([method, target]))
    }
  }
  t.diagnostic(`${allowed.size} different requests allowed, ${refused} refused`)
  assert.ok(allowed.size > 500 && refused > REQUESTS / 4, 'both outcomes are frequent')

  for (const request of random.shuffle([...allowed]).slice(0, 1000)) {
    const [method, target] = JSON.parse(request)
    const sent = http.request({ port, host: '127.0.0.1', agent, method, path: target }).end()
    const [response] = await once(sent, 'response')
    assert.equal(response.headers['x-got'], request)
    response.resume()
    await once(response, 'end')
  }
})
