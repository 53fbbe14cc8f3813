// Describes the client libraries that talk to Osaurus: the same five uses of each, through a given fetch.
'use strict'

// By a name that TypeScript does not follow: the declarations of these need the DOM and packages of their own.
const load = (/** @type {string} */ name) => /** @type {any} */ (require(name))

const { createAnthropic } = load('@ai-sdk/anthropic')
const { createOpenAICompatible } = load('@ai-sdk/openai-compatible')
const { default: Anthropic } = require('@anthropic-ai/sdk')
const { ChatAnthropic } = load('@langchain/anthropic')
const { ChatOllama, OllamaEmbeddings } = load('@langchain/ollama')
const { ChatOpenAI, OpenAIEmbeddings } = load('@langchain/openai')
const { embedMany, generateText, jsonSchema, streamText, tool } = load('ai')
const { Ollama } = require('ollama')
const { default: OpenAI } = require('openai')

const MODEL = 'llama-3.2-3b-instruct'

/** What a client must be given and Osaurus does not read. */
const PLACEHOLDER = 'unused'

/**
 * @typedef {import('osaurus-discovery/fetch').OsaurusFetch} OsaurusFetch
 *
 * @typedef {object} ModelClient
 * @property {(prompt: string) => Promise<string>} chat
 * @property {(prompt: string, signal?: AbortSignal) => AsyncIterable<string>} stream
 * @property {(prompt: string) => Promise<string>} tool gives the name of the tool that the model calls
 * @property {((texts: string[]) => Promise<number[][]>) | undefined} [embed]
 */

const PARAMETERS = /** @type {const} */ ({
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
})
const WEATHER = { name: 'weather', description: 'Gives the weather', parameters: PARAMETERS }

/** @param {string} content */
const user = (content) => [{ role: /** @type {const} */ ('user'), content }]

// A client that tries again would hide a request that failed, or send it twice.
const maxRetries = 0

