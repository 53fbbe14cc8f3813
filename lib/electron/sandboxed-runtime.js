// How does an app in the macOS sandbox get to read Osaurus' folder? The user chooses it once.
'use strict'

const { promises: fs } = require('fs')
const os = require('os')
const path = require('path')

/**
 * @typedef {import('../../electron.js').SandboxedRuntime} SandboxedRuntime
 * @typedef {import('../../electron.js').SandboxedRuntimeOptions} SandboxedRuntimeOptions
 * @typedef {{ folder: string, bookmark?: string }} Choice what the user chose; without bookmark outside of the App Store
 */

/** What Osaurus calls the folder it publishes in, newest name first. */
const NAMES = ['runtime', 'SharedConfiguration']

/**
 * @param {Pick<typeof import('electron'), 'app' | 'dialog'>} electron
 * @param {SandboxedRuntimeOptions} options checked
 * @returns {Promise<SandboxedRuntime | null>}
 */
async function openRuntime({ app, dialog }, { window, loadBookmark, saveBookmark }) {
  const kept = parse(await loadBookmark())
  if (kept) {
    // A bookmark goes stale when its folder does; that is no failure, only time to ask again.
    const runtime = await open(app, kept).catch(() => null)
    if (runtime) return runtime
  }
  const chosen = await ask(dialog, window)
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
 * A bookmark does not tell its folder, so both are kept in one text.
 * @param {unknown} text
 * @returns {Choice | null}
 */
function parse(text) {
  try {
    const { folder, bookmark } = JSON.parse(/** @type {string} */ (text))
    const whole =
      typeof folder === 'string' &&
      path.isAbsolute(folder) &&
      ['string', 'undefined'].includes(typeof bookmark)
    return whole ? { folder, bookmark } : null
  } catch (_) {
    return null
  }
}

/**
 * @param {import('electron').App} app
 * @param {Choice} choice
 * @returns {Promise<SandboxedRuntime>}
 */
async function open(app, { folder, bookmark }) {
  const inStore = bookmark !== undefined && typeof app.startAccessingSecurityScopedResource === 'function'
  const stop = inStore ? app.startAccessingSecurityScopedResource(bookmark) : () => {}
  let held = true
  const stopAccess = () => {
    if (held) stop()
    held = false
  }
  try {
    await fs.readdir(folder)
    const baseDir = await runtimeIn(folder)
    if (baseDir === null) throw new Error(`${folder} is not the folder of Osaurus`)
    return { baseDir, stopAccess }
  } catch (error) {
    stopAccess()
    throw error
  }
}

/**
 * The folder with the instances, for the one that was chosen; null where it has nothing to do with Osaurus.
 * @param {string} folder
 */
async function runtimeIn(folder) {
  if (NAMES.includes(path.basename(folder))) return folder
  for (const name of NAMES) {
    const child = path.join(folder, name)
    const stat = await fs.stat(child).catch(() => null)
    if (stat && stat.isDirectory()) return child
  }
  // Osaurus has not run yet: its folder will be there when it does.
  return path.basename(folder) === '.osaurus' ? path.join(folder, NAMES[0]) : null
}

/**
 * Asks until the folder is the right one, or the user has had enough.
 * @param {import('electron').Dialog} dialog
 * @param {import('electron').BrowserWindow | undefined} window
 * @returns {Promise<Choice | null>}
 */
async function ask(dialog, window) {
  // In the sandbox HOME is the app's own container; the user's real home is in the password database.
  const home = os.userInfo().homedir
  let message = 'Allow access to the folder in which Osaurus says where it runs.'
  for (;;) {
    /** @type {import('electron').OpenDialogOptions} */
    const options = {
      title: 'Find Osaurus',
      message: `${message} It is the folder “runtime” inside “.osaurus” in your home folder.`,
      buttonLabel: 'Allow Access',
      defaultPath: path.join(home, '.osaurus', NAMES[0]),
      properties: ['openDirectory', 'showHiddenFiles'],
      securityScopedBookmarks: true,
    }
    const {
      canceled,
      filePaths,
      bookmarks = [],
    } = await (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options))
    if (canceled || filePaths.length === 0) return null
    const [folder] = filePaths
    if (await runtimeIn(folder)) return { folder, bookmark: bookmarks[0] || undefined }
    message = `“${path.basename(folder)}” is not the folder of Osaurus.`
  }
}

module.exports = { openRuntime }
