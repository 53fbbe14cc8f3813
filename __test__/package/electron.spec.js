// Does the package work in a real Electron's main process once a bundler, or an asar, had it in hand?
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

/** The main file of an app: it registers for its pages, looks once, prints what it finds, and quits. */
const MAIN = `
import { app } from 'electron'
import { discoverLatestRunningInstance } from 'osaurus-discovery'
import { registerOsaurus } from 'osaurus-discovery/electron'

app.whenReady().then(async () => {
  registerOsaurus()
  const found = await discoverLatestRunningInstance({ baseDir: process.env.OSAURUS_DIR })
  console.log('found ' + JSON.stringify(found))
  app.exit(0)
})
`

/** What Electron 9, the oldest that we support, understands. */
const TARGET = 'node12.14'

/** @typedef {import('../support/package/project.js').Project} Project */

// What a bundler leaves out is named with `*` for any characters, as esbuild has it.

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
  // Regular expressions of these are no JSON.
  const patterns = externals.map((name) => `^${name.replaceAll('.', '\\.').replaceAll('*', '.*')}$`)
  project.write('vite.config.json', JSON.stringify({ config, patterns }))
  project.write(
    'build.mjs',
    `import { readFileSync } from 'node:fs'
    import { build } from ${JSON.stringify(path.join(root, 'node_modules/vite/dist/node/index.js'))}
    const { config, patterns } = JSON.parse(readFileSync('vite.config.json', 'utf8'))
    config.build.rolldownOptions.external = patterns.map((pattern) => new RegExp(pattern))
    await build({ ...config, configFile: false })`,
  )
  await project.node('build.mjs')
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
    project.write('main.mjs', MAIN)
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

  /** @param {string} app a folder, or an asar */
  async function start(app) {
    const args = ['--no-sandbox', `--user-data-dir=${path.join(project.root, 'data')}`, app]
    const { stdout } = await promisify(execFile)(String(env.ELECTRON), args, { env, timeout: 60_000 })
    const found = /^found (.*)$/m.exec(stdout) ?? assert.fail(stdout)
    return JSON.parse(found[1])
  }

  /**
   * The app as packagers lay it out: the bundle, and what stays outside of it as npm installed it.
   * @param {string} name
   * @param {(name: string) => boolean} [keeps] which installed packages go with it
   */
  function layOut(name, keeps = () => true) {
    const app = path.join(project.root, name)
    fs.cpSync(path.join(project.folder, 'dist'), app, { recursive: true })
    fs.writeFileSync(path.join(app, 'package.json'), JSON.stringify({ name, main: 'main.js' }))
    for (const each of project.installed().filter(keeps))
      fs.cpSync(path.join(project.modules, each), path.join(app, 'node_modules', each), { recursive: true })
    return app
  }

  const whole = ['electron', 'osaurus-discovery', 'osaurus-discovery/electron']
  const addonOnly = ['electron', '*.node', 'osaurus-discovery-*']

  for (const [bundler, bundle] of Object.entries({ esbuild, vite })) {
    it(`bundled by ${bundler}, with the package external, finds Osaurus`, async () => {
      await bundle(project, whole)
      assert.deepEqual(await start(layOut(`${bundler}-external`)), RUNNING_INSTANCE)
    })

    it(`bundled by ${bundler} together with the package, the addon alone external, finds Osaurus`, async () => {
      await bundle(project, addonOnly)
      const app = layOut(`${bundler}-whole`, (name) => name !== 'osaurus-discovery')
      assert.deepEqual(await start(app), RUNNING_INSTANCE)
    })
  }

  it('packed in an asar, the addon unpacked, finds Osaurus', async () => {
    await esbuild(project, whole)
    const file = path.join(project.root, 'resources', 'app.asar')
    await asar.createPackageWithOptions(layOut('for-asar'), file, { unpack: '*.node' })
    const [addon] = project.installed().filter((name) => name !== 'osaurus-discovery')
    assert.equal(fs.existsSync(path.join(`${file}.unpacked`, 'node_modules', addon)), true)
    assert.deepEqual(await start(file), RUNNING_INSTANCE)
  })

  it('packed in an asar without the addon says how to pack it', async () => {
    await esbuild(project, whole)
    const file = path.join(project.root, 'lost', 'app.asar')
    await asar.createPackage(
      layOut('lost-addon', (name) => name === 'osaurus-discovery'),
      file,
    )
    const script = `try { require(${JSON.stringify(path.join(file, 'node_modules/osaurus-discovery'))}) }
      catch ({ code, message }) { console.log(code, message) }`
    const options = { env: { ...env, ELECTRON_RUN_AS_NODE: '1' } }
    const { stdout } = await promisify(execFile)(String(env.ELECTRON), ['-e', script], options)
    assert.match(stdout, /^OSAURUS_ADDON_MISSING [^]*packed in an asar[^]*asarUnpack/)
  })
})
