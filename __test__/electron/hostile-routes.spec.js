// Tests in a real Electron that a hostile page reaches no route that is not allowed, however it spells the request.
'use strict'

const assert = require('node:assert/strict')
const http = require('node:http')
const { after, test } = require('node:test')

const { createRoutePolicy } = require('../../lib/electron/routes.js')
const { DEFAULT, PLAIN_FORM } = require('../fixtures/electron/route-cases.js')
const { closeScreen } = require('../support/electron/start.js')
const { openRaw, received, sendRaw, startHostile } = require('../support/electron/hostile.js')
const { request, startFetching } = require('../support/electron/page-fetch.js')
const { openWindow } = require('../support/electron/windows.js')

after(closeScreen)

/** Every spelling that the policy refuses, and every route that is not allowed by default. */
const SPELLINGS = [
  ...PLAIN_FORM.flatMap(([, requests]) => requests),
  ...DEFAULT.refused.map((route) => route.split(' ')),
]

/** Characters that JSON and structured clones keep, but a test's message may not. @param {string[]} request */
const printable = (request) => JSON.stringify(request).slice(0, 200)

test('what a page spells in its fetch reaches the server as an allowed route, or not at all', async (t) => {
  const { app, fake } = await startHostile(t)
  await openWindow(app)
  /** @type {(string | number)[]} */
  const outcomes = await app.page(async (spellings) => {
    const outcomes = []
    for (const [method, target] of spellings)
      outcomes.push(
        await window.osaurus.fetch(target, { method }).then(
          async (response) => (await response.text(), response.status),
          ({ code, name }) => code || name,
        ),
      )
    return outcomes
  }, SPELLINGS)
  const policy = createRoutePolicy()
  const reached = received(fake)
  for (const request of reached) {
    const [method, target] = request.split(' ')
    assert.equal(policy.check(method, target), null, request)
  }
  assert.equal(outcomes.filter((each) => typeof each === 'number').length, reached.length)
  const refused = outcomes.filter((each) => each === 'OSAURUS_ROUTE_NOT_ALLOWED').length
  assert.ok(refused >= DEFAULT.refused.length, `${refused} refused`)
  for (const outcome of outcomes)
    assert.ok(
      [200, 400, 404, 'OSAURUS_ROUTE_NOT_ALLOWED', 'ERR_INVALID_ARG_VALUE', 'TypeError'].includes(outcome),
      String(outcome),
    )
})

for (const fetch of [true, { routes: ['* /**'] }])
  test(`a page that talks to the channel itself is refused every spelling, with fetch: ${JSON.stringify(fetch)}`, async (t) => {
    const { app, fake } = await startHostile(t, { register: { fetch } })
    const id = await openRaw(app)
    const spellings = fetch === true ? SPELLINGS : PLAIN_FORM.flatMap(([, requests]) => requests)
    const requests = spellings.map(([method, path], i) => ({ id: i, request: { method, path } }))
    const outcomes = await app.page(sendRaw, requests, id)
    spellings.forEach((spelling, i) =>
      assert.match(String(outcomes[i]), /^OSAURUS_ROUTE_NOT_ALLOWED: /, printable(spelling)),
    )
    assert.deepEqual(received(fake), [])
    // The page itself is trusted, so a plain request is answered.
    const [status] = await app.page(sendRaw, [{ id: 1, request: { method: 'GET', path: '/v1/models' } }], id)
    assert.equal(status, 200)
  })

