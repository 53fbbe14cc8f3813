// Do the Electron helpers and what the documentation shows type-check against the newest typings of Electron, and old ones?
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const { run } = require('./run.js')

const root = path.join(__dirname, '..')
const scratch = path.join(root, 'target', 'electron-types')

/** The oldest version whose users we have in mind. It comes without its program, and with the typings of its Node. */
const OLD = '28.3.3'

/** @returns {string} the folder of its modules */
function bringOldTypings() {
  const folder = path.join(scratch, OLD)
  const modules = path.join(folder, 'node_modules')
  if (fs.existsSync(path.join(modules, 'electron', 'electron.d.ts'))) return modules
  fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }')
  const options = [
    '--prefix',
    folder,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-save',
    '--loglevel=error',
  ]
  run('npm', ['install', ...options, `electron@${OLD}`], { stdio: ['ignore', 'ignore', 'inherit'] })
  return modules
}

const old = bringOldTypings()
const { compilerOptions } = JSON.parse(fs.readFileSync(path.join(root, 'tsconfig.electron.json'), 'utf8'))
const config = path.join(scratch, 'tsconfig.json')
fs.writeFileSync(
  config,
  JSON.stringify({
    extends: '../../tsconfig.json',
    compilerOptions: {
      lib: compilerOptions.lib,
      exactOptionalPropertyTypes: true, // As the strictest apps have it.
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
console.log('The newest typings of Electron: good')
run('npx', ['tsc', '-p', config])
console.log(`The typings of Electron ${OLD}: good`)
