// Tests the snippets of docs/electron.md and docs/sandboxed-apps.md: parsed, type-checked and, where possible, run.
'use strict'

const assert = require('node:assert/strict')
const { execFileSync, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { after, describe, test } = require('node:test')

const esbuild = require('esbuild')
const { createFakeAccessKey, startFakeOsaurus } = require('../../testing.js')
const { eventually } = require('../support/measure.js')
const { closeScreen, makeHome, startApp } = require('../support/electron/start.js')
const { major } = require('../support/electron/version.js')
const { openWindow } = require('../support/electron/windows.js')

const PROJECT = path.join(__dirname, '..', '..')
const PAGES = ['electron', 'sandboxed-apps']

after(closeScreen)

/**
 * The code of each snippet, by the file name in the comment of its first line.
 * @param {string} page
 */
function snippetsOf(page) {
  const text = fs.readFileSync(path.join(PROJECT, 'docs', `${page}.md`), 'utf8')
  /** @type {Map<string, string>} */
  const snippets = new Map()
  for (const [, indent, language, body] of text.matchAll(/^( *)```(\w+)\n([^]*?)^ *```$/gm)) {
    const code = body.replace(new RegExp(`^${indent}`, 'gm'), '')
    const name = /^(?:\/\/|<!--) (\S+)/.exec(code)?.[1]
    if (name) snippets.set(name, code)
    else assert.match(language, /^(json|sh|xml)$/, `a snippet without a file name in ${page}.md: ${code}`)
    if (language === 'json') JSON.parse(code)
  }
  assert.ok(snippets.size > 0)
  return snippets
}

/** Type-checks a reader's project. @param {string} directory @param {object} options @param {string[]} include */
function typecheck(directory, options, include) {
  const { compilerOptions } = JSON.parse(
    fs.readFileSync(path.join(PROJECT, 'tsconfig.electron.json'), 'utf8'),
  )
  const paths = Object.fromEntries(
    Object.entries(compilerOptions.paths).map(([name, [file]]) => [name, [path.join(PROJECT, file)]]),
  )
  const config = {
    extends: path.join(PROJECT, 'tsconfig.json'),
    compilerOptions: {
      ...{ lib: compilerOptions.lib, paths, typeRoots: [path.join(PROJECT, 'node_modules', '@types')] },
      ...options,
    },
    include,
    exclude: [],
  }
  const file = path.join(directory, `tsconfig-${include.length}.json`)
  fs.writeFileSync(file, JSON.stringify(config))
  const tsc = path.join(PROJECT, 'node_modules', '.bin', 'tsc')
  const { status, stdout } = spawnSync(tsc, ['-p', file], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  assert.equal(status, 0, stdout)
}

for (const page of PAGES)
  test(`the snippets of ${page}.md parse and type-check`, () => {
    // Inside the project, so that TypeScript finds the types of Electron.
    const directory = path.join(PROJECT, 'target', 'docs-check', page)
    fs.rmSync(directory, { recursive: true, force: true })
    fs.mkdirSync(directory, { recursive: true })
    const snippets = snippetsOf(page)
    for (const [name, code] of snippets) {
      fs.writeFileSync(path.join(directory, name), code)
      if (name.endsWith('.js')) execFileSync(process.execPath, ['--check', path.join(directory, name)])
    }
    const scripts = [...snippets.keys()].filter((name) => name.endsWith('.js'))
    // A reader's JavaScript has no annotations, so parameters may be implicitly any.
    typecheck(directory, { strict: false, noImplicitAny: false }, [
      ...scripts,
      path.join(PROJECT, 'preload.d.ts'),
    ])
    const typed = [...snippets.keys()].filter((name) => /\.m?ts$/.test(name))
    if (typed.length > 0) typecheck(directory, { module: 'esnext', moduleResolution: 'bundler' }, typed)
  })

describe('docs/electron.md in a real Electron', () => {
  const snippets = snippetsOf('electron')
  /** @param {string} name */
  const code = (name) => {
    const found = snippets.get(name)
    assert.ok(found, `no snippet ${name}`)
    return found
  }

  /**
   * Starts a reader's app made of these snippets.
   * @param {import('node:test').TestContext} t
   * @param {string} home
   * @param {string} main
   * @param {string[]} names
   */
  function startReadersApp(t, home, main, names) {
    const files = Object.fromEntries(names.map((name) => [name, code(name)]))
    return startApp(t, { home, main, files })
  }

  /** @param {Awaited<ReturnType<typeof startApp>>} app @param {string} text */
  const shows = (app, text) =>
    eventually(
      async () => (await app.page(() => document.querySelector('h1')?.textContent).catch(() => '')) === text,
      text,
    )

  for (const main of ['main.js', 'one-window.js'])
    test(`${main}, index.html and page.js show whether and where Osaurus is running`, async (t) => {
      const { home, baseDir } = makeHome(t)
      const app = await startReadersApp(t, home, code(main), ['index.html', 'page.js'])
      await shows(app, 'Osaurus is not running')
      const fake = await startFakeOsaurus({ baseDir })
      t.after(() => fake.stop())
      await shows(app, `Osaurus at ${fake.url}`)
      await fake.crash()
      await shows(app, 'Osaurus is not running')
      assert.deepEqual(app.pageErrors, [])
    })

  test("preload.js, bundled, exposes its own bridge and the package's to a sandboxed page", async (t) => {
    const { home } = makeHome(t)
    const main = `
      const { app, BrowserWindow } = require('electron')
      require('osaurus-discovery/electron').registerOsaurus()
      const preload = require('path').join(__dirname, 'bundle.js')
      const webPreferences = { preload, contextIsolation: true, sandbox: true }
      app.whenReady().then(() => new BrowserWindow({ webPreferences }).loadFile('page.html'))`
    const { outputFiles } = esbuild.buildSync({
      stdin: { contents: code('preload.js'), resolveDir: PROJECT },
      ...{ bundle: true, write: false, platform: 'node', target: 'chrome83', external: ['electron'] },
    })
    const app = await startApp(t, { home, main, files: { 'bundle.js': outputFiles[0].text } })
    const bridges = () => [typeof window.osaurus, typeof Reflect.get(window, 'app')]
    await eventually(
      async () => (await app.page(bridges).catch(() => [])).join() === 'object,object',
      'both bridges',
    )
    assert.equal(await app.page(() => window.osaurus.getInstance()), null)
  })

  test('watch.js has the newest instance in memory', async (t) => {
    const { home, baseDir } = makeHome(t)
    const app = await startReadersApp(
      t,
      home,
      `const { app } = require('electron')\napp.on('window-all-closed', () => {})`,
      ['watch.js'],
    )
    const fake = await startFakeOsaurus({ baseDir })
    t.after(() => fake.stop())
    await eventually(
      async () => (await app.main(({ require }) => require('./watch.js').latest()))?.url === fake.url,
      'the newest in memory',
    )
    assert.deepEqual(await app.quit(), { code: 0, signal: null })
  })

  test('trust.js denies every page outside its origin, including pages of the app', async (t) => {
    const { home } = makeHome(t)
    const app = await startReadersApp(t, home, code('trust.js'), [])
    await openWindow(app)
    const message = await app.page(() => window.osaurus.getInstance().then(String, (error) => error.message))
    assert.match(message, /\[OSAURUS_UNTRUSTED_SENDER\].*isTrustedSender did not return true/)
  })

  test(
    'models.js lists the models and reports that a key is required',
    { skip: major < 23 && 'createOsaurusFetch() needs Electron 23' },
    async (t) => {
      const { home, baseDir } = makeHome(t)
      const key = createFakeAccessKey()
      const fake = await startFakeOsaurus({ baseDir, models: ['a', 'b'], accessKey: key })
      t.after(() => fake.stop())
      const app = await startReadersApp(t, home, `require('electron')`, ['models.js'])
      const list = () => app.main(({ require }) => require('./models.js').listModels())
      assert.deepEqual(await list(), ['a', 'b'])
      await fake.setExposed(true)
      await assert.rejects(list(), /Osaurus asks for an access key/)
      await app.main(({ electron, require }, key) => {
        // Some Linux machines have no keychain.
        if (process.platform === 'linux') electron.safeStorage.setUsePlainTextEncryption(true)
        return require('./models.js').keys.set(key)
      }, key)
      assert.deepEqual(await list(), ['a', 'b'])
    },
  )
})
