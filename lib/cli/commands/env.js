// Which variables make client libraries use the latest server?
'use strict'

const { json, printable } = require('../escape.js')
const { say } = require('../failure.js')
const { DISCOVERY, discoverOptions } = require('../options.js')
const { stderr, stdout } = require('../screen.js')
const { APPLY, set, setWhereUnset, shellOf, word } = require('../shells.js')

// The clients of OpenAI and Anthropic refuse to start without a key, though a server that is not exposed needs none.
const PLACEHOLDER = 'osaurus'

/** The keys, each with the variables that stand in for it. Anthropic's client takes a key before a token. */
const KEYS = Object.entries({
  OPENAI_API_KEY: ['OPENAI_API_KEY'],
  ANTHROPIC_API_KEY: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'],
})

const EXPOSED =
  'This Osaurus is exposed to the network and asks for an access key. Make one in its settings; set OPENAI_API_KEY and ANTHROPIC_AUTH_TOKEN to it, and leave ANTHROPIC_API_KEY unset.'

/** @type {import('../commands.js').Command} */
const env = {
  name: 'env',
  summary: 'lines to eval: OPENAI_BASE_URL, ANTHROPIC_BASE_URL, OLLAMA_HOST',
  takes: ['shell', ...DISCOVERY],
  about:
    'Prints the lines that make OpenAI, Anthropic and Ollama clients use the Osaurus that runs.\n' +
    'OPENAI_API_KEY and ANTHROPIC_API_KEY get a placeholder where they are unset or empty, since the clients refuse to start ' +
    'without one (ANTHROPIC_AUTH_TOKEN will do too). ollama-js reads no variable: give it host: process.env.OLLAMA_HOST.\n' +
    'With --json: an object of the variables to set.',
  examples: [
    'eval "$(osaurus-discovery env)"',
    'osaurus-discovery env --shell fish | source',
    'osaurus-discovery env --shell powershell | Out-String | Invoke-Expression',
  ],
  async run({ options, signal }) {
    const { discoverLatestRunningInstance, endpointsOf } = require('../../../index.js')
    const instance = await discoverLatestRunningInstance(discoverOptions(options, signal))
    const { openai, anthropic, ollama } = endpointsOf(instance)
    const urls = { OPENAI_BASE_URL: openai, ANTHROPIC_BASE_URL: anthropic, OLLAMA_HOST: ollama }
    const shell = options.shell ?? shellOf(process.env, process.platform)
    if (options.json) {
      const placeholders = KEYS.flatMap(([name, names]) =>
        names.some((each) => process.env[each]) ? [] : [[name, PLACEHOLDER]],
      )
      stdout().line(json({ ...urls, ...Object.fromEntries(placeholders) }))
    } else {
      for (const [name, value] of Object.entries(urls)) stdout().line(set(shell, name, value))
      for (const [name, names] of KEYS) stdout().line(setWhereUnset(shell, names, name, PLACEHOLDER))
    }
    // Osaurus looks at one header. Every version of Anthropic's client sends a token in it, a key only the newer ones.
    const { OPENAI_API_KEY, ANTHROPIC_AUTH_TOKEN, ANTHROPIC_API_KEY } = process.env
    const hasKeys = OPENAI_API_KEY && ANTHROPIC_AUTH_TOKEN && !ANTHROPIC_API_KEY
    if (instance.exposeToNetwork && !hasKeys) say(EXPOSED, 'yellow')
    if (stdout().isTerminal && !options.json) {
      const again = ['osaurus-discovery', ...process.argv.slice(2)].map(word).join(' ')
      // Whole: a command in two pieces could not be copied.
      stderr().line(stderr().style('dim', `To apply them: ${printable(APPLY[shell](again))}`))
    }
    return 0
  },
}

module.exports = { env }
