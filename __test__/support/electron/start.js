// What does a test of a real Electron begin with, and what is left of it at its end? An app, a home folder; nothing.
'use strict'

const asar = require('@electron/asar')
const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { test } = require('node:test')

const { stageApp } = require('../../../scripts/stage-app.js')
const { closeScreen, launch } = require('./launch.js')

/** @typedef {import('node:test').TestContext} TestContext */

const BARE_APP = path.join(__dirname, '..', '..', 'fixtures', 'electron-app')

/** Staged apps by their source: one copy serves a whole file. @type {Map<string, string>} */
const staged = new Map()

process.on('exit', () => {
  for (const folder of staged.values()) fs.rmSync(path.dirname(folder), { recursive: true, force: true })
})

/** @param {string} folder */
function remove(folder) {
  fs.rmSync(folder, { recursive: true, force: true })
}

/** @param {string} source */
function stage(source) {
  let folder = staged.get(source)
  if (!folder) {
    folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-app-')), 'app')
    stageApp(source, folder)
    staged.set(source, folder)
  }
  return folder
}

/**
 * @param {string} source
 * @param {string} home
 * @param {Record<string, string>} files
 */
function stageWith(source, home, files) {
  const folder = path.join(home, 'app')
  fs.cpSync(stage(source), folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    fs.writeFileSync(path.join(folder, name), text)
  }
  return folder
}

/**
 * The archive beside the app's folder, with the addon outside of it as every packager leaves it.
 * @param {string} folder
 */
async function pack(folder) {
  const archive = `${folder}.asar`
  if (!fs.existsSync(archive)) await asar.createPackageWithOptions(folder, archive, { unpack: '*.node' })
  return archive
}

/**
 * The same test twice: with the app in its folder, as its developer starts it, and in an asar, as its users do.
 * @param {string} sentence
 * @param {(t: TestContext, form: { asar: boolean }) => Promise<void>} body hands the form on to startApp()
 */
function testPackedToo(sentence, body) {
  test(sentence, (t) => body(t, { asar: false }))
  test(`from an asar: ${sentence}`, (t) => body(t, { asar: true }))
}

/**
 * A home folder of its own for what the test starts.
 * @param {TestContext} t
 */
function makeHome(t) {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-home-'))
  t.after(() => {
    try {
      remove(home)
    } catch (error) {
      // An app that still writes into it: startApp() removes it once that is ended.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOTEMPTY') throw error
    }
  })
  return { home, baseDir: path.join(home, '.osaurus', 'runtime') }
}

/**
 * Starts the app; when the test ends, the app has ended too, and nothing went wrong in it that nobody saw.
 * @param {TestContext} t
 * @param {{ home: string, source?: string, main?: string, files?: Record<string, string>, entry?: string, asar?: boolean, program?: string, flags?: string[] }} options
 *   `main`, `files`: texts in place of the app's own, or beside them; `entry`: the file that Electron is given in place of the folder;
 *   `asar`: its files in an archive; `program`: a packaged app; `flags` of Chromium
 */
async function startApp(
  t,
  { home, source = BARE_APP, main, files = {}, entry = '', asar = false, program, flags },
) {
  const changed = main === undefined ? files : { ...files, 'main.js': main }
  const folder = Object.keys(changed).length === 0 ? stage(source) : stageWith(source, home, changed)
  const app = await launch(program ? undefined : asar ? await pack(folder) : path.join(folder, entry), {
    home,
    program,
    flags,
  })
  t.after(async () => {
    await app.kill()
    remove(home) // Again: until now the app has written into it.
    assert.deepEqual(app.troubles, [])
    assert.doesNotMatch(app.output, /MaxListenersExceededWarning|DeprecationWarning|FATAL|Segmentation/)
  })
  return app
}

module.exports = { closeScreen, makeHome, stage, startApp, testPackedToo }
