// Starts a packed app, reads the lines that it prints, and ends it with all its processes.
'use strict'

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')

const { eventually } = require('../measure.js')

class PackedApp {
  output = ''
  #child
  #closed
  /** How many lines earlier calls of `next` have consumed. */
  #consumed = 0

  /** @param {import('node:child_process').ChildProcess} child */
  constructor(child) {
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (this.output += data))
    this.#closed = once(child, 'close')
  }

  /** Resolves with the next line that begins with a word, without the word. @param {string} word */
  async next(word) {
    /** @type {string | undefined} */
    let found
    await eventually(() => {
      const lines = this.output.split('\n').slice(0, -1)
      const at = lines.findIndex((line, index) => index >= this.#consumed && line.startsWith(`${word} `))
      if (at < 0) return this.#child.exitCode !== null
      this.#consumed = at + 1
      found = lines[at].slice(word.length + 1)
      return true
    }, `a line that begins with "${word}"`).catch(() => {})
    if (found === undefined) throw new Error(`no line begins with "${word}" in:\n${this.output}`)
    return found
  }

  /** The addons that the main process has loaded, by their paths. */
  loadedAddons() {
    const maps = fs.readFileSync(`/proc/${this.#child.pid}/maps`, 'utf8')
    // Electron loads an addon inside an archive from a copy with a name like this.
    const files = [...maps.matchAll(/ (\/\S+\.node|\/tmp\/\.org\.chromium\S+)/g)].map(([, file]) => file)
    return [...new Set(files)]
  }

  /** Quits as the system asks apps to quit. Resolves with the exit code. */
  async quit() {
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    const [code] = await exited
    return code
  }

  /** Kills the app and Chromium's other processes, which outlive it for a moment. */
  async kill() {
    try {
      process.kill(-Number(this.#child.pid), 'SIGKILL')
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error
    }
    await this.#closed
  }
}

/**
 * @param {{ after(fn: () => unknown): void }} t
 * @param {string} program
 * @param {{ home: string, display: string }} options
 */
function startPackedApp(t, program, { home, display }) {
  const child = spawn(program, ['--no-sandbox'], {
    env: {
      ...process.env,
      HOME: home,
      XDG_CONFIG_HOME: `${home}/.config`,
      DISPLAY: display,
      NODE_OPTIONS: '',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // A process group that can be killed as a whole.
  })
  const app = new PackedApp(child)
  t.after(() => app.kill())
  return app
}

module.exports = { startPackedApp }
