// Packages an app as users get it: a program with its files in an asar and the addon beside it.
'use strict'

const asar = require('@electron/asar')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { installElectron } = require('../../../scripts/electron.js')

const PROGRAM = 'example'

/**
 * Packages for Linux, where a program has the layout of Electron's own directory.
 * @param {import('node:test').TestContext} t
 * @param {string} app a staged app
 * @returns {Promise<string>} the program
 */
async function packageApp(t, app) {
  const electron = await installElectron()
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-packaged-'))
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }))
  linkTree(path.dirname(electron), directory)
  // Electron counts as unpackaged as long as its program is called electron.
  fs.renameSync(path.join(directory, path.basename(electron)), path.join(directory, PROGRAM))
  const resources = path.join(directory, 'resources')
  fs.rmSync(path.join(resources, 'default_app.asar'), { force: true })

  const withDriver = path.join(directory, 'app-with-driver')
  fs.cpSync(app, withDriver, { recursive: true })
  bringDriver(withDriver)
  await asar.createPackageWithOptions(withDriver, path.join(resources, 'app.asar'), { unpack: '*.node' })
  fs.rmSync(withDriver, { recursive: true })
  return path.join(directory, PROGRAM)
}

/** A packaged app does not accept -r, so its main file loads the driver, then the app. @param {string} app */
function bringDriver(app) {
  const file = path.join(app, 'package.json')
  const meta = JSON.parse(fs.readFileSync(file, 'utf8'))
  fs.copyFileSync(path.join(__dirname, 'driver.js'), path.join(app, 'driver.js'))
  fs.writeFileSync(path.join(app, 'under-test.js'), `require('./driver.js')\nrequire('./${meta.main}')\n`)
  fs.writeFileSync(file, JSON.stringify({ ...meta, main: 'under-test.js' }))
}

/** Links the files of Electron, which are large, or copies them if the disk has no links. @param {string} from @param {string} to */
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
