// What does a page get of Osaurus? window.osaurus: three functions, and no way to anything else.
'use strict'

const { contextBridge, ipcRenderer } = require('electron')

/**
 * @typedef {import('osaurus-discovery').InstanceChange} InstanceChange
 * @typedef {{ call: (change: InstanceChange) => void, told: boolean }} Listener
 */

/** @type {Set<Listener>} */
const listeners = new Set()

/** The number of the subscription under way; a change for an earlier one comes too late. */
let subscription = 0

/** The state that the main process told last, for those who begin to listen now. @type {InstanceChange | null} */
let latest = null

ipcRenderer.on('osaurus:change', (_event, id, change) => {
  if (id !== subscription || listeners.size === 0) return
  latest = change
  for (const listener of [...listeners]) tell(listener)
})

ipcRenderer.on('osaurus:warning', (_event, id, reason) => {
  if (id !== subscription || listeners.size === 0) return
  console.warn(`window.osaurus.onChange may miss something: ${reason}`)
})

// The main process sees a page go, but not always a frame inside it.
window.addEventListener('pagehide', () => {
  if (listeners.size > 0) unsubscribe()
})

/** @type {import('osaurus-discovery/preload').OsaurusBridge} */
const bridge = Object.freeze({
  getInstance: () => ask('osaurus:getInstance'),
  listInstances: () => ask('osaurus:listInstances'),
  onChange(call) {
    if (typeof call !== 'function') throw new TypeError('onChange: the listener must be a function')
    const listener = { call, told: false }
    listeners.add(listener)
    if (listeners.size === 1) subscribe()
    else Promise.resolve().then(() => listener.told || tell(listener))
    return () => {
      if (listeners.delete(listener) && listeners.size === 0) unsubscribe()
    }
  },
})

/** @param {string} channel */
async function ask(channel) {
  try {
    return await ipcRenderer.invoke(channel)
  } catch (error) {
    throw new Error(reasonOf(error))
  }
}

function subscribe() {
  subscription += 1
  ipcRenderer.invoke('osaurus:subscribe', subscription).catch((error) => {
    console.error(`window.osaurus.onChange hears of nothing: ${reasonOf(error)}`)
  })
}

function unsubscribe() {
  latest = null
  ipcRenderer.send('osaurus:unsubscribe', subscription)
}

/** What went wrong, without the words that Electron puts around it. @param {any} error @returns {string} */
function reasonOf({ message }) {
  const ours = /\[[A-Z]+_[A-Z_]+\] [^]*$/.exec(message)
  if (ours) return ours[0]
  // Electron's own words, which name no next step.
  const unregistered = /No handler registered for '[^']*'/.exec(message)
  if (!unregistered) return message
  return `[ERR_INVALID_STATE] ${unregistered[0]}: call registerOsaurus() in the main process, and dispose() only when the page is gone`
}

/** @param {Listener} listener */
function tell(listener) {
  if (!latest || !listeners.has(listener)) return
  const { instances } = latest
  // Whoever hears for the first time hears the whole state. Each gets a copy of its own.
  const change = listener.told ? latest : { instances, added: instances, updated: [], removed: [] }
  listener.told = true
  try {
    listener.call(JSON.parse(JSON.stringify(change)))
  } catch (error) {
    setTimeout(() => {
      throw error
    })
  }
}

// Loaded twice, by the session and by the window, it is there already.
const LOADED = Symbol.for('osaurus-discovery/preload')
const world = /** @type {any} */ (globalThis)
if (!world[LOADED]) {
  world[LOADED] = true
  expose()
}

function expose() {
  try {
    contextBridge.exposeInMainWorld('osaurus', bridge)
  } catch (error) {
    // Without context isolation, the page's world is this one.
    if (!/contextIsolation/.test(/** @type {Error} */ (error).message)) throw error
    window.osaurus = bridge
  }
}
