// Runs the command in a real terminal of any width, with a keyboard.
//
// `script` creates the pseudo-terminal. It is part of Debian (bsdutils) and of macOS, so tests need no other tool.
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { stripVTControlCharacters } = require('node:util')

const { MAIN, Running, environment } = require('./command.js')
const { temporaryDirectory } = require('../temporary-directory.js')

const CTRL_C = '\x03'

/** @param {string} word */
const quoted = (word) => `'${word.replaceAll("'", `'\\''`)}'`

/**
 * @typedef {object} Options
 * @property {number} [columns] default 80
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [redirect] in shell syntax, such as `2>/dev/null`
 */

/**
 * Starts the command in a new terminal that ends with the test.
 * @param {{ after(fn: () => unknown): void }} t
 * @param {string[]} args
 * @param {Options} [options]
 */
function terminal(t, args, options = {}) {
  const words = [process.execPath, MAIN, ...args].map(quoted).join(' ')
  return shellInTerminal(t, `exec ${words} ${options.redirect ?? ''}`, options)
}

/**
 * @param {{ after(fn: () => unknown): void }} t
 * @param {string} script for sh
 * @param {Options} [options]
 */
function shellInTerminal(t, script, { columns = 80, env } = {}) {
  // The keyboard is a named pipe, because Node's own pipes are sockets, which `script` on macOS rejects.
  const keyboard = path.join(temporaryDirectory(t), 'keyboard')
  execFileSync('mkfifo', [keyboard])
  const keys = fs.openSync(keyboard, 'r+')
  t.after(() => fs.closeSync(keys))
  const sized = `stty cols ${columns} rows 24; ${script}`
  const args =
    process.platform === 'darwin'
      ? ['-q', '-F', '/dev/null', 'sh', '-c', sized]
      : ['-q', '-e', '-f', '-c', sized, '/dev/null']
  // `script` on Linux runs the argument of -c with SHELL.
  const running = new Running('script', args, {
    stdio: [keys, 'pipe', 'inherit'],
    env: { ...environment(env), SHELL: '/bin/sh', ...env },
  })
  t.after(() => running.kill('SIGKILL'))
  return {
    /** @param {RegExp} pattern */
    until: (pattern) => running.until(pattern),
    /** @param {string} text typed on the keyboard */
    type: (text) => void fs.writeSync(keys, text),
    /** Resolves with the exit code and the output, with the line ends of the program. */
    async ended() {
      const { code, stdout } = await running.ended()
      return { code, output: stdout.replaceAll('\r\n', '\n') }
    },
  }
}

/** Returns the lines without colours. @param {string} output */
function visibleLines(output) {
  return stripVTControlCharacters(output).trimEnd().split('\n')
}

/**
 * Returns the lines on the screen at the end, without colours and without erased lines.
 * @param {string} output
 */
function linesInTheEnd(output) {
  return output
    .split('\n')
    .map((line) => stripVTControlCharacters(line.slice(line.lastIndexOf('\r\x1b[K') + 1)))
}

module.exports = { CTRL_C, linesInTheEnd, quoted, shellInTerminal, terminal, visibleLines }
