// Tests that client libraries work unchanged through the fetch while the server restarts, hangs, or asks for a key.
'use strict'

const assert = require('node:assert/strict')
const { after, before, describe, test } = require('node:test')
const { createOsaurusFetch } = require('../../fetch.js')
const { startFakeOsaurus } = require('../../testing.js')
const { eventually } = require('../support/measure.js')
const { MODEL_CLIENTS } = require('../support/fetch/model-clients.js')

const KEY = 'osk-v1-test'
const LONG = 'Tell a long story'

/** Long enough that it is still streaming when the test acts. */
const STORY = 'and then '.repeat(2000)

/** @param {any} body */
const answer = (body) => (JSON.stringify(body).includes(LONG) ? STORY : undefined)

/** @param {AsyncIterable<string>} stream */
async function collect(stream) {
  let text = ''
  for await (const part of stream) text += part
  return text
}

/** Reads a stream until its first text, does something, and reads the rest. @param {AsyncIterable<string>} stream @param {() => unknown} act */
async function interrupted(stream, act) {
  let acted = false
  for await (const part of stream) {
    if (!part || acted) continue
    acted = true
    await act()
  }
  return acted
}

for (const [name, connect] of Object.entries(MODEL_CLIENTS)) {
  describe(name, () => {
    /** @type {import('osaurus-discovery/testing').FakeOsaurus} */
    let fake
    /** @type {import('osaurus-discovery/fetch').OsaurusFetch} */
    let osaurusFetch
    /** @type {import('../support/fetch/model-clients.js').ModelClient} */
    let client
    before(async () => {
      fake = await startFakeOsaurus({ answer, wordDelayMs: 1 })
      const options = { baseDir: fake.baseDir, probeTimeoutMs: 10_000, waitMs: 60_000 }
      osaurusFetch = createOsaurusFetch({ ...options, accessKey: () => KEY })
      client = connect(osaurusFetch)
    })
    after(async () => {
      osaurusFetch.close()
      await fake.stop()
    })

    test(`${name} chats, streams and calls a tool`, async () => {
      const text = await client.chat('Hello')
      assert.match(text, /^Hello from the fake Osaurus/)
      assert.equal(await collect(client.stream('Hello')), text)
      assert.equal(await client.tool('What is the weather in Berlin?'), 'weather')
    })

    test(
      `${name} embeds`,
      { skip: !connect(createOsaurusFetch()).embed && 'the library has no embeddings' },
      async () => {
        const embeddings = await client.embed?.(['one', 'two'])
        assert.equal(embeddings?.length, 2)
        assert.equal(embeddings[0].length, embeddings[1].length)
      },
    )

    test(`${name} continues after restarts on other ports`, async () => {
      const text = await client.chat('Hello')
      for (let i = 0; i < 3; i++) {
        const { url } = fake
        await fake.crash()
        await fake.relaunch({ port: 0 })
        assert.notEqual(fake.url, url)
        assert.equal(await (i % 2 ? client.chat('Hello') : collect(client.stream('Hello'))), text)
      }
    })

    test(`${name} waits for a server that is starting`, async () => {
      await fake.crash()
      const waiting = client.chat('Hello')
      await fake.relaunch({ port: 0 })
      assert.match(await waiting, /^Hello/)
    })

    test(`${name} reports a server that dies in the middle of a stream, and continues after its restart`, async () => {
      const requests = fake.requests.length
      await assert.rejects(interrupted(client.stream(LONG), () => fake.crash()))
      assert.equal(
        fake.requests.slice(requests).filter(({ method }) => method === 'POST').length,
        1,
        'sent once',
      )
      await fake.relaunch({ port: 0 })
      assert.match(await client.chat('Hello'), /^Hello/)
    })

    test(`${name} ends the generation when a stream is aborted`, async () => {
      const controller = new AbortController()
      await interrupted(client.stream(LONG, controller.signal), () => controller.abort()).catch(() => {})
      await eventually(() => fake.requests.some(({ aborted }) => aborted), 'the end of the connection')
    })

    test(`${name} gets into an exposed server with the key, in spite of its placeholder`, async () => {
      await fake.setExposed(true)
      assert.match(await client.chat('Hello'), /^Hello/)
      // The watcher may probe the server beside the chat, because its file has changed.
      const chat = fake.requests.filter(({ method }) => method === 'POST').at(-1)
      assert.equal(chat?.headers.authorization, `Bearer ${KEY}`)
      const withoutKey = createOsaurusFetch({ baseDir: fake.baseDir, probeTimeoutMs: 10_000 })
      // Each library words it in its own way.
      await assert.rejects(connect(withoutKey).chat('Hello'), (/** @type {any} */ error) =>
        /access key|401|Unauthorized/i.test(`${error} ${error.status_code}`),
      )
      withoutKey.close()
    })
  })
}
