// What does an app's developer read when the compiled addon is missing, and does it say what mends it?
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

const { napi, version } = require('../../package.json')

const PLATFORM = /** @type {keyof typeof BUILDS} */ (`${process.platform}-${process.arch}`)
const BUILT = fs.readdirSync(PROJECT).find((name) => name.endsWith('.node')) ?? assert.fail('not built')
/** As in `linux-x64-gnu`: the build that runs here. */
const BUILD = BUILT.split('.')[1]
const COMMAND = `npm install --no-save --include=optional osaurus-discovery-${BUILD}@${version}`

/** The head of a program for a processor that Node does not run on, so it loads nowhere. */
const FOREIGN = Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(57, 0)])
FOREIGN.writeUInt16LE(3, 16)
FOREIGN.writeUInt16LE(243, 18)

/**
 * The node_modules of an app that has the package, but no addon.
 * @param {import('node:test').TestContext} t
 * @param {string} [folder]
 */
function install(t, folder = 'app') {
  const modules = path.join(temporaryDirectory(t), folder, 'node_modules')
  const home = path.join(modules, 'osaurus-discovery')
  stageMain(home)
  return { modules, home, file: path.join(home, BUILT) }
}

/**
 * The package of a platform, with any file for an addon, or none.
 * @param {string} modules
 * @param {string} build
 * @param {string | Buffer} [addon] its content, or the file to copy
 */
function installBuild(modules, build, addon) {
  const folder = path.join(modules, `osaurus-discovery-${build}`)
  const main = `osaurus-discovery.${build}.node`
  fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: path.basename(folder), main }))
  if (typeof addon === 'string') fs.copyFileSync(addon, path.join(folder, main))
  else if (addon) fs.writeFileSync(path.join(folder, main), addon)
}

/**
 * Requires it in a process of its own.
 * @param {string} home
 * @returns {Promise<{ found?: number, code?: string, message: string, cause?: string }>}
 */
async function load(home) {
  const script = `
    try {
      const { listInstancesSync } = require(process.argv[1])
      console.log(JSON.stringify({ found: listInstancesSync({ baseDir: process.argv[2] }).length }))
    } catch ({ code, message, cause }) {
      console.log(JSON.stringify({ code, message, cause: cause && cause.message }))
    }`
  const { stdout, stderr } = await runNode(['-e', script, home, path.join(home, 'js')])
  assert.equal(stderr, '')
  return JSON.parse(stdout)
}

test('where it is missing, the error names the platform, the file, the package and the command', async (t) => {
  const { home, file } = install(t)
  const { code, message, cause } = await load(home)
  assert.equal(code, 'OSAURUS_ADDON_MISSING')
  assert.equal(cause, undefined)
  for (const part of [PLATFORM, `${file}: not there`, `osaurus-discovery-${BUILD}: not there`, COMMAND])
    assert.ok(message.includes(part), `${part} in: ${message}`)
  assert.match(message, /optional dependency[^]*--omit=optional[^]*package-lock\.json/)
})

test('the package of this platform is enough', async (t) => {
  const { home, modules } = install(t)
  installBuild(modules, BUILD, path.join(PROJECT, BUILT))
  assert.deepEqual(await load(home), { found: 0 })
})

test('a node_modules of another system is recognised', async (t) => {
  const { home, modules } = install(t)
  const other = PLATFORMS.find(({ os }) => os !== process.platform) ?? assert.fail()
  installBuild(modules, other.build, FOREIGN)
  const { code, message } = await load(home)
  assert.equal(code, 'OSAURUS_ADDON_MISSING')
  assert.match(message, new RegExp(`Only osaurus-discovery-${other.build} is installed`))
  assert.ok(message.includes(COMMAND), message)
})

for (const [what, content] of /** @type {[string, Buffer][]} */ ([
  ['of another processor', FOREIGN],
  ['that was damaged', Buffer.from('<!doctype html><title>Not found</title>')],
  ['that is empty', Buffer.alloc(0)],
])) {
  test(`for a file ${what} the error has the system's own words`, async (t) => {
    const { home, modules, file } = install(t)
    installBuild(modules, BUILD, content)
    const { code, message, cause } = await load(home)
    assert.equal(code, 'OSAURUS_ADDON_MISSING')
    assert.ok(cause && message.includes(`package osaurus-discovery-${BUILD}: ${cause}`), message)
    assert.ok(message.includes(`${file}: not there`), message)
    assert.match(message, /damaged, or meant for another system[^]*\n  npm ci$/)
  })
}

