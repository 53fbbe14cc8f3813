// Installs the package managers, runtimes and bundlers that the tests of the packages run.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const { run } = require('../../../scripts/run.js')

const HOME = path.join(__dirname, '..', '..', '..', 'target', 'package-tools')

/** The packages of each tool, the program's first, and the path of its program. */
const TOOLS = {
  bun: { packages: ['bun@1.4.5'], program: 'bun/bin/bun.exe' },
  deno: { packages: ['deno@2.9.6'], program: 'deno/bin.cjs' },
  pnpm: { packages: ['pnpm@12.21.0'], program: '.bin/pnpm' },
  postject: { packages: ['postject@1.0.0-alpha.6'], program: 'postject/dist/cli.js' },
  rollup: {
    packages: [
      'rollup@4.68.8',
      '@rollup/plugin-commonjs@29.0.0',
      '@rollup/plugin-node-resolve@16.0.3',
      '@rollup/plugin-json@6.1.0',
    ],
    program: 'rollup/dist/bin/rollup',
  },
  yarn: { packages: ['@yarnpkg/cli-dist@4.18.1'], program: '@yarnpkg/cli-dist/bin/yarn.js' },
  yarn1: { packages: ['yarn@1.22.22'], program: 'yarn/bin/yarn.js' },
}

/** @typedef {keyof typeof TOOLS} Tool */

/**
 * Installs packages into a node_modules of their own, once.
 * @param {string} name of the directory
 * @param {string[]} packages
 * @returns {string} the node_modules
 */
function installOnce(name, packages) {
  const directory = path.join(HOME, name)
  const complete = path.join(directory, 'complete')
  if (!fs.existsSync(complete)) {
    fs.mkdirSync(directory, { recursive: true })
    fs.writeFileSync(path.join(directory, 'package.json'), '{ "private": true }')
    const options = [
      '--prefix',
      directory,
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      '--ignore-scripts=false',
    ]
    run('npm', ['install', ...options, ...packages], { stdio: ['ignore', 'ignore', 'inherit'] })
    fs.writeFileSync(complete, '')
  }
  return path.join(directory, 'node_modules')
}

/** The node_modules of a tool. @param {Tool} name */
function toolModules(name) {
  const { packages } = TOOLS[name]
  return installOnce(packages[0].replaceAll('/', '-'), packages)
}

/** The command that runs a tool, as a program and its first arguments. @param {Tool} name @returns {[string, ...string[]]} */
function toolCommand(name) {
  const program = fs.realpathSync(path.join(toolModules(name), TOOLS[name].program))
  return /\.(c?js|mjs)$/.test(program) || name === 'rollup' ? [process.execPath, program] : [program]
}

module.exports = { installOnce, toolCommand, toolModules }
