// Draws the state of Osaurus in the window.
'use strict'

/**
 * @typedef {import('osaurus-discovery').OsaurusInstance} OsaurusInstance
 *
 * @typedef {object} View
 * @property {'ready' | 'locked' | 'starting' | 'silent' | 'none' | 'problem'} state
 * @property {OsaurusInstance} [instance]
 * @property {string[]} [models]
 * @property {boolean} [refused]
 * @property {string} [detail]
 */

const bridge =
  /** @type {{ readModels(): Promise<View | null>, useKey(key: string): Promise<View | null> }} */ (
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

/** What each reason means for a person. @type {Record<string, View['state']>} */
const STATES = {
  OSAURUS_NOT_FOUND: 'none',
  OSAURUS_STARTING: 'starting',
  OSAURUS_NOT_RESPONDING: 'silent',
}

/** The number of the latest request. Answers to earlier ones are ignored. */
let latestRequest = 0
/** The newest running Osaurus. @type {OsaurusInstance | undefined} */
let instance
let others = 0
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer

/** @param {() => Promise<View | null>} request */
async function show(request) {
  const mine = ++latestRequest
  clearTimeout(timer)
  const view = await request()
  if (!view || mine !== latestRequest) return
  draw({ instance, ...view })
  if (view.state === 'problem') timer = setTimeout(() => show(request), 1000)
}

/** Shows why none is running. @param {string} reason */
async function explain(reason) {
  const state = STATES[reason]
  if (state) return { state }
  const detail = await window.osaurus.getInstance().then(String, (error) => error.message)
  return /** @type {View} */ ({ state: 'problem', detail })
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

window.osaurus.onChange(({ instances, reason }) => {
  instance = instances[0]
  others = Math.max(0, instances.length - 1)
  show(() => (reason ? explain(reason) : bridge.readModels()))
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
