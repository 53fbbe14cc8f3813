// Chats with a local model in the terminal. Run `node examples/chat.js`, or `node examples/chat.js QUESTION` for one answer.
'use strict'

const readline = require('node:readline')
const { OpenAI } = require('openai')
const { createOsaurusFetch } = require('osaurus-discovery/fetch')

const osaurusFetch = createOsaurusFetch({ accessKey: () => process.env.OSAURUS_API_KEY, waitMs: 60_000 })
const client = new OpenAI({
  baseURL: osaurusFetch.endpoints.openai,
  apiKey: 'unused',
  fetch: osaurusFetch,
  maxRetries: 0,
})
/** @type {import('openai').OpenAI.ChatCompletionMessageParam[]} */
const messages = []

/** @param {string} model @param {string} question */
async function answer(model, question) {
  const prompt = /** @type {const} */ ({ role: 'user', content: question })
  const stream = client.chat.completions.stream({ model, messages: [...messages, prompt] })
  stream.on('content', (text) => process.stdout.write(text))
  messages.push(prompt, { role: 'assistant', content: await stream.finalContent() })
  process.stdout.write('\n')
}

async function main() {
  const [model] = (await client.models.list()).data
  if (!model) throw new Error('This Osaurus has no model yet. Open it and download one.')
  if (process.argv[2]) return answer(model.id, process.argv[2])
  for await (const line of readline.createInterface({ input: process.stdin }))
    // A restart in the middle of an answer ends that answer only. The conversation goes on, whatever port comes next.
    if (line.trim()) await answer(model.id, line).catch((error) => console.error(`\n${error.message}`))
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
