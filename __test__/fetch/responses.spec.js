// Tests that a response is what the standard fetch would give.
'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { json, shareServer } = require('../support/fetch/fetching.js')

const { server, osaurusFetch } = shareServer()

/** The runtime's own fetch of the same. @param {string} path @param {RequestInit} [init] */
const standardFetch = (path, init) => fetch(`http://127.0.0.1:${server.port}${path}`, init)

test('a response has the status, headers and flags of the standard', async () => {
  for (const path of [
    '/',
    '/status?code=404',
    '/status?code=500',
    '/status?code=299',
    '/packed?coding=gzip',
  ]) {
    const [ours, theirs] = [await osaurusFetch(path), await standardFetch(path)]
    const facts = (/** @type {Response} */ { status, statusText, ok, redirected, bodyUsed, headers }) => {
      const all = Object.fromEntries(headers)
      delete all.date
      return { status, statusText, ok, redirected, bodyUsed, headers: all }
    }
    assert.deepEqual(facts(ours), facts(theirs))
    assert.equal(await ours.text(), await theirs.text())
    assert.equal(ours.bodyUsed, true)
  }
})

test('a response without content has no body, and frees its connection', async () => {
  for (const [path, method] of [
    ['/status?code=204', 'GET'],
    ['/status?code=304', 'GET'],
    ['/', 'HEAD'],
  ]) {
    const response = await osaurusFetch(path, { method })
    assert.equal(response.body, null)
    assert.equal(await response.text(), '')
  }
})

test('a compressed body is decompressed', async () => {
  for (const coding of ['gzip', 'deflate', 'br']) {
    const response = await osaurusFetch(`/packed?coding=${coding}`)
    assert.equal(await response.text(), 'unpacked')
    const { body } = await osaurusFetch(`/packed?coding=${coding}`)
    assert.equal(await new Response(body).text(), 'unpacked')
  }
})

test('every method of reading a body works, once', async () => {
  const read = {
    text: async (/** @type {Response} */ response) => JSON.parse(await response.text()),
    json: (/** @type {Response} */ response) => response.json(),
    arrayBuffer: async (/** @type {Response} */ response) =>
      JSON.parse(Buffer.from(await response.arrayBuffer()).toString()),
    blob: async (/** @type {Response} */ response) => {
      const blob = await response.blob()
      assert.equal(blob.type, 'application/json')
      return JSON.parse(await blob.text())
    },
    stream: async (/** @type {Response} */ response) => new Response(response.body).json(),
    clone: async (/** @type {Response} */ response) => {
      const copy = response.clone()
      assert.equal(copy.url, response.url)
      assert.deepEqual(await response.json(), await copy.json())
      return response.url === copy.url ? { url: '/echo' } : {}
    },
  }
  for (const [name, method] of Object.entries(read)) {
    const response = await osaurusFetch('/echo')
    assert.equal((await method(response)).url, '/echo', name)
    assert.equal(response.bodyUsed, true, name)
    await assert.rejects(response.text(), TypeError, name)
    assert.throws(() => response.clone(), TypeError, name)
    if (response.body)
      assert.throws(() => response.body?.getReader().releaseLock() ?? response.clone(), TypeError)
  }
})

test('a body that is locked cannot be read by a method, and can be after the lock is released', async () => {
  const response = await osaurusFetch('/echo')
  const reader = /** @type {ReadableStream} */ (response.body).getReader()
  await assert.rejects(response.text(), TypeError)
  reader.releaseLock()
  assert.equal((await json(response)).url, '/echo')
})

test('a body gives up a byte order mark in text, and keeps it in bytes', async () => {
  const bom = '\ufeffmarked'
  const echo = () => osaurusFetch('/mirror', { method: 'POST', body: bom })
  assert.equal(await (await echo()).text(), 'marked')
  assert.deepEqual(Buffer.from(await (await echo()).arrayBuffer()), Buffer.from(bom))
})

test('a body supports readers that bring their own buffer', async () => {
  const { body } = await osaurusFetch('/mirror', { method: 'POST', body: 'twelve bytes' })
  const reader = /** @type {ReadableStream} */ (body).getReader({ mode: 'byob' })
  let text = ''
  for (;;) {
    const { done, value } = await reader.read(new Uint8Array(5))
    if (done) break
    text += Buffer.from(value)
  }
  assert.equal(text, 'twelve bytes')
})

test('form data is parsed', async () => {
  const form = new FormData()
  form.set('name', 'value')
  const response = await osaurusFetch('/mirror', { method: 'POST', body: form })
  assert.equal((await response.formData()).get('name'), 'value')
})
