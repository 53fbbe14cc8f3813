// Runs a command from the checkout's root with visible output, and exits if it fails.
'use strict'

const { spawnSync } = require('node:child_process')
const path = require('node:path')

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 */
function run(command, args, options) {
  const cwd = path.join(__dirname, '..')
  const shell = process.platform === 'win32'
  const { status, signal, error } = spawnSync(command, args, { cwd, stdio: 'inherit', shell, ...options })
  if (error) {
    console.error(`${command} cannot be started: ${error.message}`)
    process.exit(1)
  }
  if (status !== 0) {
    console.error(`${[command, ...args].join(' ')} failed${signal ? ` (${signal})` : ''}`)
    process.exit(status ?? 1)
  }
}

module.exports = { run }
