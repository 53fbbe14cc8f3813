// The chat: asks, streams the answer, stops it, and goes on after a restart of Osaurus.
'use strict'

const form = document.querySelector('form')
const question = document.querySelector('input')
const [start, button] = document.querySelectorAll('button')

/** The conversation so far. It consists of whole answers only. */
const messages = []

/** Stops the answer that is being written. */
let controller = null

window.osaurus.onChange(({ instances: [latest], reason }) => {
  start.hidden = latest !== undefined || reason === 'OSAURUS_STARTING'
  const stopped = reason === 'OSAURUS_STARTING' ? 'Osaurus is starting' : 'Osaurus is not running'
  document.querySelector('#state').textContent = latest ? 'Osaurus is running' : stopped
})

start.onclick = () => window.osaurus.launch().catch((error) => show('alert').append(error.message))

form.onsubmit = (event) => {
  event.preventDefault()
  if (controller) controller.abort()
  else if (question.value) ask(question.value)
}

async function ask(content) {
  controller = new AbortController()
  button.textContent = 'Stop'
  question.value = ''
  show('question').append(content)
  const answer = show('answer')
  try {
    const asked = { role: 'user', content }
    for await (const text of stream([...messages, asked], controller.signal)) answer.append(text)
    messages.push(asked, { role: 'assistant', content: answer.textContent })
  } catch (error) {
    if (error.name === 'AbortError') answer.append(' (stopped)')
    else show('alert').append(error.message)
  } finally {
    controller = null
    button.textContent = 'Send'
  }
}

/** Gives the text of an answer while the model writes it. */
async function* stream(conversation, signal) {
  const { data } = await request('/v1/models', { signal }).then((response) => response.json())
  if (data.length === 0) throw new Error('Osaurus has no model yet. Download one in Osaurus.')
  const body = JSON.stringify({ model: data[0].id, messages: conversation, stream: true })
  const headers = { 'Content-Type': 'application/json' }
  const response = await request('/v1/chat/completions', { method: 'POST', headers, body, signal })
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let line = ''
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (line + part.value).split('\n')
    line = lines.pop()
    for (const event of lines.filter((each) => each.startsWith('data: {')))
      yield JSON.parse(event.slice('data: '.length)).choices[0]?.delta.content ?? ''
  }
}

/** Sends a request, and rejects unless Osaurus accepts it. */
async function request(path, init) {
  const response = await window.osaurus.fetch(path, init)
  if (response.status === 401)
    throw new Error('Osaurus requires an access key. Copy one in its settings, then choose Paste Access Key.')
  if (!response.ok) throw new Error(`Osaurus answered ${response.status}: ${await response.text()}`)
  return response
}

function show(className) {
  const paragraph = Object.assign(document.createElement('p'), { className })
  document.querySelector('main').append(paragraph)
  return paragraph
}
