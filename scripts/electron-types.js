'use strict'
// Do the Electron helpers and what the documentation shows type-check against the newest typings of Electron, and old ones?

const fs = require('node:fs')
const path = require('node:path')

const { run } = require('./run.js')

const root = path.join(__dirname, '..')
const scratch = path.join(root, 'target', 'electron-types')

/** The oldest version whose users we have in mind. It comes as a package without its program. */
const OLD = '28.3.3'

/** @returns {string} the file with the typings */
function bringOldTypings() {
  const folder = path.join(scratch, OLD)
  const file = path.join(folder, 'package', 'electron.d.ts')
  if (fs.existsSync(file)) return file
  fs.mkdirSync(folder, { recursive: true })
  run('npm', ['pack', '--silent', `electron@${OLD}`, '--pack-destination', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  run('tar', ['-xzf', path.join(folder, `electron-${OLD}.tgz`), '-C', folder, 'package/electron.d.ts'])
  return file
}

const typings = bringOldTypings()
const { compilerOptions } = JSON.parse(fs.readFileSync(path.join(root, 'tsconfig.electron.json'), 'utf8'))
const config = path.join(scratch, 'tsconfig.json')
fs.writeFileSync(
  config,
  JSON.stringify({
    extends: '../../tsconfig.json',
    compilerOptions: {
      lib: compilerOptions.lib,
      // Without the package around them, they are a file beside ours.
      paths: { ...absolute(compilerOptions.paths), electron: [typings] },
      typeRoots: [path.join(root, 'node_modules', '@types')],
    },
    include: [
      path.join(root, 'electron.d.ts'),
      path.join(root, 'preload.d.ts'),
      path.join(root, '__test__/electron/types/*.ts'),
    ],
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
