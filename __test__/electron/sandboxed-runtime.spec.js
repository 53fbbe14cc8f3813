// Does a sandboxed app ask for the folder once, keep it, and ask again only when it has to?
//
// A build for the Mac App Store is needed to see the real dialog and real bookmarks; here stand-ins of Electron's `dialog` and
// `app` take their places, and the folders are real.
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

/** What the app has kept, and what it was asked to keep. @type {string | undefined} */
let kept
/** @type {any[][]} */
let dialogs
/** Bookmarks in use. @type {string[]} */
let held
/** Bookmarks that the system does not take any more. @type {Set<string>} */
let stale

beforeEach(() => {
  kept = undefined
  dialogs = []
  held = []
  stale = new Set()
  fs.rmSync(osaurus, { recursive: true, force: true })
  fs.mkdirSync(runtime, { recursive: true })
  fs.mkdirSync(downloads, { recursive: true })
})

/** A build for the Mac App Store, where access is by bookmark; what it gives back stops it, as in Electron. */
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
      assert.notEqual(choice, undefined, 'asked more often than expected')
      if (!choice) return { canceled: true, filePaths: [], bookmarks: [] }
      const bookmarks = app === storeApp ? [`bookmark of ${choice}`] : undefined
      return { canceled: false, filePaths: [choice], bookmarks }
    },
  }
  const saveBookmark = (/** @type {string} */ text) => void (kept = text)
  return openRuntime(/** @type {any} */ ({ app, dialog }), {
    loadBookmark: () => kept,
    saveBookmark,
    ...options,
  })
}

test('the first time it asks, in words that say for what, and shows hidden folders', async () => {
  const opened = await open([runtime])
  assert.equal(opened?.baseDir, runtime)
  const [[options]] = dialogs
  assert.equal(options.securityScopedBookmarks, true)
  assert.deepEqual(options.properties, ['openDirectory', 'showHiddenFiles'])
  assert.equal(options.defaultPath, path.join(os.userInfo().homedir, '.osaurus', 'runtime'))
  assert.match(options.message, /Osaurus/)
  assert.equal(options.buttonLabel, 'Allow Access')
})

test('the dialog belongs to the window where one is given', async () => {
  const window = {}
  await open([runtime], { window })
  assert.equal(dialogs[0][0], window)
})

test('the second time it does not ask', async () => {
  const first = await open([runtime])
  first?.stopAccess()
  const second = await open([])
  assert.equal(second?.baseDir, runtime)
  assert.deepEqual(held, [`bookmark of ${runtime}`])
})

test('access lasts until it is stopped, twice without harm', async () => {
  const opened = await open([runtime])
  assert.equal(held.length, 1)
  opened?.stopAccess()
  opened?.stopAccess()
  assert.deepEqual(held, [])
})

test('who declines gives null, nothing is kept, and the next launch asks again', async () => {
  assert.equal(await open([null]), null)
  assert.equal(kept, undefined)
  assert.equal((await open([runtime]))?.baseDir, runtime)
})

test('a stale bookmark asks again, and keeps the new one', async () => {
  await open([runtime])
  stale.add(`bookmark of ${runtime}`)
  const opened = await open([osaurus])
  assert.equal(opened?.baseDir, runtime)
  assert.equal(dialogs.length, 2)
  assert.match(String(kept), /bookmark of .*\.osaurus"/)
})

test('a folder that is gone asks again, and its access is given back', async () => {
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
  '{"folder":"relative"}',
  '{"folder":"/x","bookmark":5}',
])
  test(`what is no bookmark of ours counts as none: ${text || 'an empty text'}`, async () => {
    kept = text
    assert.equal((await open([runtime]))?.baseDir, runtime)
  })

test('the folder above is as good', async () => {
  assert.equal((await open([osaurus]))?.baseDir, runtime)
})

test('the folder above is as good before Osaurus has ever run', async () => {
  fs.rmSync(runtime, { recursive: true })
  assert.equal((await open([osaurus]))?.baseDir, runtime)
  assert.equal((await open([]))?.baseDir, runtime, 'at the next launch too')
})

test('the folder of an older Osaurus is taken, itself or the one above', async () => {
  const older = path.join(osaurus, 'SharedConfiguration')
  fs.renameSync(runtime, older)
  assert.equal((await open([older]))?.baseDir, older)
  kept = undefined
  assert.equal((await open([osaurus]))?.baseDir, older)
})

test('another folder is answered by asking again, in words that say so', async () => {
  const opened = await open([downloads, runtime])
  assert.equal(opened?.baseDir, runtime)
  assert.match(dialogs[1][0].message, /“Downloads” is not the folder of Osaurus/)
  assert.doesNotMatch(String(kept), /Downloads/)
})

test('another folder, then declined, is null', async () => {
  assert.equal(await open([downloads, null]), null)
  assert.equal(kept, undefined)
})

test('outside of the App Store there are no bookmarks, and it works the same', async () => {
  const first = await open([runtime], { app: {} })
  assert.equal(first?.baseDir, runtime)
  first?.stopAccess()
  assert.equal((await open([], { app: {} }))?.baseDir, runtime)
  assert.equal(dialogs.length, 1)
})

test('a bookmark that cannot be saved rejects with the reason of the app, and gives access back', async () => {
  const saveBookmark = async () => {
    throw new Error('disk full')
  }
  await assert.rejects(open([runtime], { saveBookmark }), /disk full/)
  assert.deepEqual(held, [])
})

test('a bookmark that cannot be loaded rejects with the reason of the app, and asks nothing', async () => {
  const loadBookmark = async () => {
    throw new Error('keychain locked')
  }
  await assert.rejects(open([], { loadBookmark }), /keychain locked/)
})
