// Implements the command `env`.
'use strict'

const { DISCOVERY_OPTIONS, toDiscoverOptions } = require('../options.js')
const { printNotice, stderr, stdout } = require('../screen.js')
const { KEY_SETTINGS, KEY_VARIABLES } = require('../access-keys.js')
const { findProxyConflict } = require('../proxies.js')
const {
  EVALUATE,
  detectShell,
  quote,
  setVariable,
  setVariableIfUnset,
  shellQuote,
  unsetVariable,
  valueOf,
} = require('../shells.js')
const { json, printable } = require('../text.js')

/**
 * @typedef {import('../options.js').Shell} Shell
 * @typedef {import('osaurus-discovery').OsaurusInstance} OsaurusInstance
 *
 * @typedef {object} Assignment of a variable
 * @property {string} name
 * @property {string} [value] a text, or
 * @property {string} [from] the name of a variable; without either, the variable is unset
 * @property {readonly string[]} [unlessSet] do nothing if one of these variables is set
 */

// The clients of OpenAI and Anthropic refuse to start without a key, even if the server requires none.
const PLACEHOLDER = 'osaurus'

const CREATE_KEY = `Create one in Osaurus (${KEY_SETTINGS}), set OSAURUS_API_KEY to it, unset ANTHROPIC_API_KEY, and run this command again: it then sets OPENAI_API_KEY and ANTHROPIC_AUTH_TOKEN to the key.`

/** @type {import('../commands.js').Command} */
const env = {
  name: 'env',
  summary: 'print lines to eval: OPENAI_BASE_URL, ANTHROPIC_BASE_URL, OLLAMA_HOST',
  takes: ['shell', ...DISCOVERY_OPTIONS],
  about:
    'Prints the lines that make OpenAI, Anthropic and Ollama clients use the running Osaurus.\n' +
    'OPENAI_API_KEY and ANTHROPIC_API_KEY are set to a placeholder if they are unset or empty, because the clients refuse ' +
    'to start without a key. If OSAURUS_API_KEY or OSAURUS_ACCESS_KEY is set, OPENAI_API_KEY and ANTHROPIC_AUTH_TOKEN are ' +
    'set to that key. If a proxy variable is set, NO_PROXY and no_proxy exclude this machine. ' +
    'ollama-js reads no variable: pass it host: process.env.OLLAMA_HOST.\n' +
    'With --json: an object of the variables to set; null means to unset one.',
  examples: [
    'eval "$(osaurus-discovery env)"',
    'osaurus-discovery env --shell fish | source',
    'osaurus-discovery env --shell powershell | Out-String | Invoke-Expression',
  ],
  async run({ options, signal }) {
    const { instance, requiresKey, isConfirmed } = await findServer(toDiscoverOptions(options, signal))
    const shell = options.shell ?? detectShell(process.env, process.platform)
    const assignments = [
      ...assignUrls(instance),
      ...assignKeys(requiresKey, process.env),
      ...assignProxyExclusions(instance, process.env),
    ]
    if (options.json) stdout().line(json(toObject(assignments, process.env)))
    else for (const each of assignments) stdout().line(toLine(shell, each))
    if (requiresKey && !hasKeys(process.env)) {
      const subject = isConfirmed ? 'This' : 'According to its file, this'
      printNotice(`${subject} Osaurus requires an access key. ${CREATE_KEY}`, 'yellow')
    }
    if (stdout().isTerminal && !options.json) {
      const command = ['osaurus-discovery', ...process.argv.slice(2)].map(shellQuote).join(' ')
      // Not wrapped, so that it can be copied.
      stderr().line(stderr().style('dim', `To apply them: ${printable(EVALUATE[shell](command))}`))
    }
    return 0
  },
}

/**
 * Finds the latest server, and whether it requires an access key. The server decides that, because its file can be wrong.
 * @param {import('osaurus-discovery').DiscoverOptions} options
 */
async function findServer(options) {
  const { discoverLatestRunningInstance, inspectRuntime } = require('../../../index.js')
  const { entries, fallback } = await inspectRuntime(options)
  const running = entries.find((entry) => entry.status === 'running')
  const instance = running?.instance ?? fallback?.instance ?? (await discoverLatestRunningInstance(options))
  const accessKey = (running ?? fallback)?.probe?.accessKey
  const requiresKey = accessKey === undefined ? instance.exposeToNetwork : accessKey !== 'not-required'
  return { instance, requiresKey, isConfirmed: accessKey !== undefined }
}

