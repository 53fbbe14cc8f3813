// How does our preload script get into every page of a session?
'use strict'

/**
 * Before the app is ready there is no default session yet: then it is done as soon as it is.
 * @param {Pick<typeof import('electron'), 'app' | 'session'>} electron
 * @param {import('electron').Session | undefined} session
 * @param {string} file
 * @returns {() => void} takes it out again
 */
function addPreload(electron, session, file) {
  const { app } = electron
  if (session) return addTo(session, file)
  if (app.isReady()) return addTo(electron.session.defaultSession, file)

  let wanted = true
  /** @type {(() => void) | null} */
  let remove = null
  const ready = () => {
    if (wanted && !remove) remove = addTo(electron.session.defaultSession, file)
  }
  // Ahead of whoever opens the first window, by the event or by the promise.
  app.prependOnceListener('ready', ready)
  app.whenReady().then(ready)
  return () => {
    wanted = false
    if (remove) remove()
  }
}

/**
 * @param {import('electron').Session} session
 * @param {string} file
 */
function addTo(session, file) {
  if (typeof session.registerPreloadScript === 'function') {
    const id = session.registerPreloadScript({ type: 'frame', filePath: file })
    return () => session.unregisterPreloadScript(id)
  }
  // Before Electron 35 a session has one list of files.
  session.setPreloads([...session.getPreloads(), file])
  return () => session.setPreloads(session.getPreloads().filter((each) => each !== file))
}

module.exports = { addPreload }
