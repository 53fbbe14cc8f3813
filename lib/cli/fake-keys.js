// Controls a fake Osaurus with single keys in a terminal.
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')

const { printNotice } = require('./screen.js')

/** @typedef {import('osaurus-discovery/testing').FakeOsaurus} FakeOsaurus */

const KEYS_HELP = 'Keys: c crash, r relaunch, s suspend or resume, e expose or hide, q quit.'

const FOREGROUND_CHECK_MS = 1000

const CTRL_C = '\x03'
const CTRL_D = '\x04'
const CTRL_Z = '\x1a'
/** Matches the escape sequences of function keys and arrow keys. */
const FUNCTION_KEY = /\x1b(\[[\d;]*|O)./g

/** Reads keys from stdin while it is a terminal and this process is in its foreground. */
class FakeKeys {
  #fake
  #onQuit
  #accessKey
  /** @type {'starting' | 'running' | 'crashed'} */
  #state
  #isSuspended = false
  #isExposed
  /** Actions run one after the other. @type {Promise<void>} */
  #queue = Promise.resolve()
  #isReading = false
  /** @type {NodeJS.Timeout | undefined} */
  #retry

  /**
   * @param {FakeOsaurus} fake
   * @param {{ isStarting: boolean, isExposed: boolean, accessKey: string, onQuit: () => void }} options
   */
  constructor(fake, { isStarting, isExposed, accessKey, onQuit }) {
    this.#fake = fake
    this.#state = isStarting ? 'starting' : 'running'
    this.#isExposed = isExposed
    this.#accessKey = accessKey
    this.#onQuit = onQuit
  }

  /** Does nothing if stdin is not a terminal. */
  start() {
    if (!process.stdin.isTTY) return
    process.on('exit', this.#restoreTerminal)
    process.on('SIGCONT', this.#readInForeground)
    // The terminal was closed. SIGHUP ends the process.
    process.stdin.on('error', () => this.stop())
    this.#readInForeground()
    if (this.#isReading) printNotice(KEYS_HELP, 'dim')
  }

  stop() {
    process.off('exit', this.#restoreTerminal)
    process.off('SIGCONT', this.#readInForeground)
    clearTimeout(this.#retry)
    this.#restoreTerminal()
  }

  #readInForeground = () => {
    clearTimeout(this.#retry)
    if (this.#isReading) return
    // Changing the mode of a terminal or reading from it stops a process in the background. The shell sends no signal when
    // it moves a running process to the foreground.
    if (!isInForeground()) {
      this.#retry = setTimeout(this.#readInForeground, FOREGROUND_CHECK_MS).unref()
      return
    }
    this.#isReading = true
    process.stdin.setRawMode(true)
    process.stdin.on('data', this.#onData)
    process.stdin.resume()
  }

  #restoreTerminal = () => {
    if (!this.#isReading) return
    this.#isReading = false
    process.stdin.off('data', this.#onData)
    process.stdin.pause()
    process.stdin.setRawMode(false)
  }

  /** @param {Buffer} data */
  #onData = (data) => {
    for (const key of String(data).replace(FUNCTION_KEY, '')) this.#onKey(key)
  }

  /** @param {string} key */
  #onKey(key) {
    // In raw mode, the terminal does not translate these into signals.
    if (key === CTRL_C) process.emit('SIGINT', 'SIGINT')
    else if (key === CTRL_Z) this.#moveToBackground()
    else if (key === 'q' || key === CTRL_D) this.#onQuit()
    else this.#queue = this.#queue.then(() => this.#act(key))
  }

  #moveToBackground() {
    if (process.platform === 'win32') return
    this.#restoreTerminal()
    // The whole process group, so that npx or npm stops too.
    process.kill(0, 'SIGTSTP')
  }

  /** @param {string} key */
  async #act(key) {
    const action = /** @type {Record<string, (() => Promise<string>) | undefined>} */ ({
      c: this.#crash,
      r: this.#relaunch,
      s: this.#suspendOrResume,
      e: this.#exposeOrHide,
    })[key]
    if (!action) {
      if (key.trim()) printNotice(KEYS_HELP, 'dim')
      return
    }
    try {
      printNotice(await action())
    } catch (error) {
      const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
      // A failed relaunch leaves the fake down.
      if (code === 'EADDRINUSE') this.#state = 'crashed'
      const reason = code === 'EADDRINUSE' ? 'another program uses its port. Try again later' : message
      printNotice(`The fake Osaurus could not do that: ${reason}.`, 'red')
    }
  }

  #crash = async () => {
    if (this.#state === 'crashed') return 'It has already crashed. Press r to relaunch it.'
    await this.#fake.crash()
    this.#state = 'crashed'
    this.#isSuspended = false
    return 'Crashed: the port is closed, and the file is left behind.'
  }

  #relaunch = async () => {
    if (this.#state === 'starting') await this.#fake.setHealth('running')
    else await this.#fake.relaunch()
    this.#state = 'running'
    this.#isSuspended = false
    return `Running at ${this.#fake.url}`
  }

  #suspendOrResume = async () => {
    if (this.#state !== 'running') return this.#explainState()
    this.#isSuspended = !this.#isSuspended
    if (this.#isSuspended) this.#fake.suspend()
    else this.#fake.resume()
    return this.#isSuspended
      ? 'Suspended: it accepts connections and does not answer.'
      : 'Resumed: it answers again.'
  }

  #exposeOrHide = async () => {
    if (this.#state !== 'running') return this.#explainState()
    await this.#fake.setExposed(!this.#isExposed)
    this.#isExposed = !this.#isExposed
    return this.#isExposed
      ? `Exposed: it requires the access key ${this.#accessKey}.`
      : 'Not exposed: it requires no access key.'
  }

  #explainState() {
    return this.#state === 'crashed'
      ? 'It has crashed. Press r to relaunch it.'
      : 'It is starting. Press r to complete the start.'
  }
}

/** Whether this process belongs to the foreground of its terminal. */
function isInForeground() {
  if (process.platform === 'win32') return true
  try {
    if (process.platform === 'linux') {
      // The name in parentheses may contain spaces. After it: state, parent, process group, session, terminal, foreground group.
      const fields = fs
        .readFileSync('/proc/self/stat', 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
      return fields[2] === fields[5]
    }
    const state = execFileSync('ps', ['-o', 'stat=', '-p', String(process.pid)], { encoding: 'utf8' })
    return state.includes('+')
  } catch {
    return false
  }
}

module.exports = { FakeKeys }
