// Parses the command line into a command, its options and its argument.
'use strict'

const { parseArgs } = require('node:util')

const { COMMAND_NAMES, findCommand } = require('./commands.js')
const { OPTIONS, UsageError, didYouMean } = require('./options.js')
const { printable } = require('./text.js')

/**
 * @typedef {import('./commands.js').Command} Command
 * @typedef {import('./options.js').Option} Option
 * @typedef {NonNullable<ReturnType<typeof parseArgs>['tokens']>[number]} Token
 * @typedef {{ command?: Command, wants?: 'help' | 'version', options: import('./options.js').Options, argument?: string }} ParsedCommandLine
 */

/** The options in the form that parseArgs() takes. */
const PARSE_ARGS_OPTIONS = Object.fromEntries(
  Object.entries(/** @type {Record<string, Option>} */ (OPTIONS)).map(([name, { value, short }]) => [
    name,
    { type: /** @type {'string' | 'boolean'} */ (value ? 'string' : 'boolean'), ...(short && { short }) },
  ]),
)

/**
 * Throws a UsageError for the first mistake. Options may stand before or after the command.
 * @param {string[]} argv
 * @returns {ParsedCommandLine}
 */
function parseCommandLine(argv) {
  const { tokens = [] } = parseArgs({
    args: argv,
    options: PARSE_ARGS_OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const [name, ...others] = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []))
  const command = name === undefined ? undefined : findCommand(name)
  /** @type {Record<string, unknown>} */
  const options = {}
  for (const token of tokens) {
    if (token.kind === 'option') readOption(token, argv[token.index], command, options)
    // An unknown option before an unknown command is reported first: its value may have been parsed as the command.
    else if (token.kind === 'positional' && !command) throw unknownCommand(token.value)
  }
  const wants = options.help ? 'help' : options.version ? 'version' : undefined
  const argument = wants || !command ? undefined : checkArgument(command, others, options)
  return { command, wants, options, argument }
}

/**
 * Validates one option and adds its value to `options`.
 * @param {Extract<Token, { kind: 'option' }>} token
 * @param {string} written the word of the command line that contains the option
 * @param {Command | undefined} command
 * @param {Record<string, unknown>} options
 */
function readOption(token, written, command, options) {
  // parseArgs() reports only the `j` of `-json`.
  const given = written.startsWith('--') ? token.rawName : written
  const option = Object.hasOwn(OPTIONS, token.name)
    ? /** @type {Record<string, Option>} */ (OPTIONS)[token.name]
    : undefined
  const known = [...(command ? command.takes : []), 'help', 'version']
  if (!option || (command && !known.includes(token.name))) throw unknownOption(given, known, command)
  if (!option.value) {
    // `--network=NAME` instead of `--network NAME`.
    const takesValue = command?.argument?.of === token.name
    if (token.value !== undefined && !takesValue) {
      throw new UsageError(
        `${given} does not take a value. It got '${printable(token.value)}'.`,
        command?.name,
      )
    }
    options[token.name] = token.value ?? true
    return
  }
  if (token.value === undefined || (!token.inlineValue && token.value.startsWith('-'))) {
    const dash = token.value === undefined ? '' : ` For a value that begins with a dash, write ${given}=...`
    throw new UsageError(`${given} requires a value: ${given} ${option.value}.${dash}`, command?.name)
  }
  try {
    options[token.name] = option.parse ? option.parse(token.value, given) : token.value
  } catch (error) {
    if (error instanceof UsageError) error.command = command?.name
    throw error
  }
}

/**
 * Returns the argument of a command that takes one, or the value of the option that takes one for this command.
 * @param {Command} command
 * @param {string[]} given
 * @param {Record<string, unknown>} options
 */
function checkArgument({ name, argument }, given, options) {
  const ofOption = argument?.of && options[argument.of]
  const surplus = given[argument?.oneOf || ofOption === true ? 1 : 0]
  if (surplus !== undefined)
    throw new UsageError(`Unexpected argument '${printable(surplus)}' for '${name}'.`, name)
  if (typeof ofOption === 'string') return ofOption
  if (!argument?.oneOf || argument.oneOf.includes(given[0])) return given[0]
  const choices = argument.oneOf.join(', ')
  if (given[0] === undefined) {
    throw new UsageError(`'${name}' requires the argument ${argument.name}: one of ${choices}.`, name)
  }
  throw new UsageError(
    `The argument ${argument.name} of '${name}' must be one of ${choices}. It got '${printable(given[0])}'.${didYouMean(given[0], argument.oneOf)}`,
    name,
  )
}

/** @param {string} given */
function unknownCommand(given) {
  const hint = didYouMean(given, COMMAND_NAMES) || didYouMean(given, ['help', 'version'], '--')
  return new UsageError(`Unknown command '${printable(given)}'.${hint}`)
}

/**
 * @param {string} given
 * @param {string[]} known
 * @param {Command | undefined} command
 */
function unknownOption(given, known, command) {
  const where = command ? ` for '${command.name}'` : ''
  const candidates = command ? known : Object.keys(OPTIONS)
  const hint = didYouMean(given.replace(/^-+/, ''), candidates, '--')
  return new UsageError(`Unknown option '${printable(given)}'${where}.${hint}`, command?.name)
}

module.exports = { parseCommandLine }
