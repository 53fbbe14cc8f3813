// Starts a real Electron, drives it from a test, and ends it completely.
'use strict'

require('../no-fallback.js')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')
const { setTimeout: delay } = require('node:timers/promises')

const { installElectron, startScreen } = require('../../../scripts/electron.js')

const DRIVER = path.join(__dirname, 'driver.js')
const PICTURES = path.join(__dirname, '..', '..', '..', 'target', 'electron-pictures')

/** @type {ReturnType<typeof startScreen> | undefined} */
let screen

/** Starts one screen for all windows of a test file. It ends with the process. */
async function display() {
  if (process.platform !== 'linux') return {}
  screen ??= startScreen()
  return { DISPLAY: (await screen).display }
}

/** Closes the screen, so that the process of the test file can end. */
async function closeScreen() {
  if (screen) (await screen).stop()
  screen = undefined
}

/**
 * @typedef {object} Main the argument of a task in Electron's main process
 * @property {typeof import('electron')} electron
 * @property {NodeJS.Require} require as in the app's own files
 * @property {any} state for later tasks
 */

class RunningApp {
  /** Uncaught exceptions and unhandled rejections. @type {string[]} */
  problems = []
  /** Why render processes ended. @type {string[]} */
  gone = []
  /** Console errors of pages, including their uncaught exceptions. @type {string[]} */
  pageErrors = []
  /** Console warnings of pages, including Electron's own about security. @type {string[]} */
  pageWarnings = []
  output = ''
  #calls = 0
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  #pending = new Map()
  #child
  /** Whether no process holds the output open. */
  #ended = false
  #closed

  /** @param {import('node:child_process').ChildProcess} child */
  constructor(child) {
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (this.output += data))
    child.on('message', (message) => this.#receive(message))
    /** @type {Promise<{ code: number | null, signal: string | null }>} */
    this.exited = once(child, 'exit').then(([code, signal]) => {
      for (const { reject } of this.#pending.values()) reject(new Error(`Electron has ended\n${this.output}`))
      this.#pending.clear()
      return { code, signal }
    })
    this.#closed = new Promise((resolve) => child.once('close', resolve)).then(() => (this.#ended = true))
  }

  get pid() {
    return /** @type {number} */ (this.#child.pid)
  }

  /** @param {any} message */
  #receive({ call, value, error, problem, gone, pageError, pageWarning }) {
    if (problem) this.problems.push(problem)
    if (pageError) this.pageErrors.push(pageError)
    if (pageWarning) this.pageWarnings.push(pageWarning)
    if (gone) this.gone.push(gone)
    const waiting = this.#pending.get(call)
    if (!waiting) return
    this.#pending.delete(call)
    if (error)
      waiting.reject(Object.assign(new Error(error.message), { code: error.code, inElectron: error.stack }))
    else waiting.resolve(value)
  }

  /**
   * Runs the function in Electron's main process, without the scope of the test. `arg` is its only input.
   * @template A
   * @param {(main: Main, arg: A) => any} task
   * @param {A} [arg]
   * @returns {Promise<any>}
   */
  main(task, arg) {
    const call = ++this.#calls
    return new Promise((resolve, reject) => {
      this.#pending.set(call, { resolve, reject })
      this.#child.send({ call, code: String(task), arg }, (error) => {
        if (error) reject(error)
      })
    })
  }

  /**
   * Runs the function in the page of a window, by default the first one, as a script of the page.
   * @template A
   * @param {(arg: A) => any} task
   * @param {A} [arg]
   * @param {number} [id] of the window
   */
  page(task, arg, id = 0) {
    const code = `(${task})(${JSON.stringify(arg) ?? ''})`
    return this.main(
      ({ electron }, { code, id }) => {
        const { BrowserWindow } = electron
        const window = id ? BrowserWindow.fromId(id) : BrowserWindow.getAllWindows()[0]
        return window?.webContents.executeJavaScript(code)
      },
      { code, id },
    )
  }

  /**
   * Saves a picture of the first window.
   * @param {string} name
   */
  async picture(name) {
    await delay(400) // Animations have ended.
    const png = await this.main(async ({ electron }) => {
      const [window] = electron.BrowserWindow.getAllWindows()
      return (await window.webContents.capturePage()).toPNG().toString('base64')
    })
    fs.mkdirSync(PICTURES, { recursive: true })
    fs.writeFileSync(path.join(PICTURES, `${name}.png`), Buffer.from(png, 'base64'))
  }

  /** Quits the app as its menu does. Resolves with the exit code. */
  async quit() {
    this.main(({ electron }) => void setImmediate(() => electron.app.quit())).catch(() => {})
    return this.exited
  }

  /** Kills the app and Chromium's other processes, which would write files until they notice. */
  async kill() {
    if (!this.#ended) endGroup(this.pid)
    await this.#closed
  }
}

/** @param {number} leader */
function endGroup(leader) {
  try {
    process.kill(process.platform === 'win32' ? leader : -leader, 'SIGKILL')
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error
  }
}

/**
 * @param {string | undefined} app its directory; undefined if the program is the app
 * @param {{ home: string, program?: string, flags?: string[] }} options `home`: the app's home directory, which also holds its data
 */
async function launch(app, { home, program, flags = [] }) {
  const own = ['--no-sandbox', `--user-data-dir=${path.join(home, 'electron-data')}`]
  // A packaged app does not accept -r. It contains the driver.
  const what = app === undefined ? [] : ['-r', DRIVER, app]
  const child = spawn(program || (await installElectron()), [...own, ...flags, ...what], {
    env: {
      ...process.env,
      ...(await display()),
      HOME: home,
      XDG_CONFIG_HOME: path.join(home, '.config'),
      NODE_OPTIONS: '',
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: process.platform !== 'win32', // A process group that can be killed as a whole.
  })
  const running = new RunningApp(child)
  const ready = new Promise((resolve) => {
    child.on('message', (/** @type {any} */ { ready }) => ready && resolve(true))
  })
  await Promise.race([
    ready,
    running.exited.then(({ code, signal }) => {
      throw new Error(`Electron ended at its start (${code ?? signal})\n${running.output}`)
    }),
  ])
  return running
}

module.exports = { closeScreen, display, launch }
