// Runs the command in a pipe and in a controlled environment.
'use strict'

require('../no-fallback.js')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')

const PROJECT = path.resolve(__dirname, '..', '..', '..')
const MAIN = path.join(PROJECT, 'lib', 'cli', 'main.js')

/** Variables that change the output of the command, and so must not be inherited from the environment of the tests. */
const NOT_INHERITED = [
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
  ...['OLLAMA_HOST', 'npm_command', 'OSAURUS_TEST_ROOT', 'OSAURUS_API_KEY', 'OSAURUS_ACCESS_KEY'],
]

/** @param {NodeJS.ProcessEnv} [env] added to the inherited variables */
function environment(env = {}) {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !NOT_INHERITED.includes(name)),
  )
  return { ...inherited, TERM: 'xterm-256color', SHELL: '/bin/sh', ...env }
}

/** A running program, with the output that it has written so far. */
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

  /** Resolves when the program has ended and all its output is read. */
  async ended() {
    const [code, signal] = /** @type {[number | null, NodeJS.Signals | null]} */ (await this.#closed)
    return { code, signal, stdout: this.stdout, stderr: this.stderr }
  }

  /**
   * Resolves with the first match in the output. Rejects if the program ends without one.
   * @param {RegExp} pattern
   * @param {'stdout' | 'stderr'} [stream]
   * @returns {Promise<RegExpExecArray>}
   */
  async until(pattern, stream = 'stdout') {
    let hasEnded = false
    void this.#closed.then(() => (hasEnded = true))
    for (;;) {
      const isLast = hasEnded
      const match = pattern.exec(this[stream])
      if (match) return match
      if (isLast) throw new Error(`ended without ${pattern}:\n${this.stdout}${this.stderr}`)
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

/** Matches characters from files that must not reach a terminal: all invisible ones. */
const UNSAFE = /(?!\n)[\p{C}\p{Zl}\p{Zp}]/u

module.exports = { MAIN, PROJECT, Running, UNSAFE, command, environment, startCommand }
