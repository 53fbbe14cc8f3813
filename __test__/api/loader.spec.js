// Tests the loader of the addon, and its diagnosis where the addon does not load.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')

const { BUILDS, loadAddon } = require('../../lib/addon/load.js')
const { stageMain } = require('../../scripts/pack-stage.js')
const { PLATFORMS } = require('../../scripts/platforms.js')
const { PROJECT, runNode } = require('../support/run-node.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')

const { files, napi, version } = require('../../package.json')

const PLATFORM = /** @type {keyof typeof BUILDS} */ (`${process.platform}-${process.arch}`)
const BUILT = fs.readdirSync(PROJECT).find((name) => name.endsWith('.node')) ?? assert.fail('not built')
/** The build that runs here, such as `linux-x64-gnu`. */
const BUILD = BUILT.split('.')[1]
const COMMAND = `npm install --no-save --include=optional osaurus-discovery-${BUILD}@${version}`
const LOAD = path.join(PROJECT, '__test__', 'fixtures', 'package', 'load.js')

/** The header of an ELF file for a processor that Node does not support. */
const FOREIGN = Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(57, 0)])
FOREIGN.writeUInt16LE(3, 16)
FOREIGN.writeUInt16LE(243, 18)

/**
 * The node_modules of an app in which the package is installed without an addon.
 * @param {import('node:test').TestContext} t
 * @param {string} [directory]
 */
function install(t, directory = 'app') {
  const app = path.join(temporaryDirectory(t), directory)
  const modules = path.join(app, 'node_modules')
  const home = path.join(modules, 'osaurus-discovery')
  stageMain(home)
  fs.copyFileSync(LOAD, path.join(app, 'load.js'))
  return { app, modules, home, file: path.join(home, BUILT) }
}

/**
 * Installs the package of a platform.
 * @param {string} modules
 * @param {string} build
 * @param {string | Buffer} [addon] its content, or the file to copy; none for a package without it
 */
function installBuild(modules, build, addon) {
  const directory = path.join(modules, `osaurus-discovery-${build}`)
  const main = `osaurus-discovery.${build}.node`
  fs.mkdirSync(directory, { recursive: true })
  fs.writeFileSync(
    path.join(directory, 'package.json'),
    JSON.stringify({ name: path.basename(directory), main }),
  )
  if (typeof addon === 'string') fs.copyFileSync(addon, path.join(directory, main))
  else if (addon) fs.writeFileSync(path.join(directory, main), addon)
}

/**
 * Loads the package in a separate process.
 * @param {string} script the fixture load.js, or its bundle
 * @param {string[]} flags of Node
 * @returns {Promise<{ found?: number, code?: string, message: string, cause?: string }>}
 */
async function load(script, flags = []) {
  const { stdout, stderr } = await runNode([...flags, script, path.dirname(script)])
  assert.doesNotMatch(stderr, /Error/)
  return JSON.parse(stdout)
}

/** Loads the package that `install` has installed. @param {{ app: string }} installation @param {string[]} [flags] */
const loadInstalled = ({ app }, flags) => load(path.join(app, 'load.js'), flags)

test('the error names the platform, the file, the package and the command where the addon is not installed', async (t) => {
  const installation = install(t)
  const { code, message, cause } = await loadInstalled(installation)
  assert.equal(code, 'OSAURUS_ADDON_MISSING')
  assert.equal(cause, undefined)
  for (const part of [
    PLATFORM,
    `${installation.file}: not found`,
    `osaurus-discovery-${BUILD}: not found`,
    COMMAND,
  ])
    assert.ok(message.includes(part), `${part} in: ${message}`)
  assert.match(message, /optional dependency[^]*--omit=optional[^]*package-lock\.json/)
})

test('the package and that of this platform are sufficient, and load one file each', async (t) => {
  const installation = install(t)
  installBuild(installation.modules, BUILD, path.join(PROJECT, BUILT))
  assert.deepEqual(await loadInstalled(installation), { found: 0 })
  const script = `require(${JSON.stringify(installation.home)}); console.log(Object.keys(require.cache).join('\\n'))`
  const { stdout } = await runNode(['-e', script])
  const loaded = stdout
    .trim()
    .split('\n')
    .map((file) => path.basename(file))
  assert.deepEqual(loaded, ['index.js', BUILT])
})

