// Generates completion scripts for bash, zsh and fish.
'use strict'

const { OPTIONS } = require('./options.js')

/**
 * @typedef {import('./commands.js').Command} Command
 * @typedef {import('./options.js').Option} Option
 */

const PROGRAM = 'osaurus-discovery'
const COMMON_OPTIONS = /** @type {const} */ (['help', 'version'])

/** @param {Command} command */
const optionsOf = ({ takes, helps = {}, argument }) =>
  [...takes, ...COMMON_OPTIONS].map((name) => {
    const option = /** @type {Option} */ (OPTIONS[name])
    const value = argument?.of === name ? argument.name : option.value
    return { ...option, value, name, help: helps[name] ?? option.help }
  })

/** @param {Command} command */
const wordsOf = (command) =>
  [...(command.argument?.oneOf ?? []), ...optionsOf(command).map(({ name }) => `--${name}`)].join(' ')

/** Options whose values cannot be completed. */
const FREE_OPTIONS = Object.entries(/** @type {Record<string, Option>} */ (OPTIONS))
  .filter(([name, { value, oneOf }]) => value && !oneOf && name !== 'base-dir')
  .map(([name]) => `--${name}`)

// macOS ships bash 3.2, which has neither mapfile nor compopt.
/** @param {Command[]} commands */
function bash(commands) {
  const names = commands.map(({ name }) => name)
  const free = commands
    .flatMap(({ name, argument }) => (argument?.of ? [`${name}--${argument.of}`] : []))
    .join('|')
  return `_osaurus_discovery() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= word words IFS=$' \\t\\n'
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${names.join('|')}) command=$word; break ;; esac
  done
  case $command$previous in ${free}) COMPREPLY=(); return ;; esac
  case $previous in
    --base-dir) IFS=$'\\n'; COMPREPLY=($(compgen -d -- "$current")); return ;;
    --shell) words='${OPTIONS.shell.oneOf.join(' ')}' ;;
    --advertise) words='${OPTIONS.advertise.oneOf.join(' ')}' ;;
    ${FREE_OPTIONS.join('|')}) COMPREPLY=(); return ;;
    *)
      case $command in
${commands.map((command) => `        ${command.name}) words='${wordsOf(command)}' ;;`).join('\n')}
        *) words='${[...names, '--help', '--version'].join(' ')}' ;;
      esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o filenames -F _osaurus_discovery ${PROGRAM}`
}

/** @param {Command[]} commands */
function zsh(commands) {
  const described = commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`)
  const cases = commands.map((command) => {
    const { argument } = command
    const specs = [
      '1:command: ',
      ...(argument?.oneOf ? [`2:${argument.name}:(${argument.oneOf.join(' ')})`] : []),
      ...optionsOf(command).map(zshOption),
    ].map((spec) => ` \\\n        ${quote(spec)}`)
    return `    ${command.name})\n      _arguments${specs.join('')} ;;`
  })
  return `#compdef ${PROGRAM}
_osaurus_discovery() {
  local -a commands=(
${described.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  case $words[2] in
${cases.join('\n')}
  esac
}
compdef _osaurus_discovery ${PROGRAM}`
}

/** @param {Option & { name: string }} option */
function zshOption({ name, value, help, oneOf }) {
  const described = `--${name}[${help.replace(/[[\]:\\]/g, '\\$&')}]`
  if (!value) return described
  const action = oneOf ? `(${oneOf.join(' ')})` : name === 'base-dir' ? '_files -/' : ' '
  return `${described}:${value}:${action}`
}

/** @param {Command[]} commands */
function fish(commands) {
  const lines = [`complete -c ${PROGRAM} -f`]
  for (const command of commands) {
    lines.push(
      `complete -c ${PROGRAM} -n __fish_use_subcommand -a ${command.name} -d ${quote(command.summary)}`,
    )
    const when = `complete -c ${PROGRAM} -n ${quote(`__fish_seen_subcommand_from ${command.name}`)}`
    if (command.argument?.oneOf) lines.push(`${when} -a ${quote(command.argument.oneOf.join(' '))}`)
    for (const { name, value, help, oneOf } of optionsOf(command)) {
      const values = oneOf
        ? oneOf.join(' ')
        : name === 'base-dir'
          ? '(__fish_complete_directories)'
          : undefined
      const takesValue = value ? ` -x${values ? ` -a ${quote(values)}` : ''}` : ''
      lines.push(`${when} -l ${name}${takesValue} -d ${quote(help)}`)
    }
  }
  return lines.join('\n')
}

/** Quotes for zsh and fish alike, because no text here contains a backslash. @param {string} text */
function quote(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

module.exports = { bash, fish, zsh }
