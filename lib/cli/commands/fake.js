// How does a person run a fake Osaurus, and point something at it?
'use strict'

const os = require('node:os')
const path = require('node:path')

const { json, printable } = require('../escape.js')
const { say } = require('../failure.js')
const { itself } = require('../itself.js')
const { widthOf } = require('../layout.js')
const { stdout } = require('../screen.js')
const { word } = require('../shells.js')

/** @typedef {import('osaurus-discovery/testing').FakeOsaurus} FakeOsaurus */

const ENDINGS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
const ACCESS_KEY = 'osk-v1-test'

/** @type {import('../commands.js').Command} */
const fake = {
  name: 'fake',
  summary: 'a fake Osaurus in the foreground',
  takes: ['base-dir', 'port', 'expose', 'starting', 'json'],
  helps: { 'base-dir': 'publish in this folder; default: a temporary one of its own' },
  about:
    'Runs a server that publishes itself and answers as Osaurus does, with canned answers, until Ctrl-C. It listens on ' +
    '127.0.0.1 alone, also with --expose.\n' +
    'It publishes in a temporary folder of its own, where nothing finds it that was not told. In the folder of the real ' +
    'Osaurus it publishes only where --base-dir names that.\n' +
    'With --json: one object with baseDir, url, accessKey and instance.',
  exitCodes:
    '1 cannot listen or publish, 2 wrong usage, 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP.',
  examples: ['osaurus-discovery fake', 'osaurus-discovery fake --base-dir ~/.osaurus/runtime --port 1337'],
  async run({ options }) {
    const { startFakeOsaurus } = require('../../../testing.js')
    // From here on, whatever ends it must take back what it publishes.
    const ended = new Promise((/** @type {(signal: NodeJS.Signals) => void} */ resolve) => {
      for (const signal of ENDINGS) process.on(signal, () => resolve(signal))
    })
    const osaurus = await startFakeOsaurus({
      baseDir: options['base-dir'],
      port: options.port,
      exposeToNetwork: options.expose,
      accessKey: ACCESS_KEY,
      health: options.starting ? 'starting' : 'running',
    })
    const { baseDir, url, instance } = osaurus
    if (options.json) {
      const accessKey = options.expose ? ACCESS_KEY : null
      stdout().line(json({ baseDir, url: options.starting ? null : url, accessKey, instance }))
    } else {
      introduce(osaurus, options)
    }
    // Who has closed the pipe is told no more: that ends it.
    await Promise.race([stdout().written(), ended])
    if (baseDir === path.join(os.homedir(), '.osaurus', 'runtime')) {
      say(
        'This is the folder of the real Osaurus: every app of this user finds the fake one until it ends.',
        'yellow',
      )
    }
    say('Ctrl-C ends it and removes what it published.', 'dim')
    // While it is starting it listens nowhere, and nothing else would keep the process.
    const staying = setInterval(() => {}, 2 ** 30)
    const signal = await ended
    clearInterval(staying)
    await osaurus.stop()
    return 128 + os.constants.signals[signal]
  },
}

/**
 * @param {FakeOsaurus} osaurus
 * @param {import('../options.js').Options} options
 */
function introduce({ baseDir, url }, { expose, starting }) {
  const screen = stdout()
  const dir = `--base-dir ${word(baseDir)}`
  const show = (/** @type {string} */ title, /** @type {string[]} */ lines) => {
    screen.line(screen.style('bold', title))
    for (const line of lines) screen.line(`  ${printable(line)}`)
  }
  show('A fake Osaurus', [
    ...(starting ? ['is starting, and listens nowhere'] : beside('runs at', url, screen)),
    ...beside('publishes in', baseDir, screen),
  ])
  if (expose) show('asks for the access key', [ACCESS_KEY])
  if (starting) {
    show('See it', [`${itself()} doctor ${dir}`])
    return
  }
  const header = expose ? `-H "Authorization: Bearer ${ACCESS_KEY}" ` : ''
  show('Ask it', [`curl ${header}${url}/v1/models`])
  show('Find it', [`${itself()} list ${dir}`, `eval "$(${itself()} env ${dir})"`])
  show('In an app', [`discoverLatestRunningInstance({ baseDir: ${JSON.stringify(baseDir)} })`])
}

/**
 * What may be copied stays in one piece: beneath the words, where beside them there is no room.
 * @param {string} words
 * @param {string} whole
 * @param {import('../screen.js').Screen} screen
 */
function beside(words, whole, screen) {
  const line = `${words} ${whole}`
  return widthOf(printable(line)) + 2 <= screen.columns ? [line] : [words, `  ${whole}`]
}

module.exports = { fake }
