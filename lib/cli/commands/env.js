// Implements the command `env`.
'use strict'

const { json, printable } = require('../escape.js')
const { DISCOVERY_OPTIONS, toDiscoverOptions } = require('../options.js')
const { printNotice, stderr, stdout } = require('../screen.js')
const { EVALUATE, detectShell, setVariable, setVariableIfUnset, shellQuote } = require('../shells.js')

// The clients of OpenAI and Anthropic refuse to start without a key, even if the server requires none.
const PLACEHOLDER = 'osaurus'

/** The key variables, each with the variables that replace it. */
const KEYS = Object.entries({
  OPENAI_API_KEY: ['OPENAI_API_KEY'],
  ANTHROPIC_API_KEY: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'],
})

const KEY_REQUIRED =
  'This Osaurus is exposed to the network and requires an access key. Create one in its settings, set OPENAI_API_KEY and ANTHROPIC_AUTH_TOKEN to it, and unset ANTHROPIC_API_KEY.'

/** @type {import('../commands.js').Command} */
const env = {
  name: 'env',
  summary: 'print lines to eval: OPENAI_BASE_URL, ANTHROPIC_BASE_URL, OLLAMA_HOST',
  takes: ['shell', ...DISCOVERY_OPTIONS],
  about:
    'Prints the lines that make OpenAI, Anthropic and Ollama clients use the running Osaurus.\n' +
    'OPENAI_API_KEY and ANTHROPIC_API_KEY are set to a placeholder if they are unset or empty, because the clients refuse ' +
    'to start without a key (ANTHROPIC_AUTH_TOKEN is enough too). ollama-js reads no variable: pass it ' +
    'host: process.env.OLLAMA_HOST.\n' +
    'With --json: an object of the variables to set.',
  examples: [
    'eval "$(osaurus-discovery env)"',
    'osaurus-discovery env --shell fish | source',
    'osaurus-discovery env --shell powershell | Out-String | Invoke-Expression',
  ],
  async run({ options, signal }) {
    const { discoverLatestRunningInstance, endpointsOf } = require('../../../index.js')
    const instance = await discoverLatestRunningInstance(toDiscoverOptions(options, signal))
    const { openai, anthropic, ollama } = endpointsOf(instance)
    const urls = { OPENAI_BASE_URL: openai, ANTHROPIC_BASE_URL: anthropic, OLLAMA_HOST: ollama }
    const shell = options.shell ?? detectShell(process.env, process.platform)
    if (options.json) {
      const placeholders = KEYS.flatMap(([name, names]) =>
        names.some((each) => process.env[each]) ? [] : [[name, PLACEHOLDER]],
      )
      stdout().line(json({ ...urls, ...Object.fromEntries(placeholders) }))
    } else {
      for (const [name, value] of Object.entries(urls)) stdout().line(setVariable(shell, name, value))
      for (const [name, names] of KEYS) stdout().line(setVariableIfUnset(shell, names, name, PLACEHOLDER))
    }
    // Osaurus reads the Authorization header only. Every version of Anthropic's client sends a token there, but only newer
    // versions send a key there too, and a key takes precedence over a token.
    const { OPENAI_API_KEY, ANTHROPIC_AUTH_TOKEN, ANTHROPIC_API_KEY } = process.env
    const hasKeys = OPENAI_API_KEY && ANTHROPIC_AUTH_TOKEN && !ANTHROPIC_API_KEY
    if (instance.exposeToNetwork && !hasKeys) printNotice(KEY_REQUIRED, 'yellow')
    if (stdout().isTerminal && !options.json) {
      const command = ['osaurus-discovery', ...process.argv.slice(2)].map(shellQuote).join(' ')
      // Not wrapped, so that it can be copied.
      stderr().line(stderr().style('dim', `To apply them: ${printable(EVALUATE[shell](command))}`))
    }
    return 0
  },
}

module.exports = { env }
