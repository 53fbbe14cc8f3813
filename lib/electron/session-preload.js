// Adds our preload script to every page of a session.
'use strict'

const { addPreloadScript } = require('./compat.js')

/**
 * Adds the script at once, or when the app is ready: before that there is no default session.
 * @param {Pick<typeof import('electron'), 'app' | 'session'>} electron
 * @param {import('electron').Session | undefined} session
 * @param {string} file
 * @returns {() => void} removes it
 */
function addPreload(electron, session, file) {
  const { app } = electron
  if (session) return addPreloadScript(session, file)
  if (app.isReady()) return addPreloadScript(electron.session.defaultSession, file)

  let wanted = true
  /** @type {(() => void) | null} */
  let remove = null
  const ready = () => {
    if (wanted && !remove) remove = addPreloadScript(electron.session.defaultSession, file)
  }
  // Before the app opens its first window, whether it waits for the event or for the promise.
  app.prependOnceListener('ready', ready)
  app.whenReady().then(ready)
  return () => {
    wanted = false
    if (remove) remove()
  }
}

module.exports = { addPreload }
