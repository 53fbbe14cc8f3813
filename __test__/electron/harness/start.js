// What does a test of a real Electron begin with, and what is left of it at its end? An app, a home folder; nothing.
'use strict'
const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { stageApp } = require('../../../scripts/stage-app.js')
const { closeScreen, launch } = require('./launch.js')

/** @typedef {import('node:test').TestContext} TestContext */

const BARE_APP = path.join(__dirname, '..', 'app')

/** Staged apps by their source: one copy serves a whole file. @type {Map<string, string>} */
const staged = new Map()

process.on('exit', () => {
  for (const folder of staged.values()) fs.rmSync(path.dirname(folder), { recursive: true, force: true })
})

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

/** @param {string} source @param {string} main @param {string} home */
function stageWith(source, main, home) {
  const folder = path.join(home, 'app')
  fs.cpSync(stage(source), folder, { recursive: true })
  fs.writeFileSync(path.join(folder, 'main.js'), main)
  return folder
}

/**
 * A home folder of its own for what the test starts.
 * @param {TestContext} t
 */
function makeHome(t) {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-home-'))
  t.after(() => fs.rmSync(home, { recursive: true, force: true, maxRetries: 5 }))
  return { home, baseDir: path.join(home, '.osaurus', 'runtime') }
}

/**
 * Starts the app; when the test ends, the app has ended too, and nothing went wrong in it that nobody saw.
 * @param {TestContext} t
 * @param {{ home: string, source?: string, main?: string, program?: string }} options `main`: its main file's text, in place of
 *   the app's own; `program`: a packaged app
 */
async function startApp(t, { home, source = BARE_APP, main, program }) {
  const folder = main === undefined ? stage(source) : stageWith(source, main, home)
  const app = await launch(program ? undefined : folder, { home, program })
  t.after(async () => {
    await app.kill()
    assert.deepEqual(app.troubles, [])
    assert.doesNotMatch(app.output, /MaxListenersExceededWarning|DeprecationWarning|FATAL|Segmentation/)
  })
  return app
}

module.exports = { closeScreen, makeHome, stage, startApp }
