// Installs the tools of package-lock.json and builds the addon.
'use strict'

const { existsSync, statSync } = require('node:fs')
const path = require('node:path')

const { run } = require('./run.js')

const root = path.join(__dirname, '..')

/** npm writes its hidden lock file last, so it shows whether the installed tools match the lock file. */
function toolsAreInstalled() {
  const installed = path.join(root, 'node_modules', '.package-lock.json')
  return (
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(path.join(root, 'package-lock.json')).mtimeMs
  )
}

if (!toolsAreInstalled()) run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
run('npm', ['run', '--silent', 'build'])