test('the addon loads by its file name where the runtime does not read the package.json', async (t) => {
  const installation = install(t)
  installBuild(installation.modules, BUILD, path.join(PROJECT, BUILT))
  fs.writeFileSync(path.join(installation.modules, `osaurus-discovery-${BUILD}`, 'package.json'), '{}')
  assert.deepEqual(await loadInstalled(installation), { found: 0 })
})

test('a node_modules of another system is recognised', async (t) => {
  const installation = install(t)
  const other = PLATFORMS.find(({ os }) => os !== process.platform) ?? assert.fail()
  installBuild(installation.modules, other.build, FOREIGN)
  const { code, message } = await loadInstalled(installation)
  assert.equal(code, 'OSAURUS_ADDON_MISSING')
  assert.match(message, new RegExp(`Only osaurus-discovery-${other.build} is installed`))
  assert.ok(message.includes(COMMAND), message)
})

test('dangling links, which pnpm --no-optional leaves, are not installed addons', async (t) => {
  const installation = install(t)
  const other = PLATFORMS.find(({ os }) => os !== process.platform) ?? assert.fail()
  const link = path.join(installation.modules, `osaurus-discovery-${other.build}`)
  fs.symlinkSync(path.join(installation.app, 'nowhere'), link, 'junction')
  const { message } = await loadInstalled(installation)
  assert.doesNotMatch(message, /Only osaurus-discovery/)
  assert.match(message, /It was left out by/)
})

for (const [what, content, explanation] of /** @type {[string, Buffer, RegExp][]} */ ([
  ['another processor', FOREIGN, /made for another platform[^]*\n {2}npm install --no-save/],
  ['a download error', Buffer.from('<!doctype html><title>Not found</title>'), /is damaged[^]*\n {2}npm ci$/],
  ['an empty download', Buffer.alloc(0), /is damaged[^]*\n {2}npm ci$/],
])) {
  test(`the error quotes the system and explains the cause for a file of ${what}`, async (t) => {
    const installation = install(t)
    installBuild(installation.modules, BUILD, content)
    const { code, message, cause } = await loadInstalled(installation)
    assert.equal(code, 'OSAURUS_ADDON_MISSING')
    assert.ok(cause && message.includes(`package osaurus-discovery-${BUILD}: ${cause}`), message)
    assert.ok(message.includes(`${installation.file}: not found`), message)
    assert.match(message, explanation)
  })
}

test('a package that lacks its file is distinguished from one that is not installed', async (t) => {
  const installation = install(t)
  installBuild(installation.modules, BUILD)
  const { code, message, cause } = await loadInstalled(installation)
  assert.equal(code, 'OSAURUS_ADDON_MISSING')
  assert.match(String(cause), /Cannot find module/)
  assert.match(message, /damaged or incomplete[^]*\n {2}npm ci$/)
})

test('the error explains how to pack where the package is in an asar', async (t) => {
  const { message } = await loadInstalled(install(t, path.join('resources', 'app.asar')))
  assert.match(message, /packed in an asar[^]*asarUnpack[^]*external/)
  assert.ok(message.includes(COMMAND), message)
})

for (const format of /** @type {('cjs' | 'esm')[]} */ (['cjs', 'esm'])) {
  test(`the error explains how to keep the package external where it was bundled into ${format}`, async (t) => {
    const bundle = path.join(temporaryDirectory(t), 'dist', format === 'cjs' ? 'main.js' : 'main.mjs')
    // The usual banner, without which esbuild's ES modules cannot require even built-in modules.
    const banner = "import { createRequire } from 'module'; const require = createRequire(import.meta.url)"
    await require('esbuild').build({
      entryPoints: [LOAD],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format,
      alias: { 'osaurus-discovery': PROJECT },
      banner: format === 'esm' ? { js: banner } : {},
    })
    const { code, message } = await load(bundle)
    assert.equal(code, 'OSAURUS_ADDON_MISSING')
    assert.match(
      message,
      /was bundled into (a file of [^]*dist|an ES module), [^]*--external:osaurus-discovery/,
    )
    assert.ok(message.includes(`osaurus-discovery-${BUILD} in a node_modules beside the bundle`), message)
  })
}

