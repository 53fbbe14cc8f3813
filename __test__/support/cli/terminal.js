// How does a test run a program in a real terminal, of any width, with a keyboard?
//
// By `script`, which makes a pseudo-terminal: it is part of every Debian (bsdutils) and of macOS, so nothing has to be
// installed or compiled for it.
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
 * @property {string} [redirect] as a shell writes it, such as `2>/dev/null`
 */

/**
 * The command in a terminal of its own, which goes with the test.
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
  // A named pipe is the keyboard: the macOS `script` takes no socket, which is what Node makes of a pipe.
  const keyboard = path.join(temporaryDirectory(t), 'keyboard')
  execFileSync('mkfifo', [keyboard])
  const keys = fs.openSync(keyboard, 'r+')
  t.after(() => fs.closeSync(keys))
  const sized = `stty cols ${columns} rows 24; ${script}`
  const args =
    process.platform === 'darwin'
      ? ['-q', '-F', '/dev/null', 'sh', '-c', sized]
      : ['-q', '-e', '-f', '-c', sized, '/dev/null']
  // SHELL: what the `script` of Linux runs its -c with.
  const running = new Running('script', args, {
    stdio: [keys, 'pipe', 'inherit'],
    env: { ...environment(env), SHELL: '/bin/sh', ...env },
  })
  t.after(() => running.kill('SIGKILL'))
  return {
    /** @param {RegExp} pattern */
    until: (pattern) => running.until(pattern),
    /** @param {string} text as typed on the keyboard */
    type: (text) => void fs.writeSync(keys, text),
    /** With its exit code and what the terminal was sent, line ends as the program wrote them. */
    async ended() {
      const { code, stdout } = await running.ended()
      return { code, output: stdout.replaceAll('\r\n', '\n') }
    },
  }
}

/** The lines that a person sees, without colours. @param {string} output */
function visibleLines(output) {
  return stripVTControlCharacters(output).trimEnd().split('\n')
}

/**
 * The lines on the screen at the end, without colours: what was erased is gone.
 * @param {string} output
 */
function linesInTheEnd(output) {
  return output
    .split('\n')
    .map((line) => stripVTControlCharacters(line.slice(line.lastIndexOf('\r\x1b[K') + 1)))
}

module.exports = { CTRL_C, linesInTheEnd, quoted, shellInTerminal, terminal, visibleLines }
