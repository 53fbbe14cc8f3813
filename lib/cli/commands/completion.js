// Implements the command `completion`.
'use strict'

const { stdout } = require('../screen.js')

/** @type {import('../commands.js').Command} */
const completion = {
  name: 'completion',
  summary: 'print the lines that make a shell complete all this (bash, zsh, fish)',
  takes: [],
  argument: { name: 'SHELL', oneOf: ['bash', 'zsh', 'fish'] },
  about:
    'Prints the lines that make a shell complete the commands and options of osaurus-discovery. Add one of the examples ' +
    'to the startup file of your shell.',
  exitCodes: '0 printed, 2 wrong usage.',
  examples: [
    'eval "$(osaurus-discovery completion bash)"',
    'eval "$(osaurus-discovery completion zsh)"',
    'osaurus-discovery completion fish | source',
  ],
  async run({ argument, allCommands }) {
    const scripts = require('../completion-scripts.js')
    stdout().line(scripts[/** @type {'bash' | 'zsh' | 'fish'} */ (argument)](allCommands()))
    return 0
  },
}

module.exports = { completion }