test('a message that is not a request is refused, and harms nothing', async (t) => {
  const { app, fake } = await startHostile(t, { register: { fetch: { routes: ['* /**'] } } })
  const id = await openRaw(app)
  const outcomes = await app.page(
    async () => {
      const { ipcRenderer } = /** @type {any} */ (window).require('electron')
      const plain = { method: 'GET', path: '/agents', headers: [], redirect: 'follow' }
      const loop = /** @type {any} */ ([])
      loop.push(loop)
      const requests = [
        ...[undefined, null, 1, 'GET /agents', [], {}, new Date(), new Map(), new ArrayBuffer(8), /x/],
        ...[
          { ...plain, method: {} },
          { ...plain, redirect: undefined },
          { ...plain, path: ['/agents'] },
          { ...plain, headers: {} },
        ],
        ...[
          { ...plain, headers: loop },
          { ...plain, headers: [['a']] },
          { ...plain, headers: [['a', 'b', 'c']] },
        ],
        ...[
          { ...plain, headers: [['a', 1]] },
          { ...plain, headers: ['ab'] },
          { ...plain, headers: new Array(3) },
          { ...plain, headers: [new Array(2)] },
        ],
        ...['text', 1, {}, [1], new Blob(['x']), new Uint8Array(4)].map((body) => ({ ...plain, body })),
        { __proto__: plain, headers: [], redirect: 'follow' },
        JSON.parse('{ "__proto__": { "method": "GET", "path": "/agents", "headers": [] } }'),
      ]
      const outcomes = []
      for (const [i, request] of requests.entries())
        outcomes.push(
          await ipcRenderer.invoke('osaurus:preload:fetch', i, request).then(
            (/** @type {any} */ { error }) => (error ? error.code : 'answered'),
            () => 'not sent',
          ),
        )
      for (const id of [undefined, null, '1', {}, [], 1n, true])
        outcomes.push((await ipcRenderer.invoke('osaurus:preload:fetch', id, plain)).error.code)
      return outcomes
    },
    null,
    id,
  )
  for (const [i, outcome] of outcomes.entries())
    assert.match(outcome, /^(ERR_INVALID_ARG_TYPE|not sent)$/, `number ${i}`)
  assert.ok(outcomes.filter((/** @type {string} */ each) => each !== 'not sent').length > 20)
  assert.deepEqual(received(fake), [])
})

test('a page reaches no other host', async (t) => {
  let connections = 0
  const elsewhere = http.createServer().on('connection', (socket) => {
    connections++
    socket.destroy()
  })
  await new Promise((resolve) => elsewhere.listen(0, '127.0.0.1', () => resolve(undefined)))
  t.after(() => elsewhere.close())
  const { port } = /** @type {import('node:net').AddressInfo} */ (elsewhere.address())
  const { app, fake } = await startHostile(t, { register: { fetch: { routes: ['* /**'] } } })
  const own = await openWindow(app)
  const raw = await openRaw(app)
  const host = `127.0.0.1:${port}`
  const urls = [
    ...[`http://${host}/v1/models`, `//${host}/v1/models`, `\\\\${host}\\v1\\models`, `/\\${host}/v1/models`],
    ...[
      `http://osaurus.invalid@${host}/`,
      `http://osaurus.invalid:80@${host}/`,
      `http://osaurus.invalid.${host}/`,
    ],
    ...[
      `http://osaurus.invalid:${port}/`,
      `https://osaurus.invalid/`,
      `http://osaurus.invalid#@${host}/v1/models`,
    ],
    ...[
      `ws://osaurus.invalid/`,
      `http:\\\\${host}`,
      `http:${host}/x`,
      ` http://${host}/`,
      `\thttp://${host}/`,
    ],
  ]
  const outcomes = await app.page(
    async (urls) =>
      Promise.all(
        urls.map((url) =>
          window.osaurus.fetch(url).then(
            ({ status }) => status,
            ({ code }) => code,
          ),
        ),
      ),
    urls,
    own,
  )
  const requests = urls.map((path, id) => ({ id, request: { method: 'GET', path } }))
  for (const outcome of await app.page(sendRaw, requests, raw))
    assert.match(String(outcome), /^OSAURUS_ROUTE_NOT_ALLOWED/)
  // A Host header is not the page's to choose.
  const headers = [
    ['Host', host],
    ['X-Forwarded-Host', host],
    ['Proxy-Connection', 'keep-alive'],
  ]
  await app.page(sendRaw, [{ id: 1, request: { method: 'GET', path: '/v1/models', headers } }], raw)
  assert.equal(fake.requests.at(-1)?.headers.host, new URL(fake.url).host)
  assert.ok(
    outcomes.filter((/** @type {unknown} */ each) => each === 'ERR_INVALID_ARG_VALUE').length >=
      urls.length - 3,
  )
  assert.equal(connections, 0)
})

