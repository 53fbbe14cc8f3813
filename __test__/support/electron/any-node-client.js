// Sends requests through the client on this version of Node. Run by scripts/node-versions.js against a fake Osaurus.
//
// It has no web globals before Node 18, as Electron's main process has none in old versions; from then on fetch() is tried too.
'use strict'

const assert = require('assert')

const { discoverLatestRunningInstance, watchInstances } = require('../../..')
const { OsaurusClient } = require('../../../lib/client/client.js')
const { parseServerUrl } = require('../../../lib/client/server-url.js')

/** @typedef {InstanceType<typeof OsaurusClient>} Client */

const [baseDir, url] = process.argv.slice(2)
const where = { baseDir, verify: true }
const MESSAGES = [{ role: 'user', content: 'Hello' }]

/** @param {object} [options] */
function createClient(options) {
  return new OsaurusClient({
    watch: () => watchInstances({ ...where, persistent: false }),
    discover: () => discoverLatestRunningInstance(where),
    accessKey: async () => 'osk-v1-test',
    ...options,
  })
}

/**
 * @param {Client} client
 * @param {string} method
 * @param {string} route
 * @param {object} [content]
 * @returns {Promise<{ status: number, text: string, chunks: number }>}
 */
function send(client, method, route, content) {
  const bytes = content && Buffer.from(JSON.stringify(content))
  const body = bytes && { bytes, length: bytes.length }
  return new Promise((resolve, reject) => {
    client.send(
      { method, path: route, headers: [['Content-Type', 'application/json']], body },
      {
        onError: reject,
        onResponse: (message, response) => {
          /** @type {Buffer[]} */
          const chunks = []
          response.decode()
          /** @param {unknown} error @param {Buffer | null} [chunk] */
          const onChunk = (error, chunk) => {
            if (error) return reject(error)
            if (!chunk)
              return resolve({
                status: Number(message.statusCode),
                text: Buffer.concat(chunks).toString(),
                chunks: chunks.length,
              })
            chunks.push(chunk)
            response.read(onChunk)
          }
          response.read(onChunk)
        },
      },
    )
  })
}

/** @param {Client} client */
async function useClient(client) {
  const models = await send(client, 'GET', '/v1/models')
  assert.strictEqual(models.status, 200)
  const model = JSON.parse(models.text).data[0].id
  const whole = await send(client, 'POST', '/v1/chat/completions', { model, messages: MESSAGES })
  assert.ok(/Hello from the fake Osaurus/.test(whole.text))
  const stream = await send(client, 'POST', '/v1/chat/completions', {
    model,
    messages: MESSAGES,
    stream: true,
  })
  assert.ok(stream.chunks > 3 && /\[DONE\]/.test(stream.text), `${stream.chunks} chunks`)
  const many = await Promise.all(Array.from({ length: 300 }, () => send(client, 'GET', '/health')))
  assert.ok(many.every(({ status }) => status === 200))
  // Nothing is sent if a part of the request is invalid.
  await assert.rejects(send(client, 'GET', '/with space'), { code: 'ERR_UNESCAPED_CHARACTERS' })
}

/** @param {Client} client */
async function abort(client) {
  const reason = new Error('enough')
  const bytes = Buffer.from(JSON.stringify({ model: 'any', messages: MESSAGES, stream: true }))
  const request = {
    method: 'POST',
    path: '/v1/chat/completions',
    headers: /** @type {[string, string][]} */ ([['Content-Type', 'application/json']]),
    body: { bytes, length: bytes.length },
  }
  const aborted = new Promise((resolve, reject) => {
    const call = client.send(request, {
      onError: reject,
      onResponse: (_, response) =>
        response.read((error) => {
          if (error) return reject(error)
          response.read((next) => (next ? reject(next) : resolve('another chunk')))
          call.abort(reason)
        }),
    })
  })
  await assert.rejects(aborted, (/** @type {unknown} */ error) => error === reason)
  const late = send(client, 'GET', '/v1/models')
  client.close()
  await assert.rejects(late, { code: 'ABORT_ERR' })
}

async function useFetch() {
  const { createOsaurusFetch } = require('../../../fetch.js')
  const osaurusFetch = createOsaurusFetch({ baseDir })
  const { data } = await (await osaurusFetch('/v1/models')).json()
  const form = new FormData()
  form.set('model', data[0].id)
  form.set('file', new Blob(['RIFF']), 'hello.wav')
  const transcription = await osaurusFetch('/v1/audio/transcriptions', { method: 'POST', body: form })
  assert.strictEqual(transcription.status, 200, await transcription.clone().text())
  const body = JSON.stringify({ model: data[0].id, messages: MESSAGES, stream: true })
  const response = await osaurusFetch('/v1/chat/completions', { method: 'POST', body })
  let text = ''
  for await (const chunk of /** @type {any} */ (response.body)) text += Buffer.from(chunk)
  assert.ok(/\[DONE\]/.test(text))
  osaurusFetch.close()
}

async function main() {
  for (const options of [{}, { url: parseServerUrl(url, 'url') }]) {
    const client = createClient(options)
    await useClient(client)
    await abort(client)
  }
  const hasFetch = typeof Response === 'function'
  if (hasFetch) await useFetch()
  console.log(`Node ${process.version}: client, client with a URL${hasFetch ? ', fetch' : ''}`)
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
