// How does an app become what users get: a program of its own, its files in an asar, the addon beside it?
'use strict'

const asar = require('@electron/asar')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { electronPath } = require('../../../scripts/electron.js')

const PROGRAM = 'example'

/**
 * On Linux, where Electron's folder and a program's folder look alike.
 * @param {import('node:test').TestContext} t
 * @param {string} app a staged app
 * @returns {Promise<string>} the program
 */
async function packageApp(t, app) {
  const electron = electronPath()
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-packaged-'))
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }))
  linkTree(path.dirname(electron), folder)
  // Electron takes itself for unpackaged as long as it is called electron.
  fs.renameSync(path.join(folder, path.basename(electron)), path.join(folder, PROGRAM))
  const resources = path.join(folder, 'resources')
  fs.rmSync(path.join(resources, 'default_app.asar'), { force: true })

  const withDriver = path.join(folder, 'app-with-driver')
  fs.cpSync(app, withDriver, { recursive: true })
  bringDriver(withDriver)
  await asar.createPackageWithOptions(withDriver, path.join(resources, 'app.asar'), { unpack: '*.node' })
  fs.rmSync(withDriver, { recursive: true })
  return path.join(folder, PROGRAM)
}

/** A packaged app takes no -r, so its package.json names a file that loads the driver, then the app. @param {string} app */
function bringDriver(app) {
  const file = path.join(app, 'package.json')
  const meta = JSON.parse(fs.readFileSync(file, 'utf8'))
  fs.copyFileSync(path.join(__dirname, 'driver.js'), path.join(app, 'driver.js'))
  fs.writeFileSync(path.join(app, 'under-test.js'), `require('./driver.js')\nrequire('./${meta.main}')\n`)
  fs.writeFileSync(file, JSON.stringify({ ...meta, main: 'under-test.js' }))
}

/** Electron is large: its files are linked where the disk allows. @param {string} from @param {string} to */
function linkTree(from, to) {
  fs.mkdirSync(to, { recursive: true })
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)]
    if (entry.isDirectory()) linkTree(source, target)
    else {
      try {
        fs.linkSync(source, target)
      } catch {
        fs.copyFileSync(source, target)
      }
    }
  }
}

module.exports = { packageApp }
