// Tests what pages send with window.osaurus.fetch, and what they get.
'use strict'

const assert = require('node:assert/strict')
const { after, test } = require('node:test')

const { request, startFetching } = require('../support/electron/page-fetch.js')
const { closeScreen } = require('../support/electron/start.js')
const { openWindow } = require('../support/electron/windows.js')

after(closeScreen)

test('a page sends every kind of body, with its type', async (t) => {
  const { app } = await startFetching(t)
  const received = await app.page(async () => {
    const bytes = new Uint8Array([0, 65, 66, 255, 67])
    const form = new FormData()
    form.append('field', 'value')
    form.append('file', new Blob(['content'], { type: 'text/x-file' }), 'name.txt')
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes.subarray(0, 2))
        controller.enqueue(bytes.subarray(2))
        controller.close()
      },
    })
    /** @type {Record<string, any>} */
    const bodies = {
      text: 'prompt ü',
      params: new URLSearchParams({ a: 'b c' }),
      buffer: bytes.buffer,
      view: bytes.subarray(1, 3),
      blob: new Blob([bytes], { type: 'audio/wav' }),
      form,
      stream,
      empty: '',
      none: undefined,
    }
    /** @type {Record<string, any>} */
    const received = {}
    for (const [name, body] of Object.entries(bodies)) {
      const duplex = name === 'stream' ? 'half' : undefined
      const response = await window.osaurus.fetch(
        '/echo',
        /** @type {any} */ ({ method: 'POST', body, duplex }),
      )
      const { headers, body: text } = await response.json()
      received[name] = { type: headers['content-type'] || null, length: headers['content-length'], text }
    }
    return received
  })
  const { form, ...others } = received
  const bytes = '\0AB\xffC'
  assert.deepEqual(others, {
    text: { type: 'text/plain;charset=UTF-8', length: '9', text: 'prompt Ã¼' },
    params: { type: 'application/x-www-form-urlencoded;charset=UTF-8', length: '5', text: 'a=b+c' },
    buffer: { type: null, length: '5', text: bytes },
    view: { type: null, length: '2', text: 'AB' },
    blob: { type: 'audio/wav', length: '5', text: bytes },
    stream: { type: null, length: '5', text: bytes },
    empty: { type: 'text/plain;charset=UTF-8', length: '0', text: '' },
    none: { type: null, length: '0', text: '' },
  })
  assert.match(form.type, /^multipart\/form-data; ?boundary=/)
  assert.match(
    form.text,
    /name="field"\r\n\r\nvalue\r\n[^]*filename="name.txt"\r\nContent-Type: text\/x-file\r\n\r\ncontent/,
  )
})

test('a page sends a Request of its own, and a client library the URLs of endpoints', async (t) => {
  const { app } = await startFetching(t)
  const received = await app.page(async () => {
    const { endpoints, fetch } = window.osaurus
    const request = new Request(`${endpoints.openai}/echo?q=1`, {
      method: 'PUT',
      headers: { 'X-Custom': 'yes', Cookie: 'no' },
      body: 'from a request',
    })
    const { method, url, headers, body } = await (await fetch(request)).json()
    const second = await (await fetch(new URL('/echo', endpoints.ollama))).json()
    return [
      endpoints,
      method,
      url,
      body,
      headers['x-custom'],
      headers.cookie || null,
      request.bodyUsed,
      second.url,
    ]
  })
  const origin = 'http://osaurus.invalid'
  assert.deepEqual(received, [
    { openai: `${origin}/v1`, anthropic: origin, ollama: origin, mcp: `${origin}/mcp` },
    ...['PUT', '/v1/echo?q=1', 'from a request', 'yes', null, true, '/echo'],
  ])
})

test('a page gets a Response of its own realm, with what the standard one has', async (t) => {
  const { app } = await startFetching(t)
  const facts = await app.page(async () => {
    const response = await window.osaurus.fetch('/status?code=404#hash')
    const clone = response.clone()
    const slow = await window.osaurus.fetch('/slow')
    const bytes = await slow.arrayBuffer()
    const packed = await window.osaurus.fetch('/packed?coding=br')
    const empty = await window.osaurus.fetch('/status?code=204')
    const head = await window.osaurus.fetch('/', { method: 'HEAD' })
    return {
      realm: [
        response instanceof Response,
        response.headers instanceof Headers,
        bytes instanceof ArrayBuffer,
      ],
      of: [response.status, response.ok, response.statusText, response.url, response.redirected],
      clone: [clone.url, clone.status, await clone.text(), response.bodyUsed],
      slow: [new Uint8Array(bytes).length, slow.bodyUsed],
      packed: await packed.text(),
      empty: [empty.status, empty.body],
      head: [head.status, head.body, head.headers.get('content-type')],
    }
  })
  const url = 'http://osaurus.invalid/status?code=404'
  assert.deepEqual(facts, {
    realm: [true, true, true],
    of: [404, false, 'Not Found', url, false],
    clone: [url, 404, '', false],
    slow: [10, true],
    packed: 'unpacked',
    empty: [204, null],
    head: [200, null, 'text/plain'],
  })
})

test('a request that is not in order rejects with an error of the page', async (t) => {
  const { app, server } = await startFetching(t, { fetch: true })
  const outcome = (/** @type {string} */ path, /** @type {any} */ init = undefined) =>
    app.page(request, { path, init })
  const codes = {
    'http://example.com/v1/models': 'ERR_INVALID_ARG_VALUE',
    '//example.com/v1/models': 'ERR_INVALID_ARG_VALUE',
    'http://user:secret@osaurus.invalid/v1/models': 'ERR_INVALID_ARG_VALUE',
    '/agents': 'OSAURUS_ROUTE_NOT_ALLOWED',
    '/v1/../agents': 'OSAURUS_ROUTE_NOT_ALLOWED',
  }
  for (const [path, code] of Object.entries(codes)) {
    const { isOfThePage, ...error } = await outcome(path)
    assert.deepEqual([isOfThePage, error.code], [true, code], path)
    assert.doesNotMatch(error.message, /secret/)
  }
  for (const init of [
    { method: 'POST', headers: { 'bad name': '' } },
    { method: 'TRACE' },
    { method: 'GET', body: 'text' },
    { signal: 'none' },
  ]) {
    const { name, isOfThePage } = await outcome('/v1/models', init)
    assert.deepEqual([name, isOfThePage], ['TypeError', true])
  }
  assert.deepEqual(server.requests(), [])
})

test('a page may fetch only if the app allows it', async (t) => {
  const { app, server } = await startFetching(t, { fetch: false })
  const { code, message } = await app.page(request, { path: '/v1/models' })
  assert.equal(code, 'ERR_INVALID_STATE')
  assert.match(message, /call registerOsaurus\(\{ fetch: true \}\) in the main process/)
  await app.main(({ state }) => state.registration.dispose())
  const disposed = await app.page(request, { path: '/v1/models' })
  assert.equal(disposed.code, 'ERR_INVALID_STATE')
  assert.match(disposed.message, /^The main process does not handle 'osaurus:preload:fetch'/)
  assert.deepEqual(server.requests(), [])
})

test('an untrusted page gets nothing', async (t) => {
  const { app, server } = await startFetching(t)
  const id = await openWindow(app, { url: 'data:text/html,<p>' })
  const { code } = await app.page(request, { path: '/echo' }, id)
  assert.equal(code, 'OSAURUS_UNTRUSTED_SENDER')
  assert.deepEqual(server.requests(), [])
})
