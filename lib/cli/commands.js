// Lists the commands, and loads each when it is used.
'use strict'

/**
 * @typedef {object} Call
 * @property {import('./options.js').Options} options
 * @property {string} [argument]
 * @property {AbortSignal} signal aborted by Ctrl-C
 * @property {() => Command[]} allCommands
 */

/**
 * A required word of these, or the value of an option.
 * @typedef {{ name: string, oneOf: readonly string[], of?: undefined } | { name: string, oneOf?: undefined, of: keyof typeof import('./options.js').OPTIONS }} Argument
 */

/**
 * @typedef {object} Command
 * @property {string} name
 * @property {string} summary an imperative phrase for the overview
 * @property {readonly (keyof typeof import('./options.js').OPTIONS)[]} takes its options, without --help and --version
 * @property {Record<string, string>} [helps] help of options that differs for this command
 * @property {Argument} [argument] the word after the command
 * @property {string} about sentences for its help
 * @property {string} [exitCodes] if they differ from those of most commands
 * @property {readonly string[]} examples
 * @property {(call: Call) => Promise<number>} run resolves with the exit code
 */

// Loading only the command that runs keeps the start short.
const LOADERS = {
  list: () => require('./commands/list.js').list,
  url: () => require('./commands/url.js').url,
  wait: () => require('./commands/wait.js').wait,
  watch: () => require('./commands/watch.js').watch,
  launch: () => require('./commands/launch.js').launch,
  doctor: () => require('./commands/doctor.js').doctor,
  env: () => require('./commands/env.js').env,
  fake: () => require('./commands/fake.js').fake,
  completion: () => require('./commands/completion.js').completion,
}

const COMMAND_NAMES = /** @type {(keyof typeof LOADERS)[]} */ (Object.keys(LOADERS))

/**
 * @param {string} name
 * @returns {Command | undefined}
 */
function findCommand(name) {
  return Object.hasOwn(LOADERS, name) ? LOADERS[/** @type {keyof typeof LOADERS} */ (name)]() : undefined
}

/** @returns {Command[]} */
function allCommands() {
  return COMMAND_NAMES.map((name) => LOADERS[name]())
}

module.exports = { COMMAND_NAMES, allCommands, findCommand }
