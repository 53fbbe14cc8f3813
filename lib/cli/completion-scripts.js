// How does each shell learn to complete our commands and options?
'use strict'

const { OPTIONS } = require('./options.js')

/**
 * @typedef {import('./commands.js').Command} Command
 * @typedef {import('./options.js').Option} Option
 */

const PROGRAM = 'osaurus-discovery'
const EVERYWHERE = /** @type {const} */ (['help', 'version'])

/** @param {Command} command */
const optionsOf = ({ takes, helps = {} }) =>
  [...takes, ...EVERYWHERE].map((name) => {
    const option = /** @type {Option} */ (OPTIONS[name])
    return { ...option, name, help: helps[name] ?? option.help }
  })

/** @param {Command} command */
const wordsOf = (command) =>
  [...(command.argument?.oneOf ?? []), ...optionsOf(command).map(({ name }) => `--${name}`)].join(' ')

/** Options whose value cannot be guessed. */
const FREE = Object.entries(/** @type {Record<string, Option>} */ (OPTIONS))
  .filter(([name, { value, oneOf }]) => value && !oneOf && name !== 'base-dir')
  .map(([name]) => `--${name}`)

// Of the macOS of today too, whose bash is 3.2: no mapfile, no compopt.
/** @param {Command[]} commands */
function bash(commands) {
  const names = commands.map(({ name }) => name)
  return `_osaurus_discovery() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= word words IFS=$' \\t\\n'
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${names.join('|')}) command=$word; break ;; esac
  done
  case $previous in
    --base-dir) IFS=$'\\n'; COMPREPLY=($(compgen -d -- "$current")); return ;;
    --shell) words='${OPTIONS.shell.oneOf.join(' ')}' ;;
    ${FREE.join('|')}) COMPREPLY=(); return ;;
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
      ...(argument ? [`2:${argument.name}:(${argument.oneOf.join(' ')})`] : []),
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
  const told = `--${name}[${help.replace(/[[\]:\\]/g, '\\$&')}]`
  if (!value) return told
  const action = oneOf ? `(${oneOf.join(' ')})` : name === 'base-dir' ? '_files -/' : ' '
  return `${told}:${value}:${action}`
}

/** @param {Command[]} commands */
function fish(commands) {
  const lines = [`complete -c ${PROGRAM} -f`]
  for (const command of commands) {
    lines.push(
      `complete -c ${PROGRAM} -n __fish_use_subcommand -a ${command.name} -d ${quote(command.summary)}`,
    )
    const when = `complete -c ${PROGRAM} -n ${quote(`__fish_seen_subcommand_from ${command.name}`)}`
    if (command.argument) lines.push(`${when} -a ${quote(command.argument.oneOf.join(' '))}`)
    for (const { name, value, help, oneOf } of optionsOf(command)) {
      const values = oneOf
        ? oneOf.join(' ')
        : name === 'base-dir'
          ? '(__fish_complete_directories)'
          : undefined
      const expects = value ? ` -x${values ? ` -a ${quote(values)}` : ''}` : ''
      lines.push(`${when} -l ${name}${expects} -d ${quote(help)}`)
    }
  }
  return lines.join('\n')
}

/** For zsh and fish alike: no text of ours holds a single quote or ends in a backslash but inside. @param {string} text */
function quote(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

module.exports = { bash, fish, zsh }
