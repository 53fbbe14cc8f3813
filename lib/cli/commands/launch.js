// Implements the command `launch`.
'use strict'

const { LAUNCH_TIMEOUT_MS } = require('../../defaults.js')
const { stdout } = require('../screen.js')
const { json, printable } = require('../text.js')

/** @type {import('../commands.js').Command} */
const launchCommand = {
  name: 'launch',
  summary: 'start Osaurus if it is not running, then print the URL of its server',
  takes: ['timeout', 'base-dir', 'probe-timeout', 'json'],
  helps: {
    timeout: `give up after this time: 500ms, 30s, 2m, 1h; a plain number is seconds; default: ${LAUNCH_TIMEOUT_MS / 1000}s`,
  },
  about:
    'Prints the URL of the running Osaurus. If none is running, opens the app in the background, and waits for its server. ' +
    'It changes no settings and never starts a second copy. Osaurus runs only on macOS.',
  exitCodes: '0 running, 1 not started, 2 wrong usage, 130 after Ctrl-C.',
  examples: ['curl "$(osaurus-discovery launch)/v1/models"'],
  async run(call) {
    const { launch } = require('../waiting.js')
    const { url } = await launch(call, 'launch')
    stdout().line(call.options.json ? json(url) : printable(url))
    return 0
  },
}

module.exports = { launch: launchCommand }