/** @type {Record<string, (osaurusFetch: OsaurusFetch) => ModelClient>} */
const MODEL_CLIENTS = {
  openai(osaurusFetch) {
    const baseURL = osaurusFetch.endpoints.openai
    const client = new OpenAI({ baseURL, apiKey: PLACEHOLDER, fetch: osaurusFetch, maxRetries })
    const tools = [{ type: /** @type {const} */ ('function'), function: WEATHER }]
    const create = (/** @type {string} */ prompt, more = {}) =>
      client.chat.completions.create({ model: MODEL, messages: user(prompt), ...more })
    return {
      chat: async (prompt) => (await create(prompt)).choices[0].message.content ?? '',
      async *stream(prompt, signal) {
        const messages = user(prompt)
        const stream = await client.chat.completions.create(
          { model: MODEL, messages, stream: true },
          { signal },
        )
        for await (const { choices } of stream) yield choices[0]?.delta.content ?? ''
      },
      async tool(prompt) {
        const [call] = (await create(prompt, { tools })).choices[0].message.tool_calls ?? []
        return call.type === 'function' ? call.function.name : ''
      },
      embed: async (input) =>
        (await client.embeddings.create({ model: MODEL, input })).data.map(({ embedding }) => embedding),
    }
  },

  '@anthropic-ai/sdk'(osaurusFetch) {
    const baseURL = osaurusFetch.endpoints.anthropic
    const client = new Anthropic({ baseURL, apiKey: PLACEHOLDER, fetch: osaurusFetch, maxRetries })
    const request = (/** @type {string} */ prompt) => ({
      model: MODEL,
      max_tokens: 100,
      messages: user(prompt),
    })
    const tools = [
      { name: WEATHER.name, description: WEATHER.description, input_schema: /** @type {any} */ (PARAMETERS) },
    ]
    return {
      async chat(prompt) {
        const [block] = (await client.messages.create(request(prompt))).content
        return block.type === 'text' ? block.text : ''
      },
      async *stream(prompt, signal) {
        const stream = await client.messages.create({ ...request(prompt), stream: true }, { signal })
        for await (const event of stream)
          if (event.type === 'content_block_delta' && event.delta.type === 'text_delta')
            yield event.delta.text
      },
      async tool(prompt) {
        const { content } = await client.messages.create({ ...request(prompt), tools })
        const block = content.find(({ type }) => type === 'tool_use')
        return block?.type === 'tool_use' ? block.name : ''
      },
    }
  },

  ollama(osaurusFetch) {
    const client = new Ollama({ host: osaurusFetch.endpoints.ollama, fetch: osaurusFetch })
    const request = (/** @type {string} */ prompt) => ({ model: MODEL, messages: user(prompt) })
    const tools = [{ type: 'function', function: /** @type {any} */ (WEATHER) }]
    return {
      chat: async (prompt) => (await client.chat(request(prompt))).message.content,
      async *stream(prompt, signal) {
        const stream = await client.chat({ ...request(prompt), stream: true })
        signal?.addEventListener('abort', () => stream.abort())
        for await (const { message } of stream) yield message.content
      },
      tool: async (prompt) =>
        (await client.chat({ ...request(prompt), tools })).message.tool_calls?.[0].function.name ?? '',
      embed: async (input) => (await client.embed({ model: MODEL, input })).embeddings,
    }
  },

  'ai with @ai-sdk/openai-compatible'(osaurusFetch) {
    const baseURL = osaurusFetch.endpoints.openai
    const provider = createOpenAICompatible({ name: 'osaurus', baseURL, fetch: osaurusFetch })
    return {
      ...aiSdk(provider(MODEL)),
      embed: async (/** @type {string[]} */ values) =>
        (await embedMany({ model: provider.embeddingModel(MODEL), values, maxRetries })).embeddings,
    }
  },

  'ai with @ai-sdk/anthropic'(osaurusFetch) {
    const baseURL = osaurusFetch.endpoints.openai
    return aiSdk(createAnthropic({ baseURL, apiKey: PLACEHOLDER, fetch: osaurusFetch })(MODEL))
  },

  '@langchain/openai'(osaurusFetch) {
    const configuration = { baseURL: osaurusFetch.endpoints.openai, fetch: osaurusFetch }
    const options = { model: MODEL, apiKey: PLACEHOLDER, configuration, maxRetries }
    const embeddings = new OpenAIEmbeddings(options)
    return {
      ...langChain(new ChatOpenAI(options)),
      embed: (/** @type {string[]} */ texts) => embeddings.embedDocuments(texts),
    }
  },

  '@langchain/ollama'(osaurusFetch) {
    const baseUrl = osaurusFetch.endpoints.ollama
    const options = { model: MODEL, baseUrl, fetch: osaurusFetch, maxRetries }
    const embeddings = new OllamaEmbeddings(options)
    return {
      ...langChain(new ChatOllama(options)),
      embed: (/** @type {string[]} */ texts) => embeddings.embedDocuments(texts),
    }
  },

  '@langchain/anthropic'(osaurusFetch) {
    const clientOptions = { baseURL: osaurusFetch.endpoints.anthropic, fetch: osaurusFetch }
    return langChain(new ChatAnthropic({ model: MODEL, apiKey: PLACEHOLDER, clientOptions, maxRetries }))
  },
}

/**
 * @param {any} model
 * @returns {ModelClient}
 */
function aiSdk(model) {
  const tools = {
    weather: tool({
      description: WEATHER.description,
      inputSchema: jsonSchema(/** @type {any} */ (PARAMETERS)),
    }),
  }
  return {
    chat: async (prompt) => (await generateText({ model, prompt, maxRetries })).text,
    async *stream(prompt, abortSignal) {
      /** @type {unknown} */
      let failure
      const onError = (/** @type {{ error: unknown }} */ { error }) => void (failure = error)
      yield* streamText({ model, prompt, abortSignal, maxRetries, onError }).textStream
      // The library ends the stream instead of failing it.
      if (failure) throw failure
      abortSignal?.throwIfAborted()
    },
    tool: async (prompt) => (await generateText({ model, prompt, tools, maxRetries })).toolCalls[0].toolName,
  }
}

/**
 * @param {any} model
 * @returns {ModelClient}
 */
function langChain(model) {
  const weather = { type: 'function', function: WEATHER }
  return {
    chat: async (prompt) => (await model.invoke(prompt)).text,
    async *stream(prompt, signal) {
      for await (const chunk of await model.stream(prompt, { signal })) yield chunk.text
    },
    tool: async (prompt) => (await model.bindTools([weather]).invoke(prompt)).tool_calls[0].name,
  }
}

module.exports = { MODEL_CLIENTS, MODEL }