test('a package that lost its file is told apart from one that was never installed', async (t) => {
  const { home, modules } = install(t)
  installBuild(modules, BUILD)
  const { code, message, cause } = await load(home)
  assert.equal(code, 'OSAURUS_ADDON_MISSING')
  assert.match(String(cause), /Cannot find module/)
  assert.match(message, /damaged, or meant for another system[^]*\n  npm ci$/)
})

test('in an asar the error says how to pack', async (t) => {
  const { home } = install(t, path.join('resources', 'app.asar'))
  const { message } = await load(home)
  assert.match(message, /packed in an asar[^]*asarUnpack[^]*external/)
  assert.ok(message.includes(COMMAND), message)
})

test('in a bundle the error says how to leave the package out of it', async (t) => {
  const bundle = path.join(temporaryDirectory(t), 'dist', 'main.js')
  const entry = path.join(PROJECT, 'index.js')
  await require('esbuild').build({ entryPoints: [entry], outfile: bundle, bundle: true, platform: 'node' })
  const { code, message } = await load(bundle)
  assert.equal(code, 'OSAURUS_ADDON_MISSING')
  assert.match(message, /was bundled into a file of [^]*dist, [^]*--external:osaurus-discovery/)
  assert.ok(message.includes(`that of osaurus-discovery-${BUILD} in a node_modules`), message)
})

test('in a checkout the error says how to build', async (t) => {
  const { home } = install(t)
  fs.writeFileSync(path.join(home, 'Cargo.toml'), '')
  assert.match((await load(home)).message, /checkout[^]*npm run setup$/)
})

test('in what npm packs of a checkout the error says how to pack', async (t) => {
  const { home } = install(t)
  fs.copyFileSync(path.join(PROJECT, 'package.json'), path.join(home, 'package.json'))
  assert.match((await load(home)).message, /packed from a checkout[^]*npm run pack:all -- packages main /)
})

test('on a system that it is not built for the error says for which it is', () => {
  assert.throws(() => loadAddon('freebsd-x64', PROJECT, require), {
    code: 'OSAURUS_ADDON_MISSING',
    message:
      /on freebsd-x64\.[^]*built for darwin-arm64, darwin-x64, linux-arm64, linux-x64, win32-arm64, win32-x64 only/,
  })
})

test('where macOS refuses a signature the error says so', () => {
  const refuse = () => {
    throw new Error('dlopen(…): code signature in (…) not valid for use in process: different Team IDs')
  }
  assert.throws(() => loadAddon('darwin-arm64', '/nowhere', refuse), {
    code: 'OSAURUS_ADDON_MISSING',
    message: /different Team IDs\nmacOS refuses the file for its signature: sign every \.node file/,
  })
})

test('on Linux the build for the other C library is tried where the first does not load', () => {
  const addon = {}
  /** @type {string[]} */
  const asked = []
  const found = loadAddon('linux-x64', '/nowhere', (id) => {
    asked.push(id)
    if (id.endsWith('musl')) return addon
    throw new Error('libc.so.6: cannot open shared object file')
  })
  assert.equal(found, addon)
  assert.deepEqual(asked, ['osaurus-discovery-linux-x64-gnu', 'osaurus-discovery-linux-x64-musl'])
})

test('the loader, the packages and the build know the same platforms', () => {
  assert.deepEqual(PLATFORMS.map(({ target }) => target).sort(), [...napi.targets].sort())
  const packed = PLATFORMS.map(({ os, cpu, build }) => `${os}-${cpu}: ${build}`)
  const loaded = Object.entries(BUILDS).flatMap(([platform, builds]) =>
    builds.map((build) => `${platform}: ${build}`),
  )
  assert.deepEqual(loaded.sort(), packed.sort())
})
