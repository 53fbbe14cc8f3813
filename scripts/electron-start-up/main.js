// Starts the app that the command line names, for builds of Electron that lack their start-up app.
//
//   electron [-r FILE]... PATH [ARGUMENT]...
'use strict'

const { app } = require('electron')
const fs = require('fs')
const Module = require('module')
const path = require('path')
const { pathToFileURL } = require('url')

/** With the methods that only Electron's own start-up app calls. @type {any} */
const setUp = app

/** @param {string[]} args */
function parse(args) {
  /** @type {string[]} */
  const preloads = []
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '-r' || args[i] === '--require') preloads.push(args[++i])
    else if (!args[i].startsWith('-')) return { preloads, target: args[i] }
  }
  return { preloads, target: undefined }
}

/** Names the app after its package.json, as a packaged app is named. @param {string} directory */
function adopt(directory) {
  const {
    name,
    productName = name,
    version,
  } = JSON.parse(fs.readFileSync(path.join(directory, 'package.json'), 'utf8'))
  if (version) setUp.setVersion(version)
  if (productName) {
    app.setName(productName)
    app.setPath('userData', path.join(app.getPath('appData'), productName))
  }
}

/** Whether Node treats the file as an ES module. @param {string} file */
function isModule(file) {
  if (!file.endsWith('.js')) return file.endsWith('.mjs')
  for (let directory = path.dirname(file); ; directory = path.dirname(directory)) {
    const manifest = path.join(directory, 'package.json')
    if (fs.existsSync(manifest)) return JSON.parse(fs.readFileSync(manifest, 'utf8')).type === 'module'
    if (directory === path.dirname(directory)) return false
  }
}

async function main() {
  const { preloads, target } = parse(process.argv.slice(1))
  if (!target) throw new Error('Usage: electron [-r FILE]... PATH')
  Object.defineProperty(process, 'defaultApp', { value: true, enumerable: true })
  const internals = /** @type {any} */ (Module)
  if (preloads.length > 0) internals._preloadModules(preloads)
  const given = path.resolve(target)
  const isApp = fs.existsSync(path.join(given, 'package.json'))
  if (isApp) adopt(given)
  const entry = internals._resolveFilename(given, null, true)
  setUp.setAppPath(isApp ? given : path.dirname(entry))
  if (isModule(entry)) await import(pathToFileURL(entry).href)
  else internals._load(entry, undefined, true)
}

main().catch((error) => {
  console.error(error.stack || error)
  process.exit(1)
})
