// Streams an answer of the local Osaurus to the prompt in the arguments.
'use strict'

const { OpenAI } = require('openai')
const { createOsaurusFetch } = require('osaurus-discovery/fetch')

/** @param {string} content */
async function main(content) {
  // Sends the access key, if there is one, to a verified Osaurus only, and follows the server to another port.
  const osaurusFetch = createOsaurusFetch({ accessKey: process.env.OSAURUS_API_KEY })
  const client = new OpenAI({
    baseURL: osaurusFetch.endpoints.openai,
    apiKey: 'unused', // The client refuses to start without one.
    fetch: osaurusFetch,
    timeout: 60 * 60 * 1000, // A model may take minutes to begin its answer.
    maxRetries: 0, // A retry would send the prompt again.
  })

  const [model] = (await client.models.list()).data
  if (!model) throw new Error('This Osaurus has no model yet. Open it and download one.')

  const messages = [{ role: /** @type {const} */ ('user'), content }]
  const stream = await client.chat.completions.create({ model: model.id, messages, stream: true })
  for await (const { choices } of stream) process.stdout.write(choices[0]?.delta.content ?? '')
  process.stdout.write('\n')
}

main(process.argv[2] ?? 'Introduce yourself in one sentence.').catch((error) => {
  // The client wraps the errors of its fetch.
  console.error((error.cause ?? error).message)
  process.exitCode = 1
})
