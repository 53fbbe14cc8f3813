// Tests tool calls of the fake with the clients of OpenAI, Anthropic and Ollama.
'use strict'

const assert = require('node:assert/strict')
const { after, before, describe, test } = require('node:test')
const { default: Anthropic } = require('@anthropic-ai/sdk')
const { Ollama } = require('ollama')
const { default: OpenAI } = require('openai')
const { startFakeOsaurus } = require('../../testing.js')

// Generous: only a call that never settles takes so long.
const HANGS = { timeout: 120_000 }

const MODEL = 'llama-3.2-3b-instruct'
const REPLY = 'Hello from the fake Osaurus. This answer is canned.'
const HELLO = /** @type {const} */ ({ role: 'user', content: 'Hello' })
const SCHEMA = { type: /** @type {const} */ ('object'), properties: { city: { type: 'string' } } }
const TOOLS = [
  {
    type: /** @type {const} */ ('function'),
    function: { name: 'weather', description: '', parameters: SCHEMA },
  },
]

/** @type {import('osaurus-discovery/testing').FakeOsaurus} */
let fake
before(async () => {
  fake = await startFakeOsaurus()
})
after(() => fake.stop())

describe('the openai client', HANGS, () => {
  const connect = () => new OpenAI({ baseURL: `${fake.url}/v1`, apiKey: 'none', maxRetries: 0 })

  for (const stream of [false, true]) {
    test(`openai calls a tool and gets the text after its result (${stream ? 'streamed' : 'JSON'})`, async () => {
      const chat = async (/** @type {OpenAI.ChatCompletionMessageParam[]} */ messages) => {
        const request = { model: MODEL, messages, tools: TOOLS }
        return stream
          ? connect().chat.completions.stream(request).finalChatCompletion()
          : connect().chat.completions.create(request)
      }
      const [{ message, finish_reason }] = (await chat([HELLO])).choices
      assert.equal(finish_reason, 'tool_calls')
      const [call] = message.tool_calls ?? []
      assert.ok(call.type === 'function')
      assert.deepEqual(JSON.parse(call.function.arguments), { city: 'text' })
      const result = /** @type {const} */ ({ role: 'tool', tool_call_id: call.id, content: 'sun' })
      const { choices } = await chat([HELLO, message, result])
      assert.equal(choices[0].message.content, REPLY)
    })

    test(`openai gets a function call as a response (${stream ? 'streamed' : 'JSON'})`, async () => {
      const tools = [
        { type: /** @type {const} */ ('function'), name: 'weather', parameters: SCHEMA, strict: false },
      ]
      const request = { model: MODEL, input: 'Hello', tools }
      const { output } = stream
        ? await connect().responses.stream(request).finalResponse()
        : await connect().responses.create(request)
      assert.ok(output[0].type === 'function_call')
      assert.deepEqual([output[0].name, output[0].arguments], ['weather', '{"city":"text"}'])
    })
  }

  test('openai runs tools by its own helper until the text', async () => {
    /** @type {unknown[]} */
    const calls = []
    const weather = {
      type: /** @type {const} */ ('function'),
      function: {
        name: 'weather',
        description: '',
        parameters: SCHEMA,
        parse: JSON.parse,
        function: (/** @type {unknown} */ given) => {
          calls.push(given)
          return 'sun'
        },
      },
    }
    const runner = connect().chat.completions.runTools({ model: MODEL, messages: [HELLO], tools: [weather] })
    assert.equal(await runner.finalContent(), REPLY)
    assert.deepEqual(calls, [{ city: 'text' }])
  })

  test('openai completes a text, streamed and as JSON', async () => {
    const request = { model: MODEL, prompt: 'Hello' }
    assert.equal((await connect().completions.create(request)).choices[0].text, REPLY)
    let text = ''
    for await (const part of await connect().completions.create({ ...request, stream: true })) {
      text += part.choices[0].text
    }
    assert.equal(text, REPLY)
  })

  test('openai generates and edits images', async () => {
    const { data } = await connect().images.generate({ model: 'fake-image-model', prompt: 'A dinosaur' })
    assert.ok(data?.[0].b64_json)
    const image = new File([Buffer.from(data[0].b64_json, 'base64')], 'x.png', { type: 'image/png' })
    const edited = await connect().images.edit({ model: 'fake-image-model', image, prompt: 'greener' })
    assert.ok(edited.data?.[0].b64_json)
  })
})

describe('the Anthropic client', HANGS, () => {
  const connect = () => new Anthropic({ baseURL: fake.url, apiKey: 'none', maxRetries: 0 })

  for (const stream of [false, true]) {
    test(`Anthropic's client calls a tool and gets the text after its result (${stream ? 'streamed' : 'JSON'})`, async () => {
      const send = async (/** @type {Anthropic.MessageParam[]} */ messages) => {
        const request = {
          model: MODEL,
          max_tokens: 99,
          messages,
          tools: [{ name: 'weather', input_schema: SCHEMA }],
        }
        return stream ? connect().messages.stream(request).finalMessage() : connect().messages.create(request)
      }
      const { content, stop_reason } = await send([HELLO])
      assert.equal(stop_reason, 'tool_use')
      const [use] = content
      assert.ok(use.type === 'tool_use')
      assert.deepEqual([use.name, use.input], ['weather', { city: 'text' }])
      const result = /** @type {const} */ ({ type: 'tool_result', tool_use_id: use.id, content: 'sun' })
      const answer = await send([HELLO, { role: 'assistant', content }, { role: 'user', content: [result] }])
      assert.deepEqual(answer.content, [{ type: 'text', text: REPLY }])
    })
  }
})

describe('the Ollama client', HANGS, () => {
  const connect = () => new Ollama({ host: fake.url })

  test('ollama calls a tool, streamed and as JSON', async () => {
    const request = { model: MODEL, messages: [HELLO], tools: TOOLS }
    const { message } = await connect().chat(request)
    const expected = [{ function: { name: 'weather', arguments: { city: 'text' } } }]
    assert.deepEqual(message.tool_calls, expected)
    /** @type {unknown[]} */
    const calls = []
    for await (const part of await connect().chat({ ...request, stream: true })) {
      calls.push(...(part.message.tool_calls ?? []))
    }
    assert.deepEqual(calls, expected)
  })

  test('ollama generates a text, streamed and as JSON', async () => {
    const request = { model: MODEL, prompt: 'Hello' }
    assert.equal((await connect().generate(request)).response, REPLY)
    let text = ''
    for await (const part of await connect().generate({ ...request, stream: true })) text += part.response
    assert.equal(text, REPLY)
  })
})
