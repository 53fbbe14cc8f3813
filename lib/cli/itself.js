// By which words does the reader of a hint run this command?
'use strict'

/**
 * Whoever came by npx, or by a script of npm, has no command of that name in the PATH of the own shell.
 * @param {NodeJS.ProcessEnv} [env]
 */
const itself = (env = process.env) =>
  env.npm_command === undefined ? 'osaurus-discovery' : 'npx osaurus-discovery'

module.exports = { itself }