test('the error explains how to build in a checkout', async (t) => {
  const installation = install(t)
  fs.writeFileSync(path.join(installation.home, 'Cargo.toml'), '')
  assert.match((await loadInstalled(installation)).message, /checkout[^]*npm run setup$/)
})

test('the error explains how to pack where npm pack packed a checkout', async (t) => {
  const installation = install(t)
  for (const name of ['package.json', ...files])
    fs.cpSync(path.join(PROJECT, name), path.join(installation.home, name), { recursive: true })
  assert.match(
    (await loadInstalled(installation)).message,
    /packed from a checkout[^]*npm run pack:all -- packages main /,
  )
})

test('the error names --no-addons where Node was started with it', async (t) => {
  const installation = install(t)
  installBuild(installation.modules, BUILD, path.join(PROJECT, BUILT))
  const { message } = await loadInstalled(installation, ['--no-addons'])
  assert.match(message, /Node was started with --no-addons/)
  assert.doesNotMatch(message, /npm|damaged/)
})

test('the error names --allow-addons under the permission model, and the flag makes the addon load', async (t) => {
  const installation = install(t)
  installBuild(installation.modules, BUILD, path.join(PROJECT, BUILT))
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission'
  const flags = [permission, '--allow-fs-read=*']
  const { message } = await loadInstalled(installation, flags)
  assert.match(message, /permission model is on[^]*\n {2}--allow-addons$/)
  assert.deepEqual(await loadInstalled(installation, [...flags, '--allow-addons']), { found: 0 })
})

test('the error lists the supported platforms on another one', () => {
  assert.throws(() => loadAddon('freebsd-x64', PROJECT, require), {
    code: 'OSAURUS_ADDON_MISSING',
    message:
      /on freebsd-x64\.[^]*built for darwin-arm64, darwin-x64, linux-arm64, linux-x64, win32-arm64, win32-x64 only/,
  })
})

test('the build for the other C library of Linux is tried where the first does not load', () => {
  const addon = {}
  /** @type {string[]} */
  const required = []
  const requireMusl = (/** @type {string} */ id) => {
    required.push(id)
    if (id.endsWith('musl')) return addon
    throw new Error('libc.so.6: cannot open shared object file')
  }
  assert.equal(loadAddon('linux-x64', '/nowhere', /** @type {any} */ (requireMusl)), addon)
  assert.deepEqual(required, ['osaurus-discovery-linux-x64-gnu', 'osaurus-discovery-linux-x64-musl'])
})

/** What package managers leave behind, and the command that fits. @type {[name: string, files: string[], command: RegExp][]} */
const MANAGERS = [
  ['npm', ['node_modules/.package-lock.json', 'yarn.lock'], /\n {2}npm install --no-save/],
  ['pnpm', ['node_modules/.modules.yaml', 'package-lock.json'], /\n {2}pnpm install$/],
  ['Yarn 1', ['node_modules/.yarn-integrity', 'yarn.lock'], /\n {2}yarn install --force$/],
  ['Yarn', ['node_modules/.yarn-state.yml', 'yarn.lock'], /supportedArchitectures[^]*\n {2}yarn install$/],
  ['Bun', ['bun.lock'], /\n {2}bun install$/],
]

for (const [name, files, command] of MANAGERS) {
  test(`the command is one of ${name} where ${files[0]} exists`, async (t) => {
    const installation = install(t)
    for (const file of files) fs.writeFileSync(path.join(installation.app, file), '')
    const { message } = await loadInstalled(installation)
    assert.match(message, command)
  })
}

test('the loader, the packages and the build list the same platforms', () => {
  assert.deepEqual(PLATFORMS.map(({ target }) => target).sort(), [...napi.targets].sort())
  const packed = PLATFORMS.map(({ os, cpu, build }) => `${os}-${cpu}: ${build}`)
  const loaded = Object.entries(BUILDS).flatMap(([platform, builds]) =>
    builds.map((build) => `${platform}: ${build}`),
  )
  assert.deepEqual(loaded.sort(), packed.sort())
})
