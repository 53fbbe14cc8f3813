// Streams an answer of the local Osaurus to the prompt in the arguments.
'use strict'

const { OpenAI } = require('openai')
const { discoverLatestRunningInstance, endpointsOf } = require('osaurus-discovery')

/** @param {string} content */
async function main(content) {
  const instance = await discoverLatestRunningInstance({ verify: true })
  // A server that is not exposed to the network requires no key, but the client refuses to start without one.
  const apiKey = process.env.OPENAI_API_KEY ?? 'none-needed'
  const client = new OpenAI({ baseURL: endpointsOf(instance).openai, apiKey })

  const [model] = (await client.models.list()).data
  if (!model) throw new Error('This Osaurus has no model yet. Open it and download one.')

  const messages = [{ role: /** @type {const} */ ('user'), content }]
  const stream = await client.chat.completions.create({ model: model.id, messages, stream: true })
  for await (const { choices } of stream) process.stdout.write(choices[0]?.delta.content ?? '')
  process.stdout.write('\n')
}

main(process.argv[2] ?? 'Introduce yourself in one sentence.').catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
