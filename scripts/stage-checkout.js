// Lays out a copy of the checkout in which the published JavaScript takes the place of its sources, to run the tests against it.
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const { writeBundles } = require('./pack-stage.js')

const root = path.join(__dirname, '..')

/** What git does not track, and the tests need. */
const LINKED = ['node_modules', 'target']

/**
 * The modules of lib/ stay for the tests of single modules; the bundles do not load them.
 * @param {string} directory is replaced
 */
function stageCheckout(directory) {
  fs.rmSync(directory, { recursive: true, force: true })
  const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  const addons = fs.readdirSync(root).filter((name) => name.endsWith('.node'))
  for (const name of [...tracked.split('\0').filter(Boolean), ...addons]) {
    const source = path.join(root, name)
    if (fs.existsSync(source)) fs.cpSync(source, path.join(directory, name))
  }
  for (const name of LINKED) fs.symlinkSync(path.join(root, name), path.join(directory, name), 'junction')
  writeBundles(directory)
}

module.exports = { stageCheckout }
