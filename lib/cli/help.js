// Formats the output of --help.
'use strict'

const { OPTIONS } = require('./options.js')
const { widthOf, wrap } = require('./text.js')

/**
 * @typedef {import('./commands.js').Command} Command
 * @typedef {import('./screen.js').Screen} Screen
 */

const EXIT_CODES = '0 found, 1 none usable, 2 wrong usage, 130 after Ctrl-C.'

/**
 * @param {Command[]} commands
 * @param {Screen} screen
 */
function overview(commands, screen) {
  return [
    ...section('Usage', ['osaurus-discovery COMMAND [OPTIONS]'], screen),
    ...wrap(
      'Finds the Osaurus servers that run on this machine, or on other Macs with --network.',
      screen.proseColumns,
    ),
    '',
    screen.style('bold', 'Commands'),
    ...definitions(
      commands.map(({ name, summary }) => [name, summary]),
      screen,
    ),
    '',
    screen.style('bold', 'Options'),
    ...definitions(
      [
        ['--help', `${OPTIONS.help.help}, or after a command the help of that command`],
        ['--version', OPTIONS.version.help],
      ],
      screen,
    ),
    '',
    ...section('Exit codes', [EXIT_CODES], screen),
  ]
    .join('\n')
    .trimEnd()
}

/**
 * @param {Command} command
 * @param {Screen} screen
 */
function helpFor({ name, takes, helps = {}, argument, about, exitCodes = EXIT_CODES, examples }, screen) {
  const usage = [
    'osaurus-discovery',
    name,
    ...(argument?.oneOf ? [argument.oneOf.join('|')] : []),
    '[OPTIONS]',
  ]
  const options = [...takes, /** @type {const} */ ('help')].map((option) => {
    const { value: ownValue, help } = /** @type {import('./options.js').Option} */ (OPTIONS[option])
    const value = argument?.of === option ? argument.name : ownValue
    return /** @type {[string, string]} */ ([`--${option}${value ? ` ${value}` : ''}`, helps[option] ?? help])
  })
  return [
    ...section('Usage', [usage.join(' ')], screen),
    ...about.split('\n').flatMap((paragraph) => wrap(paragraph, screen.proseColumns)),
    '',
    screen.style('bold', 'Options'),
    ...definitions(options, screen),
    '',
    ...section('Exit codes', [exitCodes], screen),
    screen.style('bold', examples.length === 1 ? 'Example' : 'Examples'),
    // Not wrapped, so that they can be copied.
    ...examples.map((example) => `  ${example}`),
  ]
    .join('\n')
    .trimEnd()
}

/**
 * @param {string} title
 * @param {readonly string[]} lines
 * @param {Screen} screen
 */
function section(title, lines, screen) {
  return [screen.style('bold', title), ...lines.flatMap((line) => wrap(line, screen.proseColumns, '  ')), '']
}

/**
 * Lays out terms with their meanings beside them, or below them if the screen is too narrow.
 * @param {[string, string][]} pairs
 * @param {Screen} screen
 */
function definitions(pairs, screen) {
  const widest = Math.max(...pairs.map(([term]) => widthOf(term)))
  const columns = screen.proseColumns
  if (columns - widest < 34) {
    return pairs.flatMap(([term, meaning]) => [`  ${term}`, ...wrap(meaning, columns, '      ')])
  }
  return pairs.flatMap(([term, meaning]) => wrap(meaning, columns, `  ${term.padEnd(widest)}  `))
}

module.exports = { helpFor, overview }
