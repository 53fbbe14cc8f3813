// Tests the package in the main process of a real Electron, bundled and packed in an asar.
'use strict'

const asar = require('@electron/asar')
const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { after, before, describe, it } = require('node:test')
const { promisify } = require('node:util')

const { installElectron, startScreen } = require('../../scripts/electron.js')
const { RUNNING_INSTANCE } = require('../support/runtime-directory.js')
const { emptyProject, published } = require('../support/package/project.js')

const root = path.join(__dirname, '..', '..')

/** The syntax that Electron 9, the oldest supported version, understands. */
const TARGET = 'node12.14'

/** @typedef {import('../support/package/project.js').Project} Project */

// External packages are named with `*` for any characters, as in esbuild.

/** @param {Project} project @param {string[]} externals */
async function esbuild(project, externals) {
  const program = path.join(root, 'node_modules', 'esbuild', 'bin', 'esbuild')
  const flags = ['--bundle', '--platform=node', `--target=${TARGET}`, '--outfile=dist/main.js']
  await project.run(program, 'main.mjs', ...flags, ...externals.map((name) => `--external:${name}`))
}

/** @param {Project} project @param {string[]} externals */
async function vite(project, externals) {
  const config = {
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: {
      ssr: 'main.mjs',
      target: TARGET,
      rolldownOptions: { output: { format: 'cjs', entryFileNames: 'main.js' } },
    },
  }
  // JSON has no regular expressions.
  const patterns = externals.map((name) => `^${name.replaceAll('.', '\\.').replaceAll('*', '.*')}$`)
  project.write('vite.config.json', JSON.stringify({ config, patterns }))
  project.copyFixture('vite-build.mjs')
  await project.node('vite-build.mjs', path.join(root, 'node_modules/vite/dist/node/index.js'))
}

describe('an Electron app', () => {
  /** @type {(() => unknown)[]} */
  const ends = []
  const t = { after: (/** @type {() => unknown} */ end) => void ends.push(end) }
  /** @type {Project} */
  let project
  /** @type {NodeJS.ProcessEnv} */
  let env

  before(async () => {
    const electron = await installElectron()
    project = await emptyProject(t)
    await project.npm('install', 'osaurus-discovery')
    project.copyFixture('electron-main.mjs', 'main.mjs')
    env = { ...project.env, ELECTRON: electron, OSAURUS_DIR: published(t) }
    if (process.platform === 'linux') {
      const { display, stop } = await startScreen()
      t.after(stop)
      env.DISPLAY = display
    }
  })
  after(async () => {
    for (const end of ends.reverse()) await end()
  })

  /** @param {string} app a directory or an asar */
  async function start(app) {
    const args = ['--no-sandbox', `--user-data-dir=${path.join(project.root, 'data')}`, app]
    const { stdout } = await promisify(execFile)(String(env.ELECTRON), args, { env, timeout: 60_000 })
    const found = /^found (.*)$/m.exec(stdout) ?? assert.fail(stdout)
    return JSON.parse(found[1])
  }

  /**
   * Lays the app out as packagers do: the bundle, and beside it the external packages as npm installed them.
   * @param {string} name
   * @param {(name: string) => boolean} [keeps] selects the installed packages to copy
   */
  function layOut(name, keeps = () => true) {
    const app = path.join(project.root, name)
    fs.cpSync(path.join(project.directory, 'dist'), app, { recursive: true })
    fs.writeFileSync(path.join(app, 'package.json'), JSON.stringify({ name, main: 'main.js' }))
    for (const each of project.installed().filter(keeps))
      fs.cpSync(path.join(project.modules, each), path.join(app, 'node_modules', each), { recursive: true })
    return app
  }

  const wholePackage = ['electron', 'osaurus-discovery', 'osaurus-discovery/electron']
  const addonOnly = ['electron', '*.node', 'osaurus-discovery-*']

  for (const [bundler, bundle] of Object.entries({ esbuild, vite })) {
    it(`an Electron app finds Osaurus when ${bundler} bundles it with the package external`, async () => {
      await bundle(project, wholePackage)
      assert.deepEqual(await start(layOut(`${bundler}-external`)), RUNNING_INSTANCE)
    })

    it(`an Electron app finds Osaurus when ${bundler} bundles it with only the addon external`, async () => {
      await bundle(project, addonOnly)
      const app = layOut(`${bundler}-whole`, (name) => name !== 'osaurus-discovery')
      assert.deepEqual(await start(app), RUNNING_INSTANCE)
    })
  }

  it('an Electron app finds Osaurus when it is packed in an asar with the addon unpacked', async () => {
    await esbuild(project, wholePackage)
    const file = path.join(project.root, 'resources', 'app.asar')
    await asar.createPackageWithOptions(layOut('for-asar'), file, { unpack: '*.node' })
    const [addon] = project.installed().filter((name) => name !== 'osaurus-discovery')
    assert.equal(fs.existsSync(path.join(`${file}.unpacked`, 'node_modules', addon)), true)
    assert.deepEqual(await start(file), RUNNING_INSTANCE)
  })

  it('an Electron app explains how to pack the addon when the asar lacks it', async () => {
    await esbuild(project, wholePackage)
    const file = path.join(project.root, 'missing', 'app.asar')
    await asar.createPackage(
      layOut('missing-addon', (name) => name === 'osaurus-discovery'),
      file,
    )
    const script = `try { require(${JSON.stringify(path.join(file, 'node_modules/osaurus-discovery'))}) }
      catch ({ code, message }) { console.log(code, message) }`
    const options = { env: { ...env, ELECTRON_RUN_AS_NODE: '1' } }
    const { stdout } = await promisify(execFile)(String(env.ELECTRON), ['-e', script], options)
    assert.match(stdout, /^OSAURUS_ADDON_MISSING [^]*packed in an asar[^]*asarUnpack/)
  })
})
