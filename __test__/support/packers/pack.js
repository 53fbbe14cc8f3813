// Packs the apps of the fixtures as their users do, from the packages that npm installs.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')

const { emptyProject } = require('../package/project.js')

const FIXTURES = path.join(__dirname, '..', '..', 'fixtures', 'packers')
const TROUBLESHOOTING = path.join(__dirname, '..', '..', '..', 'docs', 'troubleshooting.md')

/** An address without a server: a packer that downloads fails, even where there is a network. */
const NOWHERE = 'http://127.0.0.1:9/'

/**
 * @typedef {import('../package/project.js').Project} Project
 * @typedef {import('./tools.js').Packers} Packers
 * @typedef {(project: Project, packers: Packers, out: string) => Promise<unknown>} Pack
 */

/** How each app of the fixtures is packed. @type {Record<string, Pack>} */
const PACK = {
  packager: (project) => project.node('pack.mjs'),

  async 'electron-vite'(project, { modules, electron }, out) {
    await project.node(path.join(modules, 'electron-vite/bin/electron-vite.js'), 'build')
    const locations = [`-c.directories.output=${out}`, `-c.electronDist=${electron}`]
    const builder = path.join(modules, 'electron-builder/cli.js')
    await project.node(builder, '--dir', '-c', 'electron-builder.json', ...locations)
  },

  forge: (project, { modules }) =>
    project.node(path.join(modules, '@electron-forge/cli/dist/electron-forge.js'), 'package'),
}

/** The configuration of Forge that the documentation gives. */
function documentedForgeConfig() {
  const [, config] = /```js\n(\/\/ forge\.config\.js\n[^]*?)```/.exec(
    fs.readFileSync(TROUBLESHOOTING, 'utf8'),
  ) ?? [assert.fail()]
  return config
}

/**
 * Packs one app.
 * @param {{ after(fn: () => unknown): void }} t
 * @param {Packers} packers
 * @param {keyof typeof PACK} name
 * @param {string} [forgeConfig]
 * @returns {Promise<{ program: string, resources: string }>}
 */
async function packApp(t, packers, name, forgeConfig = documentedForgeConfig()) {
  const project = await emptyProject(t, {
    ELECTRON_MIRROR: NOWHERE,
    ELECTRON_BUILDER_BINARIES_MIRROR: NOWHERE,
    CI: 'true', // Forge draws no progress.
  })
  await project.npm('install', 'osaurus-discovery')
  for (const source of ['shared', name])
    fs.cpSync(path.join(FIXTURES, source), project.directory, { recursive: true })
  // Resolved from the parent directory, so that no packer finds it among the app's own packages.
  fs.symlinkSync(packers.modules, path.join(project.root, 'node_modules'), 'junction')

  const out = path.join(project.root, 'out')
  project.write('documented.config.js', forgeConfig)
  project.write('locations.json', JSON.stringify({ out, electronZipDir: packers.zips }))
  await PACK[name](project, packers, out)

  const [built] = fs.readdirSync(out, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const directory = path.join(out, built.name)
  return { program: path.join(directory, `packed-by-${name}`), resources: path.join(directory, 'resources') }
}

module.exports = { APPS: Object.keys(PACK), packApp }
