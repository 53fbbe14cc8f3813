// Starts apps in a real Electron, each with its own home directory, and removes both after the test.
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

/** Staged apps by source: one copy serves a whole test file. @type {Map<string, string>} */
const staged = new Map()

process.on('exit', () => {
  for (const directory of staged.values())
    fs.rmSync(path.dirname(directory), { recursive: true, force: true })
})

/** @param {string} directory */
function remove(directory) {
  fs.rmSync(directory, { recursive: true, force: true })
}

/** @param {string} source */
function stage(source) {
  let directory = staged.get(source)
  if (!directory) {
    directory = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-app-')), 'app')
    stageApp(source, directory)
    staged.set(source, directory)
  }
  return directory
}

/**
 * @param {string} source
 * @param {string} home
 * @param {Record<string, string>} files
 */
function stageWith(source, home, files) {
  const directory = path.join(home, 'app')
  fs.cpSync(stage(source), directory, { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(directory, name)), { recursive: true })
    fs.writeFileSync(path.join(directory, name), text)
  }
  return directory
}

/**
 * Packs the app's directory into an archive beside it, with the addon outside, as packagers do.
 * @param {string} directory
 */
async function pack(directory) {
  const archive = `${directory}.asar`
  if (!fs.existsSync(archive)) await asar.createPackageWithOptions(directory, archive, { unpack: '*.node' })
  return archive
}

/**
 * Runs a test twice: with the app in its directory, as developers start it, and in an asar, as users do.
 * @param {string} name
 * @param {(t: TestContext, form: { asar: boolean }) => Promise<void>} body passes the form to startApp()
 */
function testPackedToo(name, body) {
  test(name, (t) => body(t, { asar: false }))
  test(`from an asar: ${name}`, (t) => body(t, { asar: true }))
}

/**
 * Creates a home directory for what the test starts.
 * @param {TestContext} t
 */
function makeHome(t) {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-home-'))
  t.after(() => {
    try {
      remove(home)
    } catch (error) {
      // The app still writes into it. startApp() removes it when the app has ended.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOTEMPTY') throw error
    }
  })
  return { home, baseDir: path.join(home, '.osaurus', 'runtime') }
}

/**
 * Starts an app and ends it after the test, which fails if the app had an uncaught error.
 * @param {TestContext} t
 * @param {{ home: string, source?: string, main?: string, files?: Record<string, string>, entry?: string, asar?: boolean, program?: string, flags?: string[] }} options
 *   `main`, `files`: texts in place of the app's files or in addition; `entry`: a file to start in place of the directory;
 *   `asar`: its files in an archive; `program`: a packaged app; `flags` of Chromium
 */
async function startApp(
  t,
  { home, source = BARE_APP, main, files = {}, entry = '', asar = false, program, flags },
) {
  const changed = main === undefined ? files : { ...files, 'main.js': main }
  const directory = Object.keys(changed).length === 0 ? stage(source) : stageWith(source, home, changed)
  const app = await launch(program ? undefined : asar ? await pack(directory) : path.join(directory, entry), {
    home,
    program,
    flags,
  })
  t.after(async () => {
    await app.kill()
    remove(home) // Again, because the app wrote into it until now.
    assert.deepEqual(app.problems, [])
    assert.doesNotMatch(app.output, /MaxListenersExceededWarning|DeprecationWarning|FATAL|Segmentation/)
  })
  return app
}

/** The text of a file of the bare app. @param {string} name */
function readFixture(name) {
  return fs.readFileSync(path.join(BARE_APP, name), 'utf8')
}

module.exports = { BARE_APP, closeScreen, makeHome, readFixture, stage, startApp, testPackedToo }
