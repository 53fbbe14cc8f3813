// Tests that the common client libraries work with the discovered URLs and the fake Osaurus.
'use strict'

const assert = require('node:assert/strict')
const { after, before, describe, test } = require('node:test')
const { default: Anthropic } = require('@anthropic-ai/sdk')
const { Ollama } = require('ollama')
const { default: OpenAI } = require('openai')
const { discoverLatestRunningInstance, endpointsOf } = require('../../index.js')
const { startFakeOsaurus } = require('../../testing.js')

const MODEL = 'llama-3.2-3b-instruct'
const REPLY = 'Hello from the fake Osaurus. This answer is canned.'
const HELLO = /** @type {const} */ ({ role: 'user', content: 'Hello' })

// A client that tries again would hide what the fake did wrong the first time.
const once = { maxRetries: 0 }

/** @type {import('osaurus-discovery/testing').FakeOsaurus} */
let fake
/** The only input of the clients. @type {import('osaurus-discovery').OsaurusEndpoints} */
let endpoints
before(async () => {
  fake = await startFakeOsaurus()
  endpoints = await discoveredEndpoints()
})
after(() => fake.stop())

async function discoveredEndpoints() {
  return endpointsOf(await discoverLatestRunningInstance({ verify: true, baseDir: fake.baseDir }))
}

/**
 * @template T
 * @param {AsyncIterable<T>} stream
 */
async function collect(stream) {
  /** @type {T[]} */
  const all = []
  for await (const part of stream) all.push(part)
  return all
}

describe('the openai client', () => {
  const connect = () => new OpenAI({ baseURL: endpoints.openai, apiKey: 'none', ...once })

  test('the openai client lists the models', async () => {
    const models = await collect(await connect().models.list())
    assert.deepEqual(
      models.map(({ id }) => id),
      [MODEL],
    )
  })

  test('the openai client gets a chat completion', async () => {
    const completion = await connect().chat.completions.create({ model: MODEL, messages: [HELLO] })
    assert.equal(completion.choices[0].message.content, REPLY)
    assert.equal(completion.choices[0].finish_reason, 'stop')
    assert.ok(completion.usage)
    assert.equal(
      completion.usage.total_tokens,
      completion.usage.prompt_tokens + completion.usage.completion_tokens,
    )
  })

  test('the openai client streams a chat completion, word by word', async () => {
    const stream = await connect().chat.completions.create({ model: MODEL, messages: [HELLO], stream: true })
    const chunks = await collect(stream)
    const words = chunks.map((chunk) => chunk.choices[0].delta.content ?? '')
    assert.equal(words.join(''), REPLY)
    assert.ok(words.filter(Boolean).length > 5)
    assert.equal(chunks.at(-1)?.choices[0].finish_reason, 'stop')
  })

  test('the openai client gets the usage at the end of a stream on request', async () => {
    const stream = await connect().chat.completions.create({
      model: MODEL,
      messages: [HELLO],
      stream: true,
      stream_options: { include_usage: true },
    })
    const last = (await collect(stream)).at(-1)
    assert.deepEqual(last?.choices, [])
    assert.ok(last?.usage && last.usage.completion_tokens > 0)
  })

  test('the openai client assembles a stream with its own helper', async () => {
    const stream = connect().chat.completions.stream({ model: MODEL, messages: [HELLO] })
    assert.equal((await stream.finalChatCompletion()).choices[0].message.content, REPLY)
  })

  test('the openai client gets a response', async () => {
    const response = await connect().responses.create({ model: MODEL, input: 'Hello' })
    assert.equal(response.status, 'completed')
    assert.equal(response.output_text, REPLY)
  })

  test('the openai client streams a response', async () => {
    const stream = await connect().responses.create({ model: MODEL, input: [HELLO], stream: true })
    const events = await collect(stream)
    const words = events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : ''))
    assert.equal(words.join(''), REPLY)
    const last = events.at(-1)
    assert.equal(last?.type === 'response.completed' && last.response.status, 'completed')
    assert.deepEqual(
      events.map((event) => event.sequence_number),
      [...events.keys()],
    )
  })

  test('the openai client assembles a streamed response with its own helper', async () => {
    const stream = connect().responses.stream({ model: MODEL, input: 'Hello' })
    assert.equal((await stream.finalResponse()).output_text, REPLY)
  })

  test('the openai client gets embeddings, packed and as numbers', async () => {
    const ask = { model: MODEL, input: ['one', 'two'] }
    const packed = await connect().embeddings.create(ask)
    const plain = await connect().embeddings.create({ ...ask, encoding_format: 'float' })
    assert.equal(plain.data.length, 2)
    for (const [index, { embedding }] of plain.data.entries()) {
      assert.deepEqual(packed.data[index].embedding, embedding.map(Math.fround))
      assert.ok(Math.abs(Math.hypot(...embedding) - 1) < 1e-9)
    }
    assert.notDeepEqual(plain.data[0].embedding, plain.data[1].embedding)
  })

  test('the openai client gets a transcription', async () => {
    const file = new File([Buffer.from('RIFF')], 'hello.wav', { type: 'audio/wav' })
    assert.equal((await connect().audio.transcriptions.create({ model: 'whisper', file })).text, REPLY)
  })

  test('the openai client reports an unknown model as its own kind of error', async () => {
    const asked = connect().chat.completions.create({ model: 'gpt-9', messages: [HELLO] })
    await assert.rejects(asked, (error) => {
      assert.ok(error instanceof OpenAI.NotFoundError)
      assert.match(error.message, /Model not found: gpt-9/)
      assert.equal(error.code, 'model_not_found')
      return true
    })
  })

  test('the openai client reports an unknown model for responses, too', async () => {
    const asked = connect().responses.create({ model: 'gpt-9', input: 'Hello' })
    await assert.rejects(asked, /404 Model not found: gpt-9/)
  })
})

