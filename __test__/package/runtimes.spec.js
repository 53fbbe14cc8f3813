// Tests that the loader's errors name the solution for other runtimes, executables and bundlers, and that it works.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { after, before, describe, it } = require('node:test')

const { emptyProject } = require('../support/package/project.js')

const root = path.join(__dirname, '..', '..')
const ESBUILD = path.join(root, 'node_modules', 'esbuild', 'bin', 'esbuild')
const VITE = path.join(root, 'node_modules', 'vite', 'dist', 'node', 'index.js')

/** Marks the place of an application in a Node executable. */
const SEA_FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/** The fixture reads it as a directory without instances. */
const EMPTY = path.join(__dirname, '..', 'fixtures')

/** @typedef {{ found?: number, code?: string, message: string }} Outcome */

describe('in a project with the package', () => {
  /** @type {(() => unknown)[]} */
  const ends = []
  const t = { after: (/** @type {() => unknown} */ end) => void ends.push(end) }
  /** @type {import('../support/package/project.js').Project} */
  let project

  before(async () => {
    project = await emptyProject(t)
    await project.npm('install', 'osaurus-discovery')
    for (const name of ['load.js', 'load-from-executable.js']) project.copyFixture(name)
    // Deno treats .js as an ES module.
    project.copyFixture('load.js', 'load.cjs')
  })
  after(async () => {
    for (const end of ends.reverse()) await end()
  })

  /** @param {Promise<string>} output @returns {Promise<Outcome>} */
  const outcome = async (output) => JSON.parse(await output)

  /** Moves a program to a directory without a node_modules above. @param {string} name */
  function moveAway(name) {
    const directory = fs.mkdtempSync(path.join(project.root, 'elsewhere-'))
    fs.renameSync(path.join(project.directory, name), path.join(directory, name))
    return path.join(directory, name)
  }

  /** Copies the installed packages beside a program. @param {string} program */
  function shipModules(program) {
    for (const name of project.installed())
      fs.cpSync(path.join(project.modules, name), path.join(path.dirname(program), 'node_modules', name), {
        recursive: true,
      })
  }

  it('the error names the permissions that Deno needs, and they are sufficient', async () => {
    const denied = await outcome(
      project.tool('deno', 'run', '--no-prompt', '--allow-read', 'load.cjs', EMPTY),
    )
    assert.equal(denied.code, 'OSAURUS_ADDON_MISSING')
    const [, flags] = /\n {2}deno run (.*)$/.exec(denied.message) ?? assert.fail(denied.message)
    assert.deepEqual(
      await outcome(project.tool('deno', 'run', '--no-prompt', ...flags.split(' '), 'load.cjs', EMPTY)),
      { found: 0 },
    )
  })

  it('Bun loads the package', async () => {
    assert.deepEqual(await outcome(project.tool('bun', 'load.js', EMPTY)), { found: 0 })
  })

  it('the error explains how an executable that Bun compiled loads the package, and that works', async () => {
    /** @param {string} script @param {string[]} flags */
    const compile = async (script, ...flags) => {
      await project.tool('bun', 'build', '--compile', ...flags, script, '--outfile', 'compiled')
      return moveAway('compiled')
    }
    const bundled = await compile('load.js')
    // Bun compiles in the paths of the modules, so the addon is found as long as it is there.
    const hidden = path.join(project.directory, 'hidden')
    fs.renameSync(project.modules, hidden)
    const { code, message } = await outcome(project.run(bundled, EMPTY)).finally(() =>
      fs.renameSync(hidden, project.modules),
    )
    assert.equal(code, 'OSAURUS_ADDON_MISSING')
    assert.match(message, /--external osaurus-discovery[^]*createRequire\(process\.execPath\)/)

    const program = await compile('load-from-executable.js', '--external', 'osaurus-discovery')
    shipModules(program)
    assert.deepEqual(await outcome(project.run(program, EMPTY)), { found: 0 })
  })

  const canInject = process.platform === 'linux' && Number(process.versions.node.split('.')[0]) >= 20
  const skip = !canInject && 'needs Linux, where executables need no signature, and Node 20'
  it(
    'the error explains how a single executable application loads the package, and that works',
    { skip },
    async () => {
      /** @param {string} script @param {string[]} flags */
      const compile = async (script, ...flags) => {
        await project.run(ESBUILD, script, '--bundle', '--platform=node', '--outfile=bundle.js', ...flags)
        const config = { main: 'bundle.js', output: 'application.blob', disableExperimentalSEAWarning: true }
        project.write('sea.json', JSON.stringify(config))
        await project.node('--experimental-sea-config', 'sea.json')
        fs.copyFileSync(process.execPath, path.join(project.directory, 'application'))
        await project.tool(
          'postject',
          'application',
          'NODE_SEA_BLOB',
          'application.blob',
          '--sentinel-fuse',
          SEA_FUSE,
        )
        return moveAway('application')
      }
      const { code, message } = await outcome(project.run(await compile('load.js'), EMPTY))
      assert.equal(code, 'OSAURUS_ADDON_MISSING')
      assert.match(message, /--external:osaurus-discovery[^]*createRequire\(process\.execPath\)/)

      const program = await compile('load-from-executable.js', '--external:osaurus-discovery')
      shipModules(program)
      assert.deepEqual(await outcome(project.run(program, EMPTY)), { found: 0 })
    },
  )

  for (const [format, extension] of [
    ['cjs', 'cjs'],
    ['es', 'mjs'],
  ])
    it(`the error names the setting of Rollup for a bundle in ${format}, and the setting works`, async () => {
      const output = `dist-rollup/main.${extension}`
      project.copyFixture('rollup.config.mjs')
      /** @param {string} [external] */
      const bundle = async (external) => {
        const environment = `OUTPUT:${output},FORMAT:${format}${external ? `,EXTERNAL:${external}` : ''}`
        await project.tool('rollup', '--config', '--silent', '--environment', environment)
        return outcome(project.node(output, EMPTY))
      }
      const { code, message } = await bundle()
      assert.equal(code, 'OSAURUS_ADDON_MISSING')
      const [, pattern] = /Rollup, Vite: external: \[\/(.*)\/\]/.exec(message) ?? assert.fail(message)
      assert.deepEqual(await bundle(pattern), { found: 0 })
    })

  it('the error names the setting of Vite for an ES module, which lacks __dirname, and the setting works', async () => {
    project.copyFixture('vite-build.mjs')
    /** @param {string[]} patterns */
    const bundle = async (...patterns) => {
      const output = { format: 'es', entryFileNames: 'main.mjs' }
      const build = { ssr: 'load.js', outDir: 'dist-vite', rolldownOptions: { output } }
      const config = { logLevel: 'warn', ssr: { noExternal: true }, build }
      project.write('vite.config.json', JSON.stringify({ config, patterns }))
      await project.node('vite-build.mjs', VITE)
      return moveAway('dist-vite')
    }
    const directory = await bundle()
    const { code, message } = await outcome(project.node(path.join(directory, 'main.mjs'), EMPTY))
    assert.equal(code, 'OSAURUS_ADDON_MISSING')
    const [, pattern] = /Rollup, Vite: external: \[\/(.*)\/\]/.exec(message) ?? assert.fail(message)
    const program = path.join(await bundle(pattern), 'main.mjs')
    shipModules(program)
    assert.deepEqual(await outcome(project.node(program, EMPTY)), { found: 0 })
  })
})