/**
 * @param {OsaurusInstance} instance
 * @returns {Assignment[]}
 */
function assignUrls(instance) {
  const { openai, anthropic, ollama } = require('../../../index.js').endpointsOf(instance)
  return [
    { name: 'OPENAI_BASE_URL', value: openai },
    { name: 'ANTHROPIC_BASE_URL', value: anthropic },
    { name: 'OLLAMA_HOST', value: ollama },
  ]
}

/**
 * Assigns an access key, or placeholders. Osaurus reads only the Authorization header. Every version of Anthropic's client
 * sends ANTHROPIC_AUTH_TOKEN there, but ANTHROPIC_API_KEY in a header that Osaurus does not read.
 * @param {boolean} requiresKey
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Assignment[]}
 */
function assignKeys(requiresKey, environment) {
  const from = keyVariable(environment)
  if (from !== undefined) {
    // Placeholders of an earlier call are replaced, other keys are kept.
    const assign = (/** @type {string} */ name) => ({
      name,
      from,
      ...(environment[name] === PLACEHOLDER ? {} : { unlessSet: [name] }),
    })
    const isObsolete = isReplaceable(environment.ANTHROPIC_API_KEY)
    return [
      ...['OPENAI_API_KEY', 'ANTHROPIC_AUTH_TOKEN'].filter((name) => name !== from).map(assign),
      ...(isObsolete ? [{ name: 'ANTHROPIC_API_KEY' }] : []),
    ]
  }
  const anthropic = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN']
  return [
    { name: 'OPENAI_API_KEY', value: PLACEHOLDER, unlessSet: ['OPENAI_API_KEY'] },
    { name: anthropic[requiresKey ? 1 : 0], value: PLACEHOLDER, unlessSet: anthropic },
  ]
}

/**
 * Returns the name of a variable that has an access key of Osaurus.
 * @param {NodeJS.ProcessEnv} environment
 */
function keyVariable(environment) {
  const others = ['OPENAI_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_API_KEY']
  return (
    KEY_VARIABLES.find((name) => environment[name]) ??
    others.find((name) => environment[name]?.startsWith('osk-'))
  )
}

/** Whether a value of ANTHROPIC_API_KEY is of no use beside ANTHROPIC_AUTH_TOKEN. @param {string | undefined} value */
function isReplaceable(value) {
  return value === PLACEHOLDER || value?.startsWith('osk-') === true
}

/** Whether the clients will send keys after the assignments. @param {NodeJS.ProcessEnv} environment */
function hasKeys(environment) {
  const { OPENAI_API_KEY, ANTHROPIC_AUTH_TOKEN, ANTHROPIC_API_KEY } = environment
  const isSet = (/** @type {string | undefined} */ value) => Boolean(value) && value !== PLACEHOLDER
  const areSet =
    keyVariable(environment) !== undefined || (isSet(OPENAI_API_KEY) && isSet(ANTHROPIC_AUTH_TOKEN))
  return areSet && (!ANTHROPIC_API_KEY || isReplaceable(ANTHROPIC_API_KEY))
}

/**
 * @param {OsaurusInstance} instance
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Assignment[]}
 */
function assignProxyExclusions({ url }, environment) {
  const exclusions = findProxyConflict(environment, url)?.exclusions ?? {}
  return Object.entries(exclusions).map(([name, value]) => ({ name, value }))
}

/**
 * Formats an assignment as a line of a shell. Keys are copied from variable to variable, so that no line contains one.
 * @param {Shell} shell
 * @param {Assignment} assignment
 */
function toLine(shell, { name, value, from, unlessSet }) {
  if (value === undefined && from === undefined) return unsetVariable(shell, name)
  const expression = from === undefined ? quote(shell, value ?? '') : valueOf(shell, from)
  return unlessSet
    ? setVariableIfUnset(shell, unlessSet, name, expression)
    : setVariable(shell, name, expression)
}

/**
 * @param {Assignment[]} assignments
 * @param {NodeJS.ProcessEnv} environment
 */
function toObject(assignments, environment) {
  const needed = assignments.filter(({ unlessSet }) => !unlessSet?.some((name) => environment[name]))
  return Object.fromEntries(
    needed.map(({ name, value, from }) => [name, from === undefined ? (value ?? null) : environment[from]]),
  )
}

module.exports = { env }
