// Gives a page window.osaurus: where Osaurus runs, and nothing else of Electron.
'use strict'

const { contextBridge, ipcRenderer } = require('electron')

/**
 * @typedef {import('osaurus-discovery').InstanceChange} InstanceChange
 * @typedef {{ call: (change: InstanceChange) => void, called: boolean }} Listener
 */

/** @type {Set<Listener>} */
const listeners = new Set()

/** The number of the current subscription. Messages for an earlier one are late and ignored. */
let subscription = 0

/** The last change, for listeners that are added now. @type {InstanceChange | null} */
let latest = null

ipcRenderer.on('osaurus:change', (_event, id, change) => {
  if (id !== subscription || listeners.size === 0) return
  latest = change
  for (const listener of [...listeners]) notify(listener)
})

ipcRenderer.on('osaurus:warning', (_event, id, reason) => {
  if (id !== subscription || listeners.size === 0) return
  console.warn(`window.osaurus.onChange may miss changes: ${reason}`)
})

// The main process notices when a page goes away, but not always when a frame inside it does.
window.addEventListener('pagehide', () => {
  if (listeners.size > 0) unsubscribe()
})

/** @type {import('osaurus-discovery/preload').OsaurusBridge} */
const bridge = Object.freeze({
  getInstance: () => invoke('osaurus:preload:getInstance'),
  listInstances: () => invoke('osaurus:preload:listInstances'),
  launch: () => invoke('osaurus:preload:launch'),
  onChange(call) {
    if (typeof call !== 'function') throw new TypeError('onChange: the listener must be a function')
    const listener = { call, called: false }
    listeners.add(listener)
    if (listeners.size === 1) subscribe()
    else Promise.resolve().then(() => listener.called || notify(listener))
    return () => {
      if (listeners.delete(listener) && listeners.size === 0) unsubscribe()
    }
  },
})

/**
 * Calls the main process, whose handlers answer failures as data and never reject.
 * @param {string} channel
 * @param {unknown[]} args
 */
async function invoke(channel, ...args) {
  let answer
  try {
    answer = await ipcRenderer.invoke(channel, ...args)
  } catch (error) {
    throw notRegistered(channel, error)
  }
  if (answer.error) throw new Error(answer.error.message)
  return answer.value
}

/**
 * Words a rejection of Electron's own: the channel has no handler, or lost it before it answered.
 * @param {string} channel
 * @param {any} error
 */
function notRegistered(channel, { message }) {
  return new Error(
    `[ERR_INVALID_STATE] The main process does not handle '${channel}': call registerOsaurus() in the main process, ` +
      `and dispose() only when the page is gone (${message})`,
  )
}

function subscribe() {
  subscription += 1
  invoke('osaurus:preload:subscribe', subscription).catch(({ message }) => {
    console.error(`window.osaurus.onChange gets no changes: ${message}`)
  })
}

function unsubscribe() {
  latest = null
  ipcRenderer.send('osaurus:preload:unsubscribe', subscription)
}

/** @param {Listener} listener */
function notify(listener) {
  if (!latest || !listeners.has(listener)) return
  const { instances } = latest
  // The first call of a listener describes the whole state. Each listener gets a copy of its own.
  const change = listener.called ? latest : { ...latest, added: instances, updated: [], removed: [] }
  listener.called = true
  try {
    listener.call(JSON.parse(JSON.stringify(change)))
  } catch (error) {
    setTimeout(() => {
      throw error
    })
  }
}

// A session and a window may both load this file.
const LOADED = Symbol.for('osaurus-discovery/preload')
const world = /** @type {any} */ (globalThis)
if (!world[LOADED]) {
  world[LOADED] = true
  expose()
}

function expose() {
  // Without context isolation this is the world of the page.
  if (process.contextIsolated === false) window.osaurus = bridge
  else exposeInMainWorld()
}

/** `process.contextIsolated` exists since Electron 12; before, only the error of contextBridge tells. */
function exposeInMainWorld() {
  try {
    contextBridge.exposeInMainWorld('osaurus', bridge)
  } catch (error) {
    if (process.contextIsolated || !/contextIsolation/.test(/** @type {Error} */ (error).message)) throw error
    window.osaurus = bridge
  }
}
