// Installs the packers, and gives them the Electron of the tests so that none downloads one.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const { VERSIONS, installElectron } = require('../../../scripts/electron.js')
const { run } = require('../../../scripts/run.js')

const ROOT = path.join(__dirname, '..', '..', '..')
const HOME = path.join(ROOT, 'target', 'packers')

/** The settings of npm apply to the packers too: no install scripts, so that nothing is downloaded. */
const FILES = [
  path.join(__dirname, 'package.json'),
  path.join(__dirname, 'package-lock.json'),
  path.join(ROOT, '.npmrc'),
]

/** Packs a directory into an archive without compressing it. */
const ZIP = `
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[2], 'w') as archive:
    for directory, _, names in os.walk(sys.argv[1]):
        for name in names:
            archive.write(os.path.join(directory, name), os.path.relpath(os.path.join(directory, name), sys.argv[1]))
`

/**
 * @typedef {object} Packers
 * @property {string} modules the node_modules of the packers
 * @property {string} electron the directory of an unpacked Electron
 * @property {string} zips a directory that contains the same as an archive, named as its releases are
 * @property {string} version of Electron
 */

/** Installs the locked versions, once. @returns {Promise<Packers>} */
async function installPackers() {
  const version = VERSIONS[0]
  const electron = path.dirname(await installElectron(version))
  const zips = path.join(HOME, 'electron')
  if (!isInstalled()) {
    fs.rmSync(HOME, { recursive: true, force: true })
    fs.mkdirSync(zips, { recursive: true })
    for (const file of FILES) fs.copyFileSync(file, path.join(HOME, path.basename(file)))
    run('npm', ['ci', '--prefix', HOME, '--loglevel=error'], { stdio: ['ignore', 'ignore', 'inherit'] })
    run('python3', ['-c', ZIP, electron, path.join(zips, `electron-v${version}-linux-x64.zip`)])
    fs.writeFileSync(path.join(HOME, 'complete'), '')
  }
  return { modules: path.join(HOME, 'node_modules'), electron, zips, version }
}

function isInstalled() {
  return (
    fs.existsSync(path.join(HOME, 'complete')) &&
    FILES.every((file) => fs.readFileSync(file).equals(fs.readFileSync(path.join(HOME, path.basename(file)))))
  )
}

module.exports = { installPackers }
