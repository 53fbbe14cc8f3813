// The chat's page: shows the state of Osaurus, and streams the answers of a model.
'use strict'

/** What each state says: a headline, advice, and the button that helps. @type {Record<string, string[]>} */
const STATES = {
  OSAURUS_NOT_FOUND: ['Osaurus is not running', 'Start it to use its models.', 'Start Osaurus'],
  OSAURUS_NOT_RESPONDING: [
    'Osaurus is not answering',
    'It crashed or hangs. Start it again.',
    'Start Osaurus',
  ],
  OSAURUS_STARTING: ['Osaurus is starting', 'Just a moment.'],
  ready: ['Osaurus is running', 'Ask one of its models.'],
  locked: ['Osaurus asks for a key', 'It is open to your network, so every app needs one.', 'Enter key…'],
  problem: ['Something is wrong', '', 'Try again'],
}

/** @param {string} id @returns {any} */
const element = (id) => document.getElementById(id)
const ids = ['log', 'form', 'question', 'send', 'model', 'action']
const [log, form, question, send, model, action] = ids.map(element)

/** Finished turns, which are sent along with each question. @type {{ role: string, content: string }[]} */
const turns = []
/** Ends the answer in progress. @type {AbortController | null} */
let asking = null
/** Counts the changes, so that what an earlier one has fetched is dropped. */
let changes = 0

/** @param {any} error */
const wordsOf = (error) => error.message.replace(/^(Uncaught Error: )?\[\w+\] /, '')

/** Writes only changed text, so that a screen reader does not repeat it. @param {string} id @param {string} text */
function write(id, text) {
  if (element(id).textContent !== text) element(id).textContent = text
}

/** @param {string} state @param {string} [detail] in place of the advice */
function show(state, detail) {
  const [headline, advice, help = ''] = STATES[state] || STATES.problem
  document.body.dataset.state = STATES[state] ? state : 'problem'
  write('headline', headline)
  write('advice', detail || advice)
  write('action', help)
  action.hidden = !help
  showSend()
}

/** Shows what a running Osaurus offers: its models, or that it wants a key. */
async function look() {
  const mine = ++changes
  try {
    const response = await window.osaurus.fetch('/v1/models')
    const { data, error } = await response.json()
    if (mine !== changes) return
    if (response.status === 401) return show('locked', action.dataset.tried && error.message)
    if (!response.ok) throw new Error(`Osaurus answered with ${response.status}`)
    const chosen = model.value
    model.textContent = ''
    for (const { id } of data) model.add(new Option(id, id, false, id === chosen))
    show('ready', data.length ? '' : 'It has no model yet. Download one in Osaurus.')
  } catch (error) {
    if (mine === changes) show('problem', wordsOf(error))
  }
}

window.osaurus.onChange(({ instances, reason }) => {
  if (instances.length > 0) return void look()
  changes++
  if (reason && STATES[reason]) return show(reason)
  window.osaurus.getInstance().catch((error) => show('problem', wordsOf(error)))
})

action.addEventListener('click', async () => {
  const { state } = document.body.dataset
  if (state === 'problem') return look()
  action.disabled = true
  if (state === 'locked') {
    await /** @type {any} */ (window).example.askForKey()
    action.dataset.tried = 'yes'
    await look()
  } else await window.osaurus.launch().catch((error) => show(String(state), wordsOf(error)))
  action.disabled = false
})

/** Adds a line to the conversation. @param {string} role @param {string} text @returns {HTMLElement} */
function add(role, text) {
  const line = log.appendChild(document.createElement('li'))
  line.className = role
  line.append(text)
  document.body.classList.add('chatting')
  log.scrollTop = log.scrollHeight
  return line
}

/** Reads the words of a streamed answer. @param {Response} response @param {(words: string) => void} each */
async function readWords(response, each) {
  const reader = /** @type {any} */ (response.body).pipeThrough(new TextDecoderStream()).getReader()
  for (let rest = ''; ;) {
    const { done, value } = await reader.read()
    if (done) return
    const lines = (rest + value).split('\n')
    rest = String(lines.pop())
    for (const line of lines.filter((line) => line.startsWith('data: {')))
      each(JSON.parse(line.slice(6)).choices[0]?.delta?.content || '')
  }
}

/** Says under an answer why it is not complete. @param {HTMLElement} line @param {string} problem @param {string} content */
function offerAgain(line, problem, content) {
  const button = document.createElement('button')
  button.textContent = 'Ask again'
  button.addEventListener('click', () => {
    line.previousElementSibling?.remove() // The line of the question, which ask() adds again.
    line.remove()
    ask(content)
  })
  line.appendChild(document.createElement('p')).append(problem, button)
}

/** @param {string} content of the question */
async function ask(content) {
  const { signal } = (asking = new AbortController())
  add('user', content)
  const line = add('assistant', '')
  line.setAttribute('aria-busy', 'true') // A screen reader reads the answer once it is complete.
  showSend()
  const messages = [...turns, { role: 'user', content }]
  try {
    const response = await window.osaurus.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ model: model.value, messages, stream: true }),
      signal,
    })
    if (!response.ok) throw new Error((await response.json()).error.message)
    await readWords(response, (words) => {
      const follows = log.scrollHeight - log.scrollTop - log.clientHeight < 40
      line.append(words)
      if (follows) log.scrollTop = log.scrollHeight
    })
  } catch (error) {
    if (!signal.aborted) offerAgain(line, wordsOf(error), content)
  }
  if (line.textContent && !line.lastElementChild)
    turns.push({ role: 'user', content }, { role: 'assistant', content: line.textContent })
  line.removeAttribute('aria-busy')
  asking = null
  showSend()
}

function showSend() {
  write('send', asking ? 'Stop' : 'Send')
  send.disabled = !asking && document.body.dataset.state !== 'ready'
}

form.addEventListener('submit', (/** @type {Event} */ event) => {
  event.preventDefault()
  if (asking) return asking.abort()
  const content = question.value.trim()
  if (!content || send.disabled) return
  question.value = ''
  ask(content)
})

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && asking) asking.abort()
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.target !== question) return
  event.preventDefault()
  if (!asking) form.requestSubmit()
})
