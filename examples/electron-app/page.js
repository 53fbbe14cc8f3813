// Draws the state of Osaurus in the window.
'use strict'

/**
 * @typedef {import('osaurus-discovery').OsaurusInstance} OsaurusInstance
 * @typedef {object} View
 * @property {'ready' | 'locked' | 'starting' | 'silent' | 'none' | 'problem'} state
 * @property {OsaurusInstance} [instance]
 * @property {string[]} [models]
 * @property {boolean} [refused]
 * @property {string} [detail]
 */

const bridge = /** @type {{ readState(): Promise<View>, useKey(key: string): Promise<View> }} */ (
  /** @type {any} */ (window).example
)

/** @type {Record<View['state'], [headline: string, advice: string]>} */
const WORDS = {
  ready: ['Osaurus is running', 'Ready for this app to use.'],
  locked: ['Osaurus asks for a key', 'It is open to your network, so every app needs an access key.'],
  starting: ['Osaurus is starting', 'Just a moment, it will be here soon.'],
  silent: [
    'Osaurus is not answering',
    'It may have crashed or be frozen. Start it again, and this window updates.',
  ],
  none: ['Osaurus is not running', 'Open the Osaurus app, and this window updates.'],
  problem: ['Something is wrong', ''],
}

/** @param {string} id @returns {any} */
const element = (id) => document.getElementById(id)

/** The number of the latest request. Answers to earlier ones are ignored. */
let latestRequest = 0
let others = 0
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer

/** @param {() => Promise<View>} request */
async function show(request) {
  clearTimeout(timer)
  const mine = ++latestRequest
  const view = await request()
  if (mine !== latestRequest) return
  draw(view)
  // window.osaurus reports every change of a running Osaurus. That one is starting shows only in a new request.
  if (view.state !== 'ready' && view.state !== 'locked')
    timer = setTimeout(() => show(bridge.readState), 1000)
}

/** @param {View} view */
function draw({ state, instance, models = [], refused = false, detail }) {
  const [headline, advice] = WORDS[state]
  document.body.dataset.state = state
  write('headline', headline)
  write('advice', detail || advice)
  write('url', instance ? instance.url : '')
  write('key-note', refused ? 'Osaurus did not accept this key.' : 'Made in Osaurus, under Settings.')
  fill('facts', instance ? factsOf(instance) : [])
  fill('model-list', models)
  write('models-title', models.length === 1 ? '1 model' : `${models.length || 'No'} models`)
}

/** @param {OsaurusInstance} instance */
function factsOf({ exposeToNetwork, updatedAt }) {
  const since = new Date(updatedAt).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  return [
    exposeToNetwork ? 'Open to the network' : 'This computer only',
    `Since ${since}`,
    ...(others > 0 ? [`${others} more running`] : []),
  ]
}

/** Writes only changed text, so that a screen reader does not repeat it. @param {string} id @param {string} text */
function write(id, text) {
  if (element(id).textContent !== text) element(id).textContent = text
}

/** @param {string} id @param {string[]} texts */
function fill(id, texts) {
  const list = element(id)
  list.textContent = ''
  for (const text of texts) list.appendChild(document.createElement('li')).textContent = text
}

window.osaurus.onChange(({ instances }) => {
  others = Math.max(0, instances.length - 1)
  show(bridge.readState)
})

element('key-form').addEventListener('submit', (/** @type {Event} */ event) => {
  event.preventDefault()
  show(() => bridge.useKey(element('key').value))
})

element('copy').addEventListener('click', async () => {
  await navigator.clipboard.writeText(element('url').textContent)
  write('copy', 'Copied')
  setTimeout(() => write('copy', 'Copy'), 1500)
})
