// Tests the types with the supported versions of TypeScript, @types/node and Electron, without skipLibCheck.
'use strict'

const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { promisify } = require('node:util')

const { stageMain } = require('../../scripts/pack-stage.js')
const { installOnce } = require('../support/package/tools.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')

const MODULES = path.join(__dirname, '..', '..', 'node_modules')
const FIXTURES = path.join(__dirname, '..', 'fixtures', 'package')
const SOURCES = ['typed.ts', 'typed-electron.ts']

/** Where each version of TypeScript is; 7 is a development dependency. */
const COMPILERS = ['5.0.4', '5.9.3', '7']
const NODE_TYPES = ['16.18.126', '20.0.0', '26.6.6']

/** @param {string} version @returns {string} a node_modules */
const compilerModules = (version) =>
  version === '7' ? MODULES : installOnce(`typescript@${version}`, [`typescript@${version}`])

/** @param {string} version @returns {string} a node_modules */
const nodeTypes = (version) => installOnce(`types-node@${version}`, [`@types/node@${version}`])

/**
 * Creates a project with the package and the given types.
 * @param {import('node:test').TestContext} t
 * @param {{ types: string, electron: boolean }} options
 */
function createProject(t, { types, electron }) {
  const directory = temporaryDirectory(t)
  const modules = path.join(directory, 'node_modules')
  stageMain(path.join(modules, 'osaurus-discovery'))
  for (const name of SOURCES) fs.copyFileSync(path.join(FIXTURES, name), path.join(directory, name))
  fs.mkdirSync(path.join(modules, '@types'))
  for (const name of ['@types/node', 'undici-types'])
    link(path.join(nodeTypes(types), name), path.join(modules, name))
  if (electron) link(path.join(MODULES, 'electron'), path.join(modules, 'electron'))
  return directory
}

/** Links a package, if it exists. @param {string} target @param {string} file */
function link(target, file) {
  if (fs.existsSync(target)) fs.symlinkSync(target, file, 'junction')
}

/**
 * Compiles the fixtures, and returns the errors in them and in the package. Old types of Node and Electron have errors of their
 * own with a new TypeScript, and new ones with an old.
 * @param {string} directory
 * @param {string} compiler
 * @param {string[]} lib
 */
async function compile(directory, compiler, lib) {
  const options = [
    ...['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'],
    ...['--skipLibCheck', 'false', '--preserveSymlinks', '--types', 'node', '--target', 'es2022'],
    ...['--lib', lib.join(), '--module', 'node16', '--moduleResolution', 'node16', '--pretty', 'false'],
  ]
  const tsc = path.join(compilerModules(compiler), 'typescript', 'bin', 'tsc')
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, ...options, ...SOURCES], {
    cwd: directory,
    maxBuffer: 2 ** 26,
  }).catch((error) => error)
  const errors = String(stdout)
    .split('\n')
    .filter((line) => /error TS/.test(line))
  return errors.filter((line) => /^(node_modules\/osaurus-discovery|typed|error)/.test(line))
}

for (const compiler of COMPILERS)
  for (const types of NODE_TYPES)
    for (const electron of [false, true])
      test(`TypeScript ${compiler} accepts the types with @types/node ${types}, ${electron ? 'with' : 'without'} Electron`, async (t) => {
        const directory = createProject(t, { types, electron })
        assert.deepEqual(
          await compile(directory, compiler, electron ? ['es2022', 'dom', 'dom.iterable'] : ['es2022']),
          [],
        )
      })

test('the types merge with those of explicit resource management in TypeScript', async (t) => {
  const directory = createProject(t, { types: '26.6.6', electron: false })
  assert.deepEqual(await compile(directory, '7', ['esnext', 'esnext.disposable']), [])
})

test('a type error of the project is reported', async (t) => {
  const directory = createProject(t, { types: '26.6.6', electron: false })
  fs.appendFileSync(path.join(directory, 'typed.ts'), 'export const wrong: number = options\n')
  assert.match((await compile(directory, '7', ['es2022'])).join(), /typed\.ts.*TS2322/)
})
