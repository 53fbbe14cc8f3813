// Tests what a request may be, and what reaches the server.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { json, shareServer } = require('../support/fetch/fetching.js')

const { server, osaurusFetch } = shareServer()

describe('the address of a request', () => {
  test('the address of a request may be a path, a URL string, a URL or a Request', async () => {
    const base = 'http://osaurus.invalid'
    for (const input of [
      '/echo?a=1',
      `${base}/echo?a=1`,
      new URL('/echo?a=1', base),
      new Request(`${base}/echo?a=1`),
    ])
      assert.equal((await json(osaurusFetch(input))).url, '/echo?a=1')
  })

  test('the address of a request keeps its encoding, and loses its fragment', async () => {
    assert.equal((await json(osaurusFetch('/echo/a%20b?q=%2F#part'))).url, '/echo/a%20b?q=%2F')
  })

  test('the address of a request of another origin rejects, without the rest of the URL in the error', async () => {
    const others = [
      'http://127.0.0.1:1337/secret',
      'https://osaurus.invalid/secret',
      'http://osaurus.invalid:8080/secret',
      'http://osaurus.invalid.example/secret',
      '//example.com/secret',
      'http://user:secret@osaurus.invalid/',
      'file:///secret',
      'http://[secret',
    ]
    for (const input of others)
      await assert.rejects(osaurusFetch(input), (/** @type {any} */ error) => {
        assert.ok(error instanceof TypeError)
        assert.equal(/** @type {any} */ (error).code, 'ERR_INVALID_ARG_VALUE')
        assert.doesNotMatch(String(error.stack), /secret/)
        return true
      })
  })

  test('the address of a request appears in the response as a URL that does not change', async () => {
    const response = await osaurusFetch('/echo')
    assert.equal(response.url, 'http://osaurus.invalid/echo')
    assert.ok(response instanceof Response)
  })
})

describe('the header of a request', () => {
  test('the header of a request names the address that the server listens on as its host', async () => {
    const { headers } = await json(osaurusFetch('/echo', { headers: { Host: 'example.com' } }))
    assert.equal(headers.host, `127.0.0.1:${server.port}`)
  })

  test('the header of a request carries what the caller set, in each of the three forms', async () => {
    for (const headers of [{ 'X-One': ' 1 ' }, new Headers({ 'X-One': '1' }), [['X-One', '1']]])
      assert.equal(
        (await json(osaurusFetch('/echo', { headers: /** @type {any} */ (headers) }))).headers['x-one'],
        '1',
      )
  })

  test('the header of a request has defaults for accept and user-agent, which the caller may replace', async () => {
    const { headers } = await json(osaurusFetch('/echo'))
    assert.equal(headers.accept, '*/*')
    assert.match(headers['user-agent'], /^osaurus-discovery\/\d/)
    const own = await json(osaurusFetch('/echo', { headers: { accept: 'text/plain', 'user-agent': 'mine' } }))
    assert.equal(own.headers.accept, 'text/plain')
    assert.equal(own.headers['user-agent'], 'mine')
  })

  test('the header of a request cannot change how the message is framed', async () => {
    const headers = {
      'content-length': '3',
      'transfer-encoding': 'chunked',
      connection: 'close',
      expect: '100-continue',
    }
    const echoed = await json(osaurusFetch('/echo', { method: 'POST', body: 'four', headers }))
    assert.equal(echoed.body, 'four')
    assert.equal(echoed.headers['content-length'], '4')
    for (const name of ['transfer-encoding', 'expect']) assert.equal(echoed.headers[name], undefined)
    assert.equal(echoed.headers.connection, 'keep-alive')
  })

  test('the header of a request rejects a name or value that would inject another one', async () => {
    for (const headers of [{ 'a b': '1' }, { a: '1\r\nb: 2' }, { a: '1\0' }, { a: '🦕' }])
      await assert.rejects(osaurusFetch('/echo', { headers: /** @type {any} */ (headers) }), TypeError)
  })
})

