// Which commands are there?
'use strict'

/**
 * @typedef {object} Call
 * @property {import('./options.js').Options} options
 * @property {string} [argument]
 * @property {AbortSignal} signal aborted by Ctrl-C
 */

/**
 * @typedef {object} Command
 * @property {string} name
 * @property {string} summary half a line for the overview
 * @property {readonly (keyof typeof import('./options.js').OPTIONS)[]} takes its options, beside --help and --version
 * @property {Record<string, string>} [helps] what an option does where it is not what it does elsewhere
 * @property {{ name: string, oneOf: readonly string[] }} [argument] what stands behind the command; needed where there is one
 * @property {string} about sentences for its help
 * @property {string} [exitCodes] where they are not those of every command
 * @property {readonly string[]} examples
 * @property {(call: Call) => Promise<number>} run resolves the exit code
 */

const NAMES = /** @type {const} */ (['list', 'url', 'wait', 'watch', 'doctor', 'env', 'fake', 'completion'])

/** @type {Record<typeof NAMES[number], () => Command>} */
const LOAD = {
  // Each loaded only when it is asked for: the start is what a user of a shell waits for.
  list: () => require('./commands/list.js').list,
  url: () => require('./commands/url.js').url,
  wait: () => require('./commands/wait.js').wait,
  watch: () => require('./commands/watch.js').watch,
  doctor: () => require('./commands/doctor.js').doctor,
  env: () => require('./commands/env.js').env,
  fake: () => require('./commands/fake.js').fake,
  completion: () => require('./commands/completion.js').completion,
}

/**
 * @param {string} name
 * @returns {Command | undefined}
 */
function commandNamed(name) {
  return Object.hasOwn(LOAD, name) ? LOAD[/** @type {keyof typeof LOAD} */ (name)]() : undefined
}

function allCommands() {
  return NAMES.map((name) => LOAD[name]())
}

module.exports = { NAMES, allCommands, commandNamed }
