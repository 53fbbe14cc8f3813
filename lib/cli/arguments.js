// What do the words on the command line ask for?
'use strict'

const { parseArgs } = require('node:util')

const { NAMES, commandNamed } = require('./commands.js')
const { printable } = require('./escape.js')
const { OPTIONS } = require('./options.js')
const { UsageError } = require('./usage-error.js')

/**
 * @typedef {import('./commands.js').Command} Command
 * @typedef {import('./options.js').Option} Option
 * @typedef {NonNullable<ReturnType<typeof parseArgs>['tokens']>[number]} Token
 * @typedef {{ command?: Command, wants?: 'help' | 'version', options: import('./options.js').Options, argument?: string }} Asked
 */

/** As parseArgs() wants them. */
const DECLARED = Object.fromEntries(
  Object.entries(/** @type {Record<string, Option>} */ (OPTIONS)).map(([name, { value, short }]) => [
    name,
    { type: /** @type {'string' | 'boolean'} */ (value ? 'string' : 'boolean'), ...(short && { short }) },
  ]),
)

/**
 * The first thing wrong is thrown as a UsageError; options may stand before the command and behind it.
 * @param {string[]} argv
 * @returns {Asked}
 */
function parseCommandLine(argv) {
  const { tokens = [] } = parseArgs({
    args: argv,
    options: DECLARED,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const [name, ...others] = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []))
  const command = name === undefined ? undefined : commandNamed(name)
  /** @type {Record<string, unknown>} */
  const options = {}
  for (const token of tokens) {
    if (token.kind === 'option') read(token, argv[token.index], command, options)
    // An unknown option before an unknown command is told first: what it takes may be what was taken for the command.
    else if (token.kind === 'positional' && !command) throw unknownCommand(token.value)
  }
  const wants = options.help ? 'help' : options.version ? 'version' : undefined
  const argument = wants || !command ? undefined : argumentOf(command, others)
  return { command, wants, options, argument }
}

/**
 * @param {Extract<Token, { kind: 'option' }>} token
 * @param {string} written the whole word, where it stands
 * @param {Command | undefined} command
 * @param {Record<string, unknown>} options where it is put
 */
function read(token, written, command, options) {
  // Of `-json`, only the `j` would be told.
  const given = written.startsWith('--') ? token.rawName : written
  const option = Object.hasOwn(OPTIONS, token.name)
    ? /** @type {Record<string, Option>} */ (OPTIONS)[token.name]
    : undefined
  const known = [...(command ? command.takes : []), 'help', 'version']
  if (!option || (command && !known.includes(token.name))) throw unknownOption(given, known, command)
  if (!option.value) {
    if (token.value !== undefined) {
      throw new UsageError(`${given} takes no value, and got '${printable(token.value)}'.`, command?.name)
    }
    options[token.name] = true
    return
  }
  if (token.value === undefined || (!token.inlineValue && token.value.startsWith('-'))) {
    const dash = token.value === undefined ? '' : ` For one that begins with a dash, write ${given}=...`
    throw new UsageError(`${given} needs a value: ${given} ${option.value}.${dash}`, command?.name)
  }
  try {
    options[token.name] = option.parse ? option.parse(token.value, given) : token.value
  } catch (error) {
    if (error instanceof UsageError) error.command = command?.name
    throw error
  }
}

/**
 * @param {Command} command
 * @param {string[]} given
 */
function argumentOf({ name, argument }, given) {
  const surplus = given[argument ? 1 : 0]
  if (surplus !== undefined) {
    throw new UsageError(`'${name}' takes no '${printable(surplus)}' behind it.`, name)
  }
  if (!argument || argument.oneOf.includes(given[0])) return given[0]
  const choice = `'${name}' needs one of ${argument.oneOf.join(', ')} behind it`
  if (given[0] === undefined) throw new UsageError(`${choice}.`, name)
  throw new UsageError(
    `${choice}, and got '${printable(given[0])}'.${didYouMean(given[0], argument.oneOf)}`,
    name,
  )
}

/** @param {string} given */
function unknownCommand(given) {
  const near = didYouMean(given, NAMES) || didYouMean(given, ['help', 'version'], '--')
  return new UsageError(`There is no command '${printable(given)}'.${near}`)
}

/**
 * @param {string} given
 * @param {string[]} known
 * @param {Command | undefined} command
 */
function unknownOption(given, known, command) {
  const what = command ? `'${command.name}' has no option` : 'There is no option'
  const all = command ? known : Object.keys(OPTIONS)
  const near = didYouMean(given.replace(/^-+/, ''), all, '--')
  return new UsageError(`${what} '${printable(given)}'.${near}`, command?.name)
}

/**
 * @param {string} given
 * @param {readonly string[]} known
 * @param {string} [dashes]
 */
function didYouMean(given, known, dashes = '') {
  const near = require('../suggest.js').closestMatch(given, known)
  return near ? ` Did you mean '${dashes}${near}'?` : ''
}

module.exports = { parseCommandLine }
