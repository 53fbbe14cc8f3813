// Implements the command `fake`.
'use strict'

const os = require('node:os')
const path = require('node:path')

const { FakeKeys } = require('../fake-keys.js')
const { printNotice, stdout } = require('../screen.js')
const { commandName, shellQuote } = require('../shells.js')
const { json, printable, widthOf } = require('../text.js')

/** @typedef {import('osaurus-discovery/testing').FakeOsaurus} FakeOsaurus */

const END_SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
const ACCESS_KEY = 'osk-v1-test'

/** The variable that names the temporary directory. */
const TEMP_VARIABLE = process.platform === 'win32' ? 'TEMP' : 'TMPDIR'

/** @type {import('../commands.js').Command} */
const fake = {
  name: 'fake',
  summary: 'run a fake Osaurus in the foreground',
  takes: ['base-dir', 'port', 'expose', 'advertise', 'starting', 'word-delay', 'json'],
  helps: {
    'base-dir':
      'publish in this directory; default: $OSAURUS_TEST_ROOT/runtime if that is set, otherwise a new temporary directory',
  },
  about:
    'Runs a server that publishes itself and answers as Osaurus does, with canned answers, until Ctrl-C. It listens only on ' +
    '127.0.0.1, even with --expose, unless --advertise is network.\n' +
    'By default it publishes in a temporary directory, where only clients that use this directory find it. It publishes in ' +
    'the directory of the real Osaurus only if --base-dir names that.\n' +
    'On a terminal, single keys crash, relaunch, suspend, resume, expose and stop it.\n' +
    'With --json: one object with baseDir, url, accessKey and instance.',
  exitCodes:
    '0 after the key q, 1 cannot listen or publish, 2 wrong usage, 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP.',
  examples: ['osaurus-discovery fake', 'osaurus-discovery fake --base-dir ~/.osaurus/runtime --port 1337'],
  async run({ options }) {
    const { startFakeOsaurus } = require('../../../testing.js')
    // Handled before the fake publishes, so that every end removes what it published.
    let quit = () => {}
    const ended = new Promise((/** @type {(code: number) => void} */ resolve) => {
      for (const signal of END_SIGNALS) {
        process.on(signal, () => resolve(128 + os.constants.signals[signal]))
      }
      quit = () => resolve(0)
    })
    const isExposed = options.expose || options.advertise !== undefined
    const osaurus = await startFakeOsaurus({
      baseDir: options['base-dir'],
      port: options.port,
      exposeToNetwork: isExposed,
      advertise: options.advertise && { where: options.advertise },
      accessKey: ACCESS_KEY,
      health: options.starting ? 'starting' : 'running',
      wordDelayMs: options['word-delay'],
    }).catch((error) => {
      throw explainStartError(error, options)
    })
    const { baseDir, url, instance } = osaurus
    if (options.json) {
      const accessKey = isExposed ? ACCESS_KEY : null
      stdout().line(json({ baseDir, url: options.starting ? null : url, accessKey, instance }))
    } else {
      introduce(osaurus, options)
    }
    // A closed pipe ends the process here, without notices.
    await Promise.race([stdout().flushed(), ended])
    if (isDirectoryOfOsaurus(baseDir)) {
      printNotice(
        'This is the directory of the real Osaurus: until the fake ends, every app of this user finds it.',
        'yellow',
      )
    }
    if (options.advertise === 'network')
      printNotice('Every host of the local networks finds and reaches this fake.', 'yellow')
    const { starting: isStarting = false } = options
    const keys = new FakeKeys(osaurus, { isStarting, isExposed, accessKey: ACCESS_KEY, onQuit: quit })
    keys.start()
    printNotice('Press Ctrl-C to stop it and remove what it published.', 'dim')
    // A fake that is starting does not listen, so nothing else would keep the process alive.
    const keepAlive = setInterval(() => {}, 2 ** 30)
    const code = await ended
    clearInterval(keepAlive)
    keys.stop()
    await osaurus.stop()
    return code
  },
}

/** @param {string} baseDir */
function isDirectoryOfOsaurus(baseDir) {
  try {
    return baseDir === path.join(os.homedir(), '.osaurus', 'runtime')
  } catch {
    return false // The home directory is unknown, so Osaurus has no directory.
  }
}

/**
 * Words an error of startFakeOsaurus() for users of the command line.
 * @param {Error & { code?: string, cause?: unknown }} error
 * @param {import('../options.js').Options} options
 */
function explainStartError(error, { 'base-dir': baseDir, port }) {
  const { message, syscall } = /** @type {NodeJS.ErrnoException} */ (error.cause ?? error)
  if (!error.code || !syscall) return error
  const words =
    syscall === 'mkdtemp'
      ? `The fake Osaurus cannot create a directory in ${os.tmpdir()}: ${message}. Set ${TEMP_VARIABLE} to a directory that this user can write to, or choose a directory with --base-dir.`
      : syscall === 'listen'
        ? `The fake Osaurus cannot listen: ${describeListenError(error.code, port)} Choose another --port, or omit it for a free port.`
        : `The fake Osaurus cannot publish in ${baseDir ?? os.tmpdir()}: ${message}. Choose another --base-dir, or omit it for a temporary directory.`
  return Object.assign(new Error(words, { cause: error }), { code: error.code })
}

/**
 * @param {string} code
 * @param {number | undefined} port
 */
function describeListenError(code, port) {
  const place = port === undefined ? 'a port of 127.0.0.1' : `port ${port} of 127.0.0.1`
  if (code === 'EADDRINUSE') return `${place} is in use.`
  if (code === 'EACCES') return `this user may not listen on ${place}.`
  return `${place}: ${code}.`
}

/**
 * @param {FakeOsaurus} osaurus
 * @param {import('../options.js').Options} options
 */
function introduce({ baseDir, url }, { expose, advertise, starting }) {
  const screen = stdout()
  const dir = `--base-dir ${shellQuote(baseDir)}`
  const show = (/** @type {string} */ title, /** @type {string[]} */ lines) => {
    screen.line(screen.style('bold', title))
    for (const line of lines) screen.line(`  ${printable(line)}`)
  }
  show('Fake Osaurus', [
    ...(starting ? ['is starting, and does not listen'] : joinIfFits('runs at', url, screen)),
    ...joinIfFits('publishes in', baseDir, screen),
  ])
  const isExposed = expose || advertise !== undefined
  if (isExposed) show('Access key', [ACCESS_KEY])
  if (starting) {
    show('Inspect it', [`${commandName()} doctor ${dir}`])
    return
  }
  const header = isExposed ? `-H "Authorization: Bearer ${ACCESS_KEY}" ` : ''
  show('Send a request', [`curl ${header}${url}/v1/models`])
  show('Find it', [`${commandName()} list ${dir}`, `eval "$(${commandName()} env ${dir})"`])
  if (advertise === 'network') show('Find it from another machine', ['osaurus-discovery list --network'])
  if (advertise === 'loopback')
    show('Find it as another Mac', ['listNetworkInstances({ includeSelf: true })'])
  show('Use it in an app', [`discoverLatestRunningInstance({ baseDir: ${JSON.stringify(baseDir)} })`])
}

/**
 * Puts a value that can be copied after its label, or below it if the screen is too narrow for both.
 * @param {string} label
 * @param {string} value
 * @param {import('../screen.js').Screen} screen
 */
function joinIfFits(label, value, screen) {
  const line = `${label} ${value}`
  return widthOf(printable(line)) + 2 <= screen.columns ? [line] : [label, `  ${value}`]
}

module.exports = { fake }
