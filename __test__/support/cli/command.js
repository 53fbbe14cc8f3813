// How does a test run the command, in a pipe and in its own environment?
'use strict'

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')

const PROJECT = path.resolve(__dirname, '..', '..', '..')
const MAIN = path.join(PROJECT, 'lib', 'cli', 'main.js')

/** What would change the command's answers, were it inherited from whoever runs the tests. */
const OURS = [
  ...['NO_COLOR', 'FORCE_COLOR', 'NODE_DISABLE_COLORS', 'COLORTERM', 'CI', 'TERM', 'SHELL', 'NODE_OPTIONS'],
  ...['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL', 'ANTHROPIC_AUTH_TOKEN'],
  ...[
    'http_proxy',
    'HTTP_PROXY',
    'https_proxy',
    'HTTPS_PROXY',
    'all_proxy',
    'ALL_PROXY',
    'no_proxy',
    'NO_PROXY',
  ],
  ...['OLLAMA_HOST', 'npm_command'],
]

/** @param {NodeJS.ProcessEnv} [env] added to what is inherited */
function environment(env = {}) {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.includes(name)))
  return { ...inherited, TERM: 'xterm-256color', SHELL: '/bin/sh', ...env }
}

/** A program that runs; what it has written so far can be waited for. */
class Running {
  stdout = ''
  stderr = ''
  #child
  #closed

  /**
   * @param {string} program
   * @param {string[]} args
   * @param {import('node:child_process').SpawnOptions} options
   */
  constructor(program, args, options) {
    this.#child = spawn(program, args, { cwd: PROJECT, timeout: 60_000, killSignal: 'SIGKILL', ...options })
    this.#child.stdout?.setEncoding('utf8').on('data', (text) => (this.stdout += text))
    this.#child.stderr?.setEncoding('utf8').on('data', (text) => (this.stderr += text))
    this.#closed = once(this.#child, 'close')
  }

  /** Resolves when it has ended and all is read. */
  async ended() {
    const [code, signal] = /** @type {[number | null, NodeJS.Signals | null]} */ (await this.#closed)
    return { code, signal, stdout: this.stdout, stderr: this.stderr }
  }

  /**
   * Resolves with the match once the output has one; rejects where it ends without.
   * @param {RegExp} pattern
   * @param {'stdout' | 'stderr'} [stream]
   * @returns {Promise<RegExpExecArray>}
   */
  async until(pattern, stream = 'stdout') {
    let over = false
    void this.#closed.then(() => (over = true))
    for (;;) {
      const last = over
      const match = pattern.exec(this[stream])
      if (match) return match
      if (last) throw new Error(`ended without ${pattern}:\n${this.stdout}${this.stderr}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  /** @param {NodeJS.Signals} signal */
  kill(signal) {
    this.#child.kill(signal)
  }
}

/**
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
function startCommand(args, { env, ...options } = {}) {
  return new Running(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    env: environment(env),
  })
}

/**
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
function command(args, options) {
  return startCommand(args, options).ended()
}

/** Characters that may not reach a terminal from a file: all that is no visible one. */
const UNSAFE = /(?!\n)[\p{C}\p{Zl}\p{Zp}]/u

module.exports = { MAIN, PROJECT, Running, UNSAFE, command, environment, startCommand }
