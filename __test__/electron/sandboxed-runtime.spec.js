// Tests that a sandboxed app opens the folder dialog only when it has no valid bookmark.
//
// Real dialogs and bookmarks need a build for the Mac App Store. Here Electron's `dialog` and `app` are stand-ins, and the
// directories are real.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, beforeEach, test } = require('node:test')

const { openRuntime } = require('../../lib/electron/sandboxed-runtime.js')

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-sandboxed-'))
after(() => fs.rmSync(scratch, { recursive: true }))

const osaurus = path.join(scratch, '.osaurus')
const runtime = path.join(osaurus, 'runtime')
const downloads = path.join(scratch, 'Downloads')

/** The saved bookmark. @type {string | undefined} */
let saved
/** @type {any[][]} */
let dialogs
/** Bookmarks in use. @type {string[]} */
let held
/** Bookmarks that the system rejects. @type {Set<string>} */
let stale

beforeEach(() => {
  saved = undefined
  dialogs = []
  held = []
  stale = new Set()
  fs.rmSync(osaurus, { recursive: true, force: true })
  fs.mkdirSync(runtime, { recursive: true })
  fs.mkdirSync(downloads, { recursive: true })
})

/** Stands in for `app` in a build for the Mac App Store, where a bookmark gives access until its function is called. */
const storeApp = {
  startAccessingSecurityScopedResource(/** @type {string} */ bookmark) {
    if (stale.has(bookmark)) throw new Error('bookmarkDataIsStale - try recreating the bookmark')
    held.push(bookmark)
    return () => void held.splice(held.indexOf(bookmark), 1)
  },
}

/**
 * @param {Array<string | null>} choices what the user chooses, dialog by dialog; null declines
 * @param {{ app?: any, window?: any, saveBookmark?: any, loadBookmark?: any }} [how]
 */
function open(choices, { app = storeApp, ...options } = {}) {
  const dialog = {
    async showOpenDialog(/** @type {any[]} */ ...args) {
      dialogs.push(args)
      const choice = choices.shift()
      assert.notEqual(choice, undefined, 'more dialogs than expected')
      if (!choice) return { canceled: true, filePaths: [], bookmarks: [] }
      const bookmarks = app === storeApp ? [`bookmark of ${choice}`] : undefined
      return { canceled: false, filePaths: [choice], bookmarks }
    },
  }
  const saveBookmark = (/** @type {string} */ text) => void (saved = text)
  return openRuntime(/** @type {any} */ ({ app, dialog }), {
    loadBookmark: () => saved,
    saveBookmark,
    ...options,
  })
}

test('the first dialog names Osaurus and shows hidden directories', async () => {
  const opened = await open([runtime])
  assert.equal(opened?.baseDir, runtime)
  const [[options]] = dialogs
  assert.equal(options.securityScopedBookmarks, true)
  assert.deepEqual(options.properties, ['openDirectory', 'showHiddenFiles'])
  assert.equal(options.defaultPath, path.join(os.userInfo().homedir, '.osaurus', 'runtime'))
  assert.match(options.message, /Osaurus/)
  assert.equal(options.buttonLabel, 'Allow Access')
})

test('the dialog is attached to the given window', async () => {
  const window = {}
  await open([runtime], { window })
  assert.equal(dialogs[0][0], window)
})

test('a saved bookmark opens without a dialog', async () => {
  const first = await open([runtime])
  first?.stopAccess()
  const second = await open([])
  assert.equal(second?.baseDir, runtime)
  assert.deepEqual(held, [`bookmark of ${runtime}`])
})

test('access lasts until stopAccess(), which may be called twice', async () => {
  const opened = await open([runtime])
  assert.equal(held.length, 1)
  opened?.stopAccess()
  opened?.stopAccess()
  assert.deepEqual(held, [])
})

test('a cancelled dialog gives null, saves nothing, and is shown again at the next launch', async () => {
  assert.equal(await open([null]), null)
  assert.equal(saved, undefined)
  assert.equal((await open([runtime]))?.baseDir, runtime)
})

test('a stale bookmark opens the dialog and saves the new choice', async () => {
  await open([runtime])
  stale.add(`bookmark of ${runtime}`)
  const opened = await open([osaurus])
  assert.equal(opened?.baseDir, runtime)
  assert.equal(dialogs.length, 2)
  assert.match(String(saved), /bookmark of .*\.osaurus"/)
})

test('a deleted directory opens the dialog, and its access is released', async () => {
  ;(await open([runtime]))?.stopAccess()
  fs.rmSync(runtime, { recursive: true })
  assert.equal(await open([null]), null)
  assert.deepEqual(held, [])
})

for (const text of [
  '',
  'no JSON',
  '{}',
  '[]',
  'null',
  '{"directory":"relative"}',
  '{"directory":"/x","bookmark":5}',
])
  test(`an invalid bookmark counts as none: ${text || 'an empty text'}`, async () => {
    saved = text
    assert.equal((await open([runtime]))?.baseDir, runtime)
  })

test('the parent directory is accepted', async () => {
  assert.equal((await open([osaurus]))?.baseDir, runtime)
})

test('the parent directory is accepted before Osaurus has ever run', async () => {
  fs.rmSync(runtime, { recursive: true })
  assert.equal((await open([osaurus]))?.baseDir, runtime)
  assert.equal((await open([]))?.baseDir, runtime, 'at the next launch too')
})

test('the directory of an older Osaurus is accepted, and so is its parent', async () => {
  const older = path.join(osaurus, 'SharedConfiguration')
  fs.renameSync(runtime, older)
  assert.equal((await open([older]))?.baseDir, older)
  saved = undefined
  assert.equal((await open([osaurus]))?.baseDir, older)
})

test('an unrelated directory opens the dialog again, with a message that names it', async () => {
  const opened = await open([downloads, runtime])
  assert.equal(opened?.baseDir, runtime)
  assert.match(dialogs[1][0].message, /“Downloads” is not the folder of Osaurus/)
  assert.doesNotMatch(String(saved), /Downloads/)
})

test('an unrelated directory and then a cancelled dialog give null', async () => {
  assert.equal(await open([downloads, null]), null)
  assert.equal(saved, undefined)
})

test('a build without bookmarks works the same', async () => {
  const first = await open([runtime], { app: {} })
  assert.equal(first?.baseDir, runtime)
  first?.stopAccess()
  assert.equal((await open([], { app: {} }))?.baseDir, runtime)
  assert.equal(dialogs.length, 1)
})

test('a failing saveBookmark rejects with its error and releases the access', async () => {
  const saveBookmark = async () => {
    throw new Error('disk full')
  }
  await assert.rejects(open([runtime], { saveBookmark }), /disk full/)
  assert.deepEqual(held, [])
})

test('a failing loadBookmark rejects with its error and opens no dialog', async () => {
  const loadBookmark = async () => {
    throw new Error('keychain locked')
  }
  await assert.rejects(open([], { loadBookmark }), /keychain locked/)
})
