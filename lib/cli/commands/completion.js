// How does a shell complete our commands and options?
'use strict'

const { stdout } = require('../screen.js')

/** @type {import('../commands.js').Command} */
const completion = {
  name: 'completion',
  summary: 'lines that teach a shell to complete all this (bash, zsh, fish)',
  takes: [],
  argument: { name: 'shell', oneOf: ['bash', 'zsh', 'fish'] },
  about:
    'Prints the lines that complete the commands and options of osaurus-discovery; put one of these where your shell starts.',
  exitCodes: '0 printed, 2 wrong usage.',
  examples: [
    'eval "$(osaurus-discovery completion bash)"',
    'eval "$(osaurus-discovery completion zsh)"',
    'osaurus-discovery completion fish | source',
  ],
  async run({ argument }) {
    const { allCommands } = require('../commands.js')
    const scripts = require('../completion-scripts.js')
    stdout().line(scripts[/** @type {'bash' | 'zsh' | 'fish'} */ (argument)](allCommands()))
    return 0
  },
}

module.exports = { completion }