test('a redirect of the server leads to no route that is not allowed', async (t) => {
  const { app, server } = await startFetching(t, { fetch: { routes: ['* /redirect'] } })
  for (const to of [
    '/agents',
    `http://127.0.0.1:${server.port}/agents`,
    '//127.0.0.1/agents',
    '/v1/../agents',
  ])
    for (const redirect of ['follow', 'manual', 'error'])
      for (const method of ['GET', 'POST']) {
        const path = `/redirect?code=307&to=${encodeURIComponent(to)}`
        await app.page(request, { path, init: { method, redirect } })
      }
  const others = server.requests().filter((line) => !/^(GET|POST) \/redirect\?/.test(line))
  assert.deepEqual(others, [])
  assert.equal(server.requests().length, 24)
})

test('headers of a page inject nothing', async (t) => {
  const { app, fake } = await startHostile(t)
  const id = await openRaw(app)
  const smuggled = 'GET /agents HTTP/1.1\r\nHost: x\r\n\r\n'
  const body = new TextEncoder().encode('{}').length
  /** @type {[name: string, headers: string[][]][]} */
  const refused = [
    ['a line break in a value', [['X-A', `a\r\nX-B: b`]]],
    ['a line feed in a value', [['X-A', 'a\nX-B: b']]],
    ['a carriage return in a value', [['X-A', 'a\rX-B: b']]],
    ['a whole request in a value', [['X-A', `a\r\n\r\n${smuggled}`]]],
    ['a null byte in a value', [['X-A', 'a\0b']]],
    ['a wide character whose low byte is a line feed', [['X-A', 'a\u010a\u010dX-B: b']]],
    ['a line break in a name', [['X-A: a\r\nX-B', 'b']]],
    ['a space in a name', [['Content-Length ', '5']]],
    ['a colon in a name', [['X-A:', 'b']]],
    ['an empty name', [['', 'b']]],
  ]
  const request = (/** @type {string[][]} */ headers) => ({ method: 'GET', path: '/v1/models', headers })
  const outcomes = await app.page(
    sendRaw,
    refused.map(([, headers], i) => ({ id: i, request: request(headers) })),
    id,
  )
  refused.forEach(([name], i) =>
    assert.match(String(outcomes[i]), /^ERR_(INVALID_CHAR|INVALID_HTTP_TOKEN)/, name),
  )
  assert.deepEqual(received(fake), [])

  // Headers of the connection are dropped in every spelling, so that no server and no proxy counts bytes differently.
  const framing = [
    ...[
      ['Content-Length', '0'],
      ['content-length', '5'],
      ['CONTENT-LENGTH', `${body}`],
    ],
    ...[
      ['Transfer-Encoding', 'chunked'],
      ['transfer-encoding', 'identity, chunked'],
      ['TE', 'trailers'],
    ],
    ...[
      ['Connection', 'close, authorization'],
      ['Upgrade', 'websocket'],
      ['Expect', '100-continue'],
    ],
    ...[
      ['Trailer', 'X'],
      ['Keep-Alive', 'timeout=1'],
      ['Proxy-Authorization', 'Basic eA=='],
    ],
  ]
  const [status] = await app.page(sendRaw, [{ id: 100, request: request(framing) }], id)
  assert.equal(status, 200)
  assert.deepEqual(received(fake), ['GET /v1/models'])
  const { headers } = /** @type {import('osaurus-discovery/testing').FakeOsaurusRequest} */ (
    fake.requests.at(-1)
  )
  for (const name of [
    'content-length',
    'transfer-encoding',
    'te',
    'upgrade',
    'expect',
    'trailer',
    'proxy-authorization',
  ])
    assert.equal(headers[name], undefined, name)
  assert.doesNotMatch(String(headers.connection), /authorization/)
})

test("a page's own key never goes beside or in place of the app's", async (t) => {
  const { app, fake } = await startHostile(t, { register: { fetch: { accessKey: 'osk-v1-test' } } })
  const id = await openRaw(app)
  const headers = [
    ['Authorization', 'Bearer a'],
    ['AUTHORIZATION', 'Bearer b'],
    ['x-api-key', 'c'],
    ['X-Api-Key', 'd'],
  ]
  const [status] = await app.page(
    sendRaw,
    [{ id: 1, request: { method: 'GET', path: '/v1/models', headers } }],
    id,
  )
  assert.equal(status, 200)
  const last = /** @type {import('osaurus-discovery/testing').FakeOsaurusRequest} */ (fake.requests.at(-1))
  assert.equal(last.headers.authorization, 'Bearer osk-v1-test')
  assert.equal(last.headers['x-api-key'], undefined)
})
