// Tests the package in an empty project right after npm install, without Rust.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { after, before, describe, it } = require('node:test')

const { PLATFORMS, packageName } = require('../../scripts/platforms.js')
const { RUNNING_INSTANCE } = require('../support/runtime-directory.js')
const { emptyProject, published } = require('../support/package/project.js')

const root = path.join(__dirname, '..', '..')
const { version } = require('../../package.json')
const TSC = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')

describe('a project that ran npm install osaurus-discovery', () => {
  /** @type {(() => unknown)[]} */
  const ends = []
  const t = { after: (/** @type {() => unknown} */ end) => void ends.push(end) }
  /** @type {import('../support/package/project.js').Project} */
  let project
  let baseDir = ''

  before(async () => {
    baseDir = published(t)
    project = await emptyProject(t)
    await project.npm('install', 'osaurus-discovery')
  })
  after(async () => {
    for (const end of ends.reverse()) await end()
  })

  it('a project with osaurus-discovery contains the addon of this platform and no other', () => {
    const here = PLATFORMS.filter(({ os, cpu }) => os === process.platform && cpu === process.arch)
    const [addon, ...others] = project.installed().filter((name) => name !== 'osaurus-discovery')
    assert.ok(here.map(packageName).includes(addon), addon)
    assert.deepEqual(others, [])
  })

  it('a project with osaurus-discovery compiles nothing', () => {
    assert.equal(fs.existsSync(project.compiled), false)
  })

  it('a project with osaurus-discovery does not install Electron, which plain Node does not need', () => {
    assert.equal(fs.existsSync(path.join(project.modules, 'electron')), false)
  })

  it('a project with osaurus-discovery finds Osaurus from CommonJS', async () => {
    project.write(
      'main.cjs',
      `const { listInstancesSync } = require('osaurus-discovery')
      console.log(JSON.stringify(listInstancesSync({ baseDir: process.argv[2] })))`,
    )
    assert.deepEqual(JSON.parse(await project.node('main.cjs', baseDir)), [RUNNING_INSTANCE])
  })

  it('a project with osaurus-discovery finds Osaurus from an ES module', async () => {
    project.write(
      'main.mjs',
      `import { discoverLatestRunningInstance } from 'osaurus-discovery'
      console.log(JSON.stringify(await discoverLatestRunningInstance({ baseDir: process.argv[2] })))`,
    )
    assert.deepEqual(JSON.parse(await project.node('main.mjs', baseDir)), RUNNING_INSTANCE)
  })

  it('a project with osaurus-discovery starts a fake Osaurus and finds it with verify', async () => {
    project.copyFixture('fake.mjs')
    assert.equal(await project.node('fake.mjs'), 'true\n')
  })

  for (const [kind, file, options] of /** @type {[string, string, string[]][]} */ ([
    ['CommonJS (node16)', 'typed.cts', ['--module', 'node16']],
    ['ES modules (node16)', 'typed.mts', ['--module', 'node16']],
    ['a bundler', 'typed.ts', ['--module', 'preserve', '--moduleResolution', 'bundler', '--noEmit']],
  ])) {
    it(`a project with osaurus-discovery compiles in strict TypeScript for ${kind}`, async () => {
      project.copyFixture('typed.ts', file)
      for (const name of ['@types/node', 'undici-types', 'electron'])
        link(path.join(root, 'node_modules', name), path.join(project.modules, name))
      const strict = [
        '--strict',
        '--exactOptionalPropertyTypes',
        '--noUncheckedIndexedAccess',
        '--types',
        'node',
      ]
      assert.equal(await project.node(TSC, ...strict, '--target', 'es2022', ...options, file), '')
      if (options.includes('--noEmit')) return
      const output = await project.node(file.replace('ts', 'js'), baseDir)
      assert.deepEqual(JSON.parse(output), [RUNNING_INSTANCE, 'http://127.0.0.1:1337/v1'])
    })
  }

  it('a project with osaurus-discovery provides the command osaurus-discovery', async () => {
    const npx = (/** @type {string[]} */ ...args) =>
      project.run('npx', '--no-install', 'osaurus-discovery', ...args)
    assert.equal(await npx('--version'), `${version}\n`)
    assert.equal(await npx('url', '--no-verify', '--base-dir', baseDir), 'http://127.0.0.1:1337\n')
  })
})

// No version range includes prereleases, so the peer dependency must be `*`.
for (const version of ['9.0.0', '46.0.0-beta.1'])
  it(`npm install accepts Electron ${version} as the peer dependency`, async (t) => {
    const project = await emptyProject(t)
    project.write('electron/package.json', JSON.stringify({ name: 'electron', version }))
    await project.npm('install', '--install-links', './electron')
    await project.npm('install', 'osaurus-discovery')
    // Fails if the peer dependency is not satisfied.
    assert.match(
      await project.npm('ls', 'electron'),
      new RegExp(`osaurus-discovery@.*\\n.*electron@${version} deduped`),
    )
  })

/** @param {string} target @param {string} file */
function link(target, file) {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  if (!fs.existsSync(file)) fs.symlinkSync(target, file, 'junction')
}