describe('the body of a request', () => {
  const post = (/** @type {any} */ body, /** @type {any} */ init = {}) =>
    json(osaurusFetch('/echo', { method: 'POST', body, ...init }))

  test('the body of a request may be text, which has a length and a type', async () => {
    const { body, headers } = await post('größer')
    assert.equal(Buffer.from(body, 'latin1').toString(), 'größer')
    assert.equal(headers['content-length'], '8')
    assert.equal(headers['content-type'], 'text/plain;charset=UTF-8')
  })

  test('the body of a request keeps a content type that the caller set', async () => {
    const { headers } = await post('{}', { headers: { 'Content-Type': 'application/json' } })
    assert.equal(headers['content-type'], 'application/json')
  })

  test('the body of a request may be bytes, which are copied at the call', async () => {
    const bytes = new Uint8Array([1, 2, 3, 4])
    const sent = post(bytes.subarray(1, 3))
    bytes.fill(0)
    assert.equal((await sent).body, '\x02\x03')
    assert.equal((await post(new Uint8Array([5]).buffer)).body, '\x05')
  })

  test('the body of a request may be URLSearchParams, a Blob or FormData', async () => {
    const params = await post(new URLSearchParams({ a: '1 2' }))
    assert.equal(params.body, 'a=1+2')
    assert.equal(params.headers['content-type'], 'application/x-www-form-urlencoded;charset=UTF-8')
    const blob = await post(new Blob(['abc'], { type: 'audio/wav' }))
    assert.deepEqual(
      [blob.body, blob.headers['content-type'], blob.headers['content-length']],
      ['abc', 'audio/wav', '3'],
    )
    const form = new FormData()
    form.set('file', new File(['abc'], 'a.wav'))
    const { body, headers } = await post(form)
    assert.match(headers['content-type'], /^multipart\/form-data; boundary=/)
    assert.match(body, /name="file"; filename="a.wav"[^]*abc/)
  })

  test('the body of a request may be a stream or an async iterable, with duplex', async () => {
    const parts = async function* () {
      yield Buffer.from('one ')
      yield Buffer.from('two')
    }
    assert.equal((await post(ReadableStream.from(parts()), { duplex: 'half' })).body, 'one two')
    assert.equal((await post(parts(), { duplex: 'half' })).body, 'one two')
    await assert.rejects(post(ReadableStream.from(parts())), /duplex/)
  })

  test('the body of a request of another realm or library is recognized by the name of its class', async () => {
    /** @param {string} name @param {object} members */
    const foreign = (name, members) => ({ [Symbol.toStringTag]: name, ...members })
    const params = await post(foreign('URLSearchParams', { toString: () => 'a=1' }))
    assert.equal(params.headers['content-type'], 'application/x-www-form-urlencoded;charset=UTF-8')
    const blob = await post(
      foreign('Blob', { size: 3, type: 'audio/wav', stream: () => new Blob(['abc']).stream() }),
    )
    assert.deepEqual(
      [blob.body, blob.headers['content-type'], blob.headers['content-length']],
      ['abc', 'audio/wav', '3'],
    )
  })

  test('the body of a request that is anything else becomes text, and a symbol rejects', async () => {
    for (const content of [42, new String('text'), {}]) {
      const text = `${content}`
      const { body, headers } = await post(content)
      assert.deepEqual(
        [body, headers['content-length'], headers['content-type']],
        [text, String(text.length), 'text/plain;charset=UTF-8'],
      )
    }
    await assert.rejects(post(Symbol('x')), TypeError)
    await assert.rejects(post(ReadableStream.from(['text']), { duplex: 'half' }), /Uint8Array/)
    await assert.rejects(post(new Uint8Array(new SharedArrayBuffer(1))), TypeError)
  })

  test('the body of a request that is form data has a length, and is sent again after a redirect', async () => {
    const form = new FormData()
    form.set('file', new File(['abc'], 'a.wav'))
    const response = await osaurusFetch('/redirect?code=307&to=/echo', { method: 'POST', body: form })
    const { body, headers } = await json(response)
    assert.equal(headers['content-length'], String(body.length))
    const boundary = headers['content-type'].replace('multipart/form-data; boundary=', '')
    assert.ok(body.startsWith(`--${boundary}\r\n`) && body.endsWith(`\r\n--${boundary}--\r\n`))
  })

  test('the body of a request may be that of a Request, which is then used', async () => {
    const request = new Request('http://osaurus.invalid/echo', {
      method: 'POST',
      body: 'once',
      headers: { a: '1' },
    })
    const echoed = await json(osaurusFetch(request, { headers: { b: '2' } }))
    assert.deepEqual(
      [echoed.body, echoed.method, echoed.headers.a, echoed.headers.b],
      ['once', 'POST', undefined, '2'],
    )
    await assert.rejects(osaurusFetch(request), /read already/)
  })

  test('the body of a request that is cancelled while it is read leaves no rejection unhandled', async () => {
    for (let i = 0; i < 50; i++) {
      const form = new FormData()
      for (let part = 0; part < 20; part++) form.append('file', new Blob(['abc']))
      const request = new Request('http://osaurus.invalid/status?code=304', { method: 'POST', body: form })
      await (await osaurusFetch(request)).text()
    }
  })

  test('the body of a request is not allowed for GET and HEAD', async () => {
    await assert.rejects(osaurusFetch('/echo', { body: 'x' }), TypeError)
  })

  test('the body of a request that fails in the middle ends the request and rejects with its error', async () => {
    const failing = async function* () {
      yield Buffer.from('one')
      throw new RangeError('the disk is gone')
    }
    await assert.rejects(post(failing(), { duplex: 'half' }), {
      name: 'RangeError',
      message: 'the disk is gone',
    })
  })

  test('the body of a request is not sent to its end if the server has answered before', async () => {
    const endless = async function* () {
      for (;;) yield Buffer.alloc(65536)
    }
    const body = ReadableStream.from(endless())
    const response = await osaurusFetch('/refuse', { method: 'POST', body, duplex: 'half' })
    assert.equal(response.status, 413)
    assert.equal(await response.text(), 'too large')
  })
})

test('methods are normalized as the standard says, and those it forbids reject', async () => {
  for (const method of ['delete', 'options', 'put'])
    assert.equal((await json(osaurusFetch('/echo', { method }))).method, method.toUpperCase())
  assert.equal((await json(osaurusFetch('/echo', { method: 'PATCH' }))).method, 'PATCH')
  for (const method of ['CONNECT', 'TRACE', 'a b', ''])
    await assert.rejects(osaurusFetch('/echo', { method }), TypeError)
})
