// Tests that strict TypeScript apps compile against the package in every module system.
'use strict'

const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { PROJECT, runNode } = require('../support/run-node.js')
const { RUNNING_INSTANCE, runtimeDirectory } = require('../support/runtime-directory.js')

const TSC = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')

const FIXTURES = path.join(__dirname, '..', 'fixtures', 'api')
const GOOD = fs.readFileSync(path.join(FIXTURES, 'typed-app.mts'), 'utf8')
const USING = fs.readFileSync(path.join(FIXTURES, 'typed-disposal.mts'), 'utf8')
const UNDEFINED = fs.readFileSync(path.join(FIXTURES, 'undefined-options.mts'), 'utf8')

const PAGE = `
import type {} from 'osaurus-discovery/preload'
window.osaurus.onChange(({ instances }) => { document.title = instances[0]?.url ?? 'none' })
`

const WRONG = `
import { discoverLatestRunningInstance } from 'osaurus-discovery'
const port: string = (await discoverLatestRunningInstance({ baseDir: 5 })).port
`

/** What the types of the package need of @types/node, without the symbols for `using`. */
const OLD_NODE_TYPES = `
declare namespace NodeJS { interface EventEmitter {} }
declare module 'node:http' { export type IncomingHttpHeaders = Record<string, string | undefined> }
`

/**
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string>} files
 */
function makeApp(t, files) {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const app = path.join(runtime.root, 'app')
  fs.mkdirSync(path.join(app, 'node_modules', '@types'), { recursive: true })
  fs.symlinkSync(PROJECT, path.join(app, 'node_modules', 'osaurus-discovery'), 'dir')
  for (const name of ['@types/node', 'undici-types']) {
    fs.symlinkSync(path.join(PROJECT, 'node_modules', name), path.join(app, 'node_modules', name), 'dir')
  }
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(app, name), content)
  return { app, baseDir: runtime.baseDir }
}

/**
 * @param {string} app
 * @param {string[]} args
 * @returns {Promise<string>} the errors of the compiler, empty if there are none
 */
function compile(app, args) {
  const strict = [
    '--strict',
    '--exactOptionalPropertyTypes',
    '--noUncheckedIndexedAccess',
    '--target',
    'es2022',
  ]
  return new Promise((resolve) => {
    execFile(process.execPath, [TSC, ...strict, ...args], { cwd: app }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
}

/** @type {[name: string, file: string, options: string[]][]} */
const SYSTEMS = [
  ['a CommonJS app', 'main.cts', ['--module', 'node16']],
  ['an app of ES modules', 'main.mts', ['--module', 'node16']],
  ['a CommonJS app of the newest rules', 'main.cts', ['--module', 'nodenext']],
  ['an app of ES modules of the newest rules', 'main.mts', ['--module', 'nodenext']],
]

for (const [name, file, options] of SYSTEMS) {
  test(`${name} compiles and runs as compiled (${options.join(' ')})`, async (t) => {
    const { app, baseDir } = makeApp(t, { [file]: GOOD })
    assert.equal(await compile(app, [...options, '--types', 'node', file]), '')
    const { stdout, stderr } = await runNode([file.replace('ts', 'js'), baseDir], { cwd: app })
    assert.equal(stderr, '')
    assert.deepEqual(JSON.parse(stdout), [RUNNING_INSTANCE, [RUNNING_INSTANCE]])
  })
}

test('an app for a bundler compiles', async (t) => {
  const { app } = makeApp(t, { 'main.ts': GOOD })
  const bundler = ['--module', 'esnext', '--moduleResolution', 'bundler', '--noEmit']
  assert.equal(await compile(app, [...bundler, '--types', 'node', 'main.ts']), '')
})

test("a page's project compiles without types of Node and has the types of the bridge", async (t) => {
  const { app } = makeApp(t, { 'page.ts': PAGE })
  const page = ['--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2022,dom', '--noEmit']
  assert.equal(await compile(app, [...page, 'page.ts']), '')
})

test('options, and settings of the fake, may be undefined', async (t) => {
  const { app } = makeApp(t, { 'main.mts': UNDEFINED })
  assert.equal(await compile(app, ['--module', 'node16', '--types', 'node', '--noEmit', 'main.mts']), '')
})

test('an invalid option and an invalid use of the result do not compile', async (t) => {
  const { app } = makeApp(t, { 'main.mts': WRONG })
  const said = await compile(app, ['--module', 'node16', '--types', 'node', '--noEmit', 'main.mts'])
  assert.match(said, /Type 'number' is not assignable to type 'string'/)
  assert.equal(said.match(/error TS2322/g)?.length, 2)
})

test('the types compile where the compiler does not know Symbol.dispose, as before @types/node 20.2', async (t) => {
  const { app } = makeApp(t, { 'main.mts': UNDEFINED })
  const types = path.join(app, 'node_modules', '@types', 'node')
  fs.rmSync(types)
  fs.mkdirSync(types)
  fs.writeFileSync(path.join(types, 'package.json'), '{ "name": "@types/node", "types": "index.d.ts" }')
  fs.writeFileSync(path.join(types, 'index.d.ts'), OLD_NODE_TYPES)
  assert.equal(await compile(app, ['--module', 'node16', '--types', 'node', '--noEmit', 'main.mts']), '')
})

test('watchers and fakes are disposable where the compiler knows Symbol.dispose', async (t) => {
  const { app } = makeApp(t, { 'main.mts': USING })
  const lib = ['--lib', 'es2022,esnext.disposable', '--noEmit']
  assert.equal(await compile(app, ['--module', 'node16', '--types', 'node', ...lib, 'main.mts']), '')
})
