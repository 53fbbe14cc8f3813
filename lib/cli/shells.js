// Writes commands and assignments of variables for each shell.
'use strict'

/** @typedef {import('./options.js').Shell} Shell */

/** @type {Record<Shell, (text: string) => string>} */
const QUOTE = {
  sh: (text) => `'${text.replaceAll("'", `'\\''`)}'`,
  fish: (text) => `'${text.replace(/[\\']/g, '\\$&')}'`,
  // Typographic quotes end a string in PowerShell too.
  powershell: (text) => `'${text.replace(/['\u2018-\u201b]/g, '$&$&')}'`,
}

/** @type {Record<Shell, (name: string, value: string) => string>} */
const SET = {
  sh: (name, value) => `export ${name}=${value}`,
  fish: (name, value) => `set -gx ${name} ${value}`,
  powershell: (name, value) => `$Env:${name} = ${value}`,
}

// The clients treat an empty variable as a missing one and refuse to start, so here an empty variable counts as unset.
/** @type {Record<Shell, (names: readonly string[], name: string, value: string) => string>} */
const SET_IF_UNSET = {
  sh: (names, name, value) =>
    `[ -n "${names.map((each) => `\${${each}-}`).join('')}" ] || ${name}=${value}; export ${name}`,
  fish: (names, name, value) => `test -n "${joinVariables('$', names)}"; or ${SET.fish(name, value)}`,
  powershell: (names, name, value) =>
    `if (-not "${joinVariables('$Env:', names)}") { ${SET.powershell(name, value)} }`,
}

/** @type {Record<Shell, (name: string) => string>} */
const UNSET = {
  sh: (name) => `unset ${name}`,
  fish: (name) => `set -e ${name}`,
  powershell: (name) => `Remove-Item Env:${name}`,
}

/** Formats the command that runs the lines which another command prints. @type {Record<Shell, (command: string) => string>} */
const EVALUATE = {
  sh: (command) => `eval "$(${command})"`,
  fish: (command) => `${command} | source`,
  powershell: (command) => `${command} | Out-String | Invoke-Expression`,
}

/**
 * Formats a text as an expression.
 * @param {Shell} shell
 * @param {string} text
 */
function quote(shell, text) {
  return QUOTE[shell](text)
}

/**
 * Formats the value of a variable as an expression.
 * @param {Shell} shell
 * @param {string} name
 */
function valueOf(shell, name) {
  return shell === 'powershell' ? `$Env:${name}` : `"$${name}"`
}

/**
 * Formats a line that sets and exports a variable.
 * @param {Shell} shell
 * @param {string} name
 * @param {string} expression from `quote()` or `valueOf()`
 */
function setVariable(shell, name, expression) {
  return SET[shell](name, expression)
}

/**
 * Formats a line that sets and exports a variable if all of `names` are unset or empty.
 * @param {Shell} shell
 * @param {readonly string[]} names
 * @param {string} name
 * @param {string} expression from `quote()` or `valueOf()`
 */
function setVariableIfUnset(shell, names, name, expression) {
  return SET_IF_UNSET[shell](names, name, expression)
}

/**
 * Formats a line that unsets a variable.
 * @param {Shell} shell
 * @param {string} name
 */
function unsetVariable(shell, name) {
  return UNSET[shell](name)
}

/** @param {string} prefix @param {readonly string[]} names */
function joinVariables(prefix, names) {
  return names.map((name) => prefix + name).join('')
}

/**
 * Returns the user's shell by $SHELL, or that of the system if the variable is unset.
 * @param {NodeJS.ProcessEnv} env
 * @param {NodeJS.Platform} platform
 * @returns {Shell}
 */
function detectShell({ SHELL }, platform) {
  const name = SHELL?.split(/[\\/]/)
    .pop()
    ?.replace(/\.exe$/i, '')
  if (name === 'fish') return 'fish'
  if (name === 'pwsh' || name === 'powershell') return 'powershell'
  return !name && platform === 'win32' ? 'powershell' : 'sh'
}

/**
 * Quotes a word of a command that is shown to be copied, but only if a POSIX shell requires it.
 * @param {string} text
 */
function shellQuote(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : QUOTE.sh(text)
}

/**
 * Returns the name by which the user can run this command. Commands that npx or a script of npm runs are not in the
 * PATH of the user's shell.
 * @param {NodeJS.ProcessEnv} [env]
 */
function commandName(env = process.env) {
  return env.npm_command === undefined ? 'osaurus-discovery' : 'npx osaurus-discovery'
}

module.exports = {
  EVALUATE,
  commandName,
  detectShell,
  quote,
  setVariable,
  setVariableIfUnset,
  shellQuote,
  unsetVariable,
  valueOf,
}
