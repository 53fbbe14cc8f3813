// Tests what the fake's model says: canned text, tool calls, and answers of the test's own.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { start } = require('../support/fake/start.js')

// Generous: only a call that never settles takes so long.
const HANGS = { timeout: 120_000 }

const MODEL = 'llama-3.2-3b-instruct'
const REPLY = 'Hello from the fake Osaurus. This answer is canned.'
const HELLO = { role: 'user', content: 'Hello' }
const CHAT = { model: MODEL, messages: [HELLO] }

/**
 * @param {import('osaurus-discovery/testing').FakeOsaurus} fake
 * @param {string} path
 * @param {object} body
 */
async function post(fake, path, body) {
  const response = await fetch(fake.url + path, { method: 'POST', body: JSON.stringify(body) })
  const text = await response.text()
  return {
    status: response.status,
    text,
    json: text.startsWith('{') && !text.includes('\n') ? JSON.parse(text) : null,
  }
}

/** The data of server-sent events. @param {string} text */
const eventsOf = (text) => [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data]) => JSON.parse(data))

describe('answer', HANGS, () => {
  /** Every route on which the model speaks, and where its text is. @type {[string, object, (json: any) => string][]} */
  const routes = [
    ['/v1/chat/completions', CHAT, (json) => json.choices[0].message.content],
    ['/v1/completions', { model: MODEL, prompt: 'Hello' }, (json) => json.choices[0].text],
    ['/v1/responses', { model: MODEL, input: 'Hello' }, (json) => json.output[0].content[0].text],
    ['/v1/messages', { ...CHAT, max_tokens: 9 }, (json) => json.content[0].text],
    ['/api/chat', { ...CHAT, stream: false }, (json) => json.message.content],
    ['/api/generate', { model: MODEL, prompt: 'Hello', stream: false }, (json) => json.response],
    [
      '/agents/00000000-0000-0000-0000-000000000001/run',
      { messages: [HELLO] },
      (json) => json.choices[0].message.content,
    ],
  ]

  for (const [path, body, textOf] of routes) {
    test(`${path} says what the test's function returns for its body`, async (t) => {
      /** @type {any[]} */
      const bodies = []
      const fake = await start(t, {
        answer(given) {
          bodies.push(given)
          return ` Two\n\nlines `
        },
      })
      assert.equal(textOf((await post(fake, path, body)).json), ' Two\n\nlines ')
      assert.deepEqual(bodies, [body])
    })

    test(`${path} says the canned text without a function`, async (t) => {
      const fake = await start(t)
      assert.equal(textOf((await post(fake, path, body)).json), REPLY)
    })
  }

  test('a stream carries the text unchanged, word by word', async (t) => {
    const text = 'One  two\n\n  three.\n'
    const fake = await start(t, { answer: async () => text })
    const events = eventsOf((await post(fake, '/v1/chat/completions', { ...CHAT, stream: true })).text)
    const words = events.map(({ choices }) => choices[0].delta.content).filter(Boolean)
    assert.deepEqual(words, ['One', '  two', '\n\n  three.\n'])
    const lines = (await post(fake, '/api/generate', { model: MODEL, prompt: '' })).text.trim().split('\n')
    assert.equal(lines.map((line) => JSON.parse(line).response).join(''), text)
    const completion = await post(fake, '/v1/completions', { model: MODEL, prompt: '', stream: true })
    assert.equal(
      eventsOf(completion.text)
        .map(({ choices }) => choices[0].text)
        .join(''),
      text,
    )
  })

  test('a text of spaces and an empty text are streamed whole', async (t) => {
    for (const text of ['', ' ', '\n']) {
      const fake = await start(t, { answer: () => text })
      const events = eventsOf(
        (await post(fake, '/v1/messages', { ...CHAT, max_tokens: 9, stream: true })).text,
      )
      assert.equal(events.map(({ delta }) => delta?.text ?? '').join(''), text)
    }
  })

  test('an answer function that returns undefined gives the default answer', async (t) => {
    const fake = await start(t, { answer: () => undefined })
    assert.equal((await post(fake, '/v1/chat/completions', CHAT)).json.choices[0].message.content, REPLY)
  })

  test('an answer function that fails or returns another value gives 500 and its message', async (t) => {
    for (const [answer, pattern] of /** @type {[any, RegExp][]} */ ([
      [
        () => {
          throw new Error('out of words')
        },
        /out of words/,
      ],
      [() => Promise.reject(new Error('out of words')), /out of words/],
      [() => 7, /`answer` must return a string.*returned 7/],
      [() => null, /`answer` must return.*null/],
      [() => ({ text: 7 }), /`answer` must return/],
      [() => ({ toolCalls: [{}] }), /`answer` must return/],
    ])) {
      const fake = await start(t, { answer })
      const { status, json } = await post(fake, '/v1/chat/completions', CHAT)
      assert.equal(status, 500)
      assert.match(json.error.message, pattern)
    }
  })
})

