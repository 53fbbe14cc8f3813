// Gives a sandboxed macOS app access to Osaurus' directory, which the user chooses once.
'use strict'

const fs = require('fs')
const os = require('os')
const path = require('path')

/**
 * @typedef {import('../../electron.js').SandboxedRuntime} SandboxedRuntime
 * @typedef {import('../../electron.js').SandboxedRuntimeOptions} SandboxedRuntimeOptions
 * @typedef {{ directory: string, bookmark?: string }} Choice of the user; only builds for the App Store have bookmarks
 */

/** The names of the directory that Osaurus publishes in, newest first. */
const DIRECTORY_NAMES = ['runtime', 'SharedConfiguration']

/**
 * @param {Pick<typeof import('electron'), 'app' | 'dialog'>} electron
 * @param {SandboxedRuntimeOptions} options checked
 * @returns {Promise<SandboxedRuntime | null>}
 */
async function openRuntime({ app, dialog }, { window, loadBookmark, saveBookmark }) {
  const saved = parse(await loadBookmark())
  if (saved) {
    // A bookmark becomes stale when its directory is deleted. Then the user has to choose again.
    const runtime = await open(app, saved).catch(() => null)
    if (runtime) return runtime
  }
  const chosen = await showDialog(dialog, window)
  if (!chosen) return null
  const runtime = await open(app, chosen)
  try {
    await saveBookmark(JSON.stringify(chosen))
  } catch (error) {
    runtime.stopAccess()
    throw error
  }
  return runtime
}

/**
 * A bookmark does not contain the path of its directory, so both are saved in one text.
 * @param {unknown} text
 * @returns {Choice | null}
 */
function parse(text) {
  try {
    const { directory, bookmark } = JSON.parse(/** @type {string} */ (text))
    const valid =
      typeof directory === 'string' &&
      path.isAbsolute(directory) &&
      ['string', 'undefined'].includes(typeof bookmark)
    return valid ? { directory, bookmark } : null
  } catch (_) {
    return null
  }
}

/**
 * @param {import('electron').App} app
 * @param {Choice} choice
 * @returns {Promise<SandboxedRuntime>}
 */
async function open(app, { directory, bookmark }) {
  const inStore = bookmark !== undefined && typeof app.startAccessingSecurityScopedResource === 'function'
  const stop = inStore ? app.startAccessingSecurityScopedResource(bookmark) : () => {}
  let active = true
  const stopAccess = () => {
    if (active) stop()
    active = false
  }
  try {
    await fs.promises.readdir(directory)
    const baseDir = await findRuntimeDir(directory)
    if (baseDir === null) throw new Error(`${directory} is not the folder of Osaurus`)
    return { baseDir, stopAccess }
  } catch (error) {
    stopAccess()
    throw error
  }
}

/**
 * The directory with the instances for a chosen directory; null if the chosen one has nothing to do with Osaurus.
 * @param {string} directory
 */
async function findRuntimeDir(directory) {
  if (DIRECTORY_NAMES.includes(path.basename(directory))) return directory
  for (const name of DIRECTORY_NAMES) {
    const child = path.join(directory, name)
    const stat = await fs.promises.stat(child).catch(() => null)
    if (stat && stat.isDirectory()) return child
  }
  // Osaurus has not run yet. It creates the directory when it does.
  return path.basename(directory) === '.osaurus' ? path.join(directory, DIRECTORY_NAMES[0]) : null
}

/**
 * Shows the dialog until the user chooses the right directory or cancels.
 * @param {import('electron').Dialog} dialog
 * @param {import('electron').BrowserWindow | undefined} window
 * @returns {Promise<Choice | null>}
 */
async function showDialog(dialog, window) {
  // In the sandbox HOME is the app's container. The user's home directory is in the password database.
  const home = os.userInfo().homedir
  let message = 'Allow access to the folder in which Osaurus says where it runs.'
  for (;;) {
    /** @type {import('electron').OpenDialogOptions} */
    const options = {
      title: 'Find Osaurus',
      message: `${message} It is the folder “runtime” inside “.osaurus” in your home folder.`,
      buttonLabel: 'Allow Access',
      defaultPath: path.join(home, '.osaurus', DIRECTORY_NAMES[0]),
      properties: ['openDirectory', 'showHiddenFiles'],
      securityScopedBookmarks: true,
    }
    const {
      canceled,
      filePaths,
      bookmarks = [],
    } = await (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options))
    if (canceled || filePaths.length === 0) return null
    const [directory] = filePaths
    if (await findRuntimeDir(directory)) return { directory, bookmark: bookmarks[0] || undefined }
    message = `“${path.basename(directory)}” is not the folder of Osaurus.`
  }
}

module.exports = { openRuntime }
