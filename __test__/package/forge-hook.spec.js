// Tests the hook for Electron Forge's Vite plugin in docs/troubleshooting.md.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')

const { temporaryDirectory } = require('../support/temporary-directory.js')

const PAGE = path.join(__dirname, '..', '..', 'docs', 'troubleshooting.md')
const [, CONFIG] =
  /```js\n(\/\/ forge\.config\.js\n[^]*?)```/.exec(fs.readFileSync(PAGE, 'utf8')) ?? assert.fail()

/** The files below a directory, in order. @param {string} directory */
const filesIn = (directory) =>
  fs
    .readdirSync(directory, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.replaceAll(path.sep, '/'))
    .sort()

/** Writes an installed package. @param {string} modules @param {string} name */
function install(modules, name) {
  const directory = path.join(modules, name)
  fs.mkdirSync(directory, { recursive: true })
  fs.writeFileSync(path.join(directory, 'package.json'), JSON.stringify({ name }))
  return directory
}

/** Runs the hook in an app, and returns the files that it copied. @param {string} app */
async function copiedFrom(app) {
  const file = path.join(app, 'forge.config.js')
  fs.writeFileSync(file, CONFIG)
  const build = path.join(app, 'build')
  fs.mkdirSync(build)
  await require(file).hooks.packageAfterCopy({}, build)
  return filesIn(build)
}

const COPIED = [
  'node_modules/osaurus-discovery-darwin-arm64/package.json',
  'node_modules/osaurus-discovery/package.json',
]

test("the hook copies the package and its platform's one, and no other", async (t) => {
  const app = temporaryDirectory(t)
  const modules = path.join(app, 'node_modules')
  for (const name of ['osaurus-discovery', 'osaurus-discovery-darwin-arm64', 'other']) install(modules, name)
  assert.deepEqual(await copiedFrom(app), COPIED)
})

test('the hook copies the packages behind the links of pnpm', async (t) => {
  const app = temporaryDirectory(t)
  const store = path.join(app, 'node_modules', '.pnpm')
  const inStore = path.join(store, 'osaurus-discovery@1.0.0', 'node_modules')
  const main = install(inStore, 'osaurus-discovery')
  const platform = install(path.join(store, 'platform', 'node_modules'), 'osaurus-discovery-darwin-arm64')
  fs.symlinkSync(platform, path.join(inStore, 'osaurus-discovery-darwin-arm64'), 'junction')
  fs.symlinkSync(main, path.join(app, 'node_modules', 'osaurus-discovery'), 'junction')
  assert.deepEqual(await copiedFrom(app), COPIED)
})
