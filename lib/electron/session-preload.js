// Adds our preload script to every page of one session, of several, or of all.
'use strict'

const { addPreloadScript } = require('./compat.js')

/**
 * @typedef {import('electron').Session} Session
 * @typedef {import('../../electron.js').RegisterOptions['session']} Sessions
 */

/**
 * @param {Pick<typeof import('electron'), 'app' | 'session' | 'webContents'>} electron
 * @param {Sessions} sessions by default the default session
 * @param {string} file
 * @returns {() => void} removes the script from all sessions
 */
function addPreload(electron, sessions, file) {
  /** How to remove the script from each session that has it. @type {Map<Session, () => void>} */
  const removals = new Map()
  /** @param {Session} session */
  const add = (session) => {
    if (!removals.has(session)) removals.set(session, addPreloadScript(session, file))
  }
  const stop = addToSessions(electron, sessions, add)
  return () => {
    stop()
    for (const remove of removals.values()) remove()
    removals.clear()
  }
}

/**
 * @param {Pick<typeof import('electron'), 'app' | 'session' | 'webContents'>} electron
 * @param {Sessions} sessions
 * @param {(session: Session) => void} add
 * @returns {() => void} stops adding sessions
 */
function addToSessions(electron, sessions, add) {
  if (sessions === 'all') return addToAllSessions(electron, add)
  if (!sessions) return whenReady(electron.app, () => add(electron.session.defaultSession))
  for (const session of Array.isArray(sessions) ? sessions : [sessions]) add(session)
  return () => {}
}

/**
 * @param {Pick<typeof import('electron'), 'app' | 'session' | 'webContents'>} electron
 * @param {(session: Session) => void} add
 */
function addToAllSessions({ app, session, webContents }, add) {
  /** @type {(session: Session) => void} */
  const created = (session) => add(session)
  // Electron has no list of sessions. One that was created before is added before its first page loads.
  /** @type {(event: unknown, contents: import('electron').WebContents) => void} */
  const opened = (_event, contents) => add(contents.session)
  app.on('session-created', created)
  app.on('web-contents-created', opened)
  const stopWaiting = whenReady(app, () => {
    add(session.defaultSession)
    for (const contents of webContents.getAllWebContents()) add(contents.session)
  })
  return () => {
    app.removeListener('session-created', created)
    app.removeListener('web-contents-created', opened)
    stopWaiting()
  }
}

/**
 * Calls back at once, or when the app is ready: before that it has no default session.
 * @param {import('electron').App} app
 * @param {() => void} callback called once
 * @returns {() => void} cancels the callback
 */
function whenReady(app, callback) {
  let pending = true
  const ready = () => {
    if (!pending) return
    pending = false
    callback()
  }
  if (app.isReady()) ready()
  else {
    // Before the app opens its first window, whether it waits for the event or for the promise.
    app.prependOnceListener('ready', ready)
    app.whenReady().then(ready)
  }
  return () => void (pending = false)
}

module.exports = { addPreload }
