// Type-checks the Electron helpers and the documentation's snippets against the newest and old types of Electron.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const { run } = require('./run.js')

const root = path.join(__dirname, '..')
const scratch = path.join(root, 'target', 'electron-types')

/** The oldest supported version for TypeScript users. Installed without its program, but with the types of its Node. */
const OLD = '28.3.3'

/** @returns {string} the directory of its modules */
function installOldTypes() {
  const directory = path.join(scratch, OLD)
  const modules = path.join(directory, 'node_modules')
  if (fs.existsSync(path.join(modules, 'electron', 'electron.d.ts'))) return modules
  fs.mkdirSync(directory, { recursive: true })
  fs.writeFileSync(path.join(directory, 'package.json'), '{ "private": true }')
  const options = [
    '--prefix',
    directory,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-save',
    '--loglevel=error',
  ]
  run('npm', ['install', ...options, `electron@${OLD}`], { stdio: ['ignore', 'ignore', 'inherit'] })
  return modules
}

const old = installOldTypes()
const { compilerOptions } = JSON.parse(fs.readFileSync(path.join(root, 'tsconfig.electron.json'), 'utf8'))
const config = path.join(scratch, 'tsconfig.json')
fs.writeFileSync(
  config,
  JSON.stringify({
    extends: '../../tsconfig.json',
    compilerOptions: {
      lib: compilerOptions.lib,
      exactOptionalPropertyTypes: true, // As in the strictest apps.
      paths: { ...absolute(compilerOptions.paths), electron: [path.join(old, 'electron', 'electron.d.ts')] },
      typeRoots: [path.join(old, '@types')],
    },
    include: ['electron.d.ts', 'preload.d.ts', '__test__/electron/types/*.ts'].map((each) =>
      path.join(root, each),
    ),
    exclude: [],
  }),
)

/** @param {Record<string, string[]>} paths */
function absolute(paths) {
  return Object.fromEntries(
    Object.entries(paths).map(([name, files]) => [name, files.map((file) => path.join(root, file))]),
  )
}

run('npx', ['tsc', '-p', 'tsconfig.electron.json'])
console.log('Types of the newest Electron: passed')
run('npx', ['tsc', '-p', config])
console.log(`Types of Electron ${OLD}: passed`)
