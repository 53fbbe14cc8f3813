// How does each shell write that a variable is set?
'use strict'

/** @typedef {import('./options.js').Shell} Shell */

/** @type {Record<Shell, (text: string) => string>} */
const QUOTE = {
  sh: (text) => `'${text.replaceAll("'", `'\\''`)}'`,
  fish: (text) => `'${text.replace(/[\\']/g, '\\$&')}'`,
  // PowerShell ends a string at typographic quotes too.
  powershell: (text) => `'${text.replace(/['\u2018-\u201b]/g, '$&$&')}'`,
}

/** @type {Record<Shell, (name: string, value: string) => string>} */
const SET = {
  sh: (name, value) => `export ${name}=${value}`,
  fish: (name, value) => `set -gx ${name} ${value}`,
  powershell: (name, value) => `$Env:${name} = ${value}`,
}

// An empty variable is as none to the clients, and they refuse to start; so it counts as unset here.
/** @type {Record<Shell, (names: readonly string[], name: string, value: string) => string>} */
const SET_WHERE_UNSET = {
  sh: (names, name, value) =>
    `[ -n "${names.map((each) => `\${${each}-}`).join('')}" ] || ${name}=${value}; export ${name}`,
  fish: (names, name, value) => `test -n "${dollars('$', names)}"; or ${SET.fish(name, value)}`,
  powershell: (names, name, value) =>
    `if (-not "${dollars('$Env:', names)}") { ${SET.powershell(name, value)} }`,
}

/** How the lines are run. @type {Record<Shell, (command: string) => string>} */
const APPLY = {
  sh: (command) => `eval "$(${command})"`,
  fish: (command) => `${command} | source`,
  powershell: (command) => `${command} | Out-String | Invoke-Expression`,
}

/**
 * @param {Shell} shell
 * @param {string} name
 * @param {string} value
 */
function set(shell, name, value) {
  return SET[shell](name, QUOTE[shell](value))
}

/**
 * @param {Shell} shell
 * @param {readonly string[]} names of the variables of which none may be set
 * @param {string} name
 * @param {string} value
 */
function setWhereUnset(shell, names, name, value) {
  return SET_WHERE_UNSET[shell](names, name, QUOTE[shell](value))
}

/** @param {string} prefix @param {readonly string[]} names */
function dollars(prefix, names) {
  return names.map((name) => prefix + name).join('')
}

/**
 * The shell that the user has, by $SHELL; without it the one of the system.
 * @param {NodeJS.ProcessEnv} env
 * @param {NodeJS.Platform} platform
 * @returns {Shell}
 */
function shellOf({ SHELL }, platform) {
  const name = SHELL?.split(/[\\/]/)
    .pop()
    ?.replace(/\.exe$/i, '')
  if (name === 'fish') return 'fish'
  if (name === 'pwsh' || name === 'powershell') return 'powershell'
  return !name && platform === 'win32' ? 'powershell' : 'sh'
}

/**
 * A word of a command that is shown to be copied: quoted only where a POSIX shell needs it.
 * @param {string} text
 */
function word(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : QUOTE.sh(text)
}

module.exports = { APPLY, set, setWhereUnset, shellOf, word }