describe('the Anthropic client', () => {
  const connect = () => new Anthropic({ baseURL: endpoints.anthropic, apiKey: 'none', ...once })
  const ask = { model: MODEL, max_tokens: 100, messages: [HELLO] }

  test('the Anthropic client gets a message', async () => {
    const message = await connect().messages.create(ask)
    assert.deepEqual(message.content, [{ type: 'text', text: REPLY }])
    assert.equal(message.stop_reason, 'end_turn')
    assert.ok(message.usage.input_tokens > 0 && message.usage.output_tokens > 0)
  })

  test('the Anthropic client streams a message', async () => {
    const events = await collect(await connect().messages.create({ ...ask, stream: true }))
    const words = events.map((event) =>
      event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? event.delta.text : '',
    )
    assert.equal(words.join(''), REPLY)
    assert.equal(events[0].type, 'message_start')
    assert.equal(events.at(-1)?.type, 'message_stop')
  })

  test('the Anthropic client assembles a stream with its own helper', async () => {
    const stream = connect().messages.stream(ask)
    assert.equal(await stream.finalText(), REPLY)
    assert.equal((await stream.finalMessage()).stop_reason, 'end_turn')
  })

  test('the Anthropic client reports an unknown model as its own kind of error', async () => {
    await assert.rejects(connect().messages.create({ ...ask, model: 'claude-9' }), (error) => {
      assert.ok(error instanceof Anthropic.NotFoundError)
      assert.match(error.message, /not_found_error.*Model not found: claude-9/)
      return true
    })
  })
})

describe('the Ollama client', () => {
  const connect = () => new Ollama({ host: endpoints.ollama })
  const ask = { model: MODEL, messages: [HELLO] }

  test('the Ollama client lists the models', async () => {
    const { models } = await connect().list()
    assert.deepEqual(
      models.map(({ name }) => name),
      [MODEL],
    )
  })

  test('the Ollama client shows a model', async () => {
    assert.equal((await connect().show({ model: MODEL })).details.format, 'safetensors')
  })

  test('chats', async () => {
    const answer = await connect().chat(ask)
    assert.equal(answer.message.content, REPLY)
    assert.equal(answer.done, true)
  })

  test('the Ollama client streams a chat', async () => {
    const parts = await collect(await connect().chat({ ...ask, stream: true }))
    assert.equal(parts.map(({ message }) => message.content).join(''), REPLY)
    assert.deepEqual(
      parts.filter(({ done }) => done),
      parts.slice(-1),
    )
    assert.equal(parts.at(-1)?.done_reason, 'stop')
  })

  test('embeds', async () => {
    const { embeddings } = await connect().embed({ model: MODEL, input: ['one', 'two'] })
    assert.equal(embeddings.length, 2)
  })

  test('the Ollama client reports an unknown model as its own kind of error', async () => {
    await assert.rejects(connect().chat({ ...ask, model: 'nothing' }), /Model not found: nothing/)
  })
})

describe('while the server is exposed', () => {
  before(async () => {
    await fake.setExposed(true)
    endpoints = await discoveredEndpoints()
  })
  after(() => fake.setExposed(false))

  test('the openai client gets in with the key', async () => {
    const client = new OpenAI({ baseURL: endpoints.openai, apiKey: 'osk-v1-test', ...once })
    assert.equal((await client.models.list()).data.length, 1)
  })

  test('the openai client is rejected without a key', async () => {
    const client = new OpenAI({ baseURL: endpoints.openai, apiKey: 'wrong', ...once })
    await assert.rejects(client.models.list(), OpenAI.AuthenticationError)
  })

  test('the Anthropic client gets in with the key as its authToken', async () => {
    const options = {
      baseURL: endpoints.anthropic,
      apiKey: null,
      authToken: 'osk-v1-test',
      ...once,
    }
    const asked = new Anthropic(options).messages.create({ model: MODEL, max_tokens: 100, messages: [HELLO] })
    assert.equal((await asked).stop_reason, 'end_turn')
  })

  test('the Anthropic client gets in with the key as its apiKey, too', async () => {
    const client = new Anthropic({ baseURL: endpoints.anthropic, apiKey: 'osk-v1-test', ...once })
    assert.equal((await client.models.list()).data.length, 1)
  })

  test('the Ollama client gets in with the key in its headers', async () => {
    const headers = { Authorization: 'Bearer osk-v1-test' }
    assert.equal((await new Ollama({ host: endpoints.ollama, headers }).list()).models.length, 1)
    await assert.rejects(new Ollama({ host: endpoints.ollama }).list(), { status_code: 401 })
  })
})