describe('tool calls', HANGS, () => {
  const schema = {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer' }, unit: { enum: ['C', 'F'] } },
  }
  const expected = { city: 'text', days: 1, unit: 'C' }
  const openaiTools = [{ type: 'function', function: { name: 'weather', parameters: schema } }]
  const anthropicTools = [{ name: 'weather', input_schema: schema }]

  test('OpenAI chats call the offered tool', async (t) => {
    const fake = await start(t)
    const { json } = await post(fake, '/v1/chat/completions', { ...CHAT, tools: openaiTools })
    const [{ message, finish_reason }] = json.choices
    assert.equal(finish_reason, 'tool_calls')
    assert.equal(message.content, null)
    assert.equal(message.tool_calls[0].type, 'function')
    assert.equal(message.tool_calls[0].function.name, 'weather')
    assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), expected)
  })

  test('OpenAI streams call the offered tool', async (t) => {
    const fake = await start(t)
    const { text } = await post(fake, '/v1/chat/completions', { ...CHAT, tools: openaiTools, stream: true })
    const choices = eventsOf(text).map((event) => event.choices[0])
    const parts = choices.flatMap(({ delta }) => delta.tool_calls ?? [])
    assert.equal(parts[0].function.name, 'weather')
    assert.ok(parts[0].id)
    assert.deepEqual(JSON.parse(parts.map((part) => part.function.arguments).join('')), expected)
    assert.equal(choices.at(-1).finish_reason, 'tool_calls')
  })

  test('Anthropic messages call the offered tool', async (t) => {
    const fake = await start(t)
    const { json } = await post(fake, '/v1/messages', { ...CHAT, max_tokens: 9, tools: anthropicTools })
    assert.equal(json.stop_reason, 'tool_use')
    const [{ id, ...use }, ...others] = json.content
    assert.deepEqual([use, others], [{ type: 'tool_use', name: 'weather', input: expected }, []])
    assert.ok(id)
  })

  test('Anthropic streams call the offered tool', async (t) => {
    const fake = await start(t)
    const body = { ...CHAT, max_tokens: 9, tools: anthropicTools, stream: true }
    const events = eventsOf((await post(fake, '/v1/messages', body)).text)
    const begun = events.find(({ type }) => type === 'content_block_start').content_block
    assert.deepEqual([begun.type, begun.name, begun.input], ['tool_use', 'weather', {}])
    const input = events.map(({ delta }) => delta?.partial_json ?? '').join('')
    assert.deepEqual(JSON.parse(input), expected)
    assert.equal(events.find(({ type }) => type === 'message_delta').delta.stop_reason, 'tool_use')
  })

  test('Ollama chats and streams call the offered tool', async (t) => {
    const fake = await start(t)
    const body = { ...CHAT, tools: openaiTools }
    const whole = (await post(fake, '/api/chat', { ...body, stream: false })).json
    assert.deepEqual(whole.message.tool_calls, [{ function: { name: 'weather', arguments: expected } }])
    const lines = (await post(fake, '/api/chat', body)).text.trim().split('\n')
    const calls = lines.flatMap((line) => JSON.parse(line).message.tool_calls ?? [])
    assert.deepEqual(calls, whole.message.tool_calls)
  })

  test('Open Responses call the offered tool', async (t) => {
    const fake = await start(t)
    const body = {
      model: MODEL,
      input: 'Hello',
      tools: [{ type: 'function', name: 'weather', parameters: schema }],
    }
    const { output } = (await post(fake, '/v1/responses', body)).json
    assert.deepEqual([output[0].type, output[0].name], ['function_call', 'weather'])
    assert.deepEqual(JSON.parse(output[0].arguments), expected)
    const events = eventsOf((await post(fake, '/v1/responses', { ...body, stream: true })).text)
    const done = events.find(({ type }) => type === 'response.function_call_arguments.done')
    assert.deepEqual(JSON.parse(done.arguments), expected)
  })

  test('a request with the result of the tool is answered with text', async (t) => {
    const fake = await start(t)
    const chat = {
      ...CHAT,
      messages: [HELLO, { role: 'tool', tool_call_id: 'x', content: 'sun' }],
      tools: openaiTools,
    }
    assert.equal((await post(fake, '/v1/chat/completions', chat)).json.choices[0].message.content, REPLY)
    const result = [{ type: 'tool_result', tool_use_id: 'x', content: 'sun' }]
    const message = { ...CHAT, messages: [HELLO, { role: 'user', content: result }], max_tokens: 9 }
    assert.equal(
      (await post(fake, '/v1/messages', { ...message, tools: anthropicTools })).json.content[0].text,
      REPLY,
    )
    const input = [HELLO, { type: 'function_call_output', call_id: 'x', output: 'sun' }]
    const response = { model: MODEL, input, tools: [{ type: 'function', name: 'weather' }] }
    assert.equal((await post(fake, '/v1/responses', response)).json.output[0].content[0].text, REPLY)
  })

  test('tool_choice chooses another tool, or none', async (t) => {
    const fake = await start(t)
    const tools = [...openaiTools, { type: 'function', function: { name: 'news' } }]
    const choose = async (/** @type {unknown} */ tool_choice) => {
      const { json } = await post(fake, '/v1/chat/completions', { ...CHAT, tools, tool_choice })
      return json.choices[0].message.tool_calls?.[0].function.name
    }
    assert.equal(await choose('auto'), 'weather')
    assert.equal(await choose({ type: 'function', function: { name: 'news' } }), 'news')
    assert.equal(await choose('none'), undefined)
  })

  test("the test's own function may answer with text and tool calls", async (t) => {
    const fake = await start(t, {
      answer: () => ({
        text: 'One moment.',
        toolCalls: [{ name: 'weather', arguments: { city: 'Rome' } }, { name: 'news' }],
      }),
    })
    const { message } = (await post(fake, '/v1/chat/completions', CHAT)).json.choices[0]
    assert.equal(message.content, 'One moment.')
    assert.deepEqual(
      message.tool_calls.map((/** @type {any} */ call) => call.function),
      [
        { name: 'weather', arguments: '{"city":"Rome"}' },
        { name: 'news', arguments: '{}' },
      ],
    )
    const { content } = (await post(fake, '/v1/messages', { ...CHAT, max_tokens: 9 })).json
    assert.deepEqual(
      content.map((/** @type {any} */ block) => block.type),
      ['text', 'tool_use', 'tool_use'],
    )
  })
})
