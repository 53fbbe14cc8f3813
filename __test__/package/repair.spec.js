// Tests that the commands in the loader's errors repair what package managers can leave behind.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')

const { PLATFORMS } = require('../../scripts/platforms.js')
const { emptyProject } = require('../support/package/project.js')

/** @typedef {import('../support/package/project.js').Project} Project */

/** Another system, for which package managers can install. */
const elsewhere = PLATFORMS.find(({ os }) => os !== process.platform && os !== 'linux') ?? assert.fail()
const ELSEWHERE = [`--os=${elsewhere.os}`, `--cpu=${elsewhere.cpu}`]

/** How the tests run the commands that an error names. @type {Record<string, import('../support/package/tools.js').Tool>} */
const TOOLS = { pnpm: 'pnpm', bun: 'bun' }

/**
 * Loads the package.
 * @param {Project} project
 * @returns {Promise<{ found?: number, code?: string, message: string }>}
 */
async function load(project) {
  project.copyFixture('load.js')
  const args = fs.existsSync(path.join(project.directory, '.pnp.cjs')) ? ['-r', './.pnp.cjs'] : []
  return JSON.parse(await project.node(...args, 'load.js', project.root))
}

/**
 * Follows the instructions of an error: deletes and configures what it names, and runs its commands.
 * @param {Project} project
 * @param {string} message
 * @param {'yarn' | 'yarn1'} yarn the version that the project uses
 */
async function follow(project, message, yarn) {
  const instructions = message.split('\n')
  if (instructions.some((line) => line.startsWith('Delete node_modules')))
    for (const name of ['node_modules', '.yarn/unplugged'])
      fs.rmSync(path.join(project.directory, name), { recursive: true, force: true })
  const setting = instructions.find((line) => line.startsWith('  supportedArchitectures'))
  if (setting) configureYarn(project, setting.trim())
  const commands = instructions.filter((line) => /^ {2}(npm|pnpm|yarn|bun) /.test(line))
  assert.ok(commands.length > 0, message)
  for (const command of commands) {
    const [program, ...args] = command.trim().split(' ')
    if (program === 'npm') await project.npm(...args)
    else await project.tool(TOOLS[program] ?? yarn, ...args)
  }
}

/** Replaces the settings of Yarn. @param {Project} project @param {string[]} lines */
function configureYarn(project, ...lines) {
  const file = path.join(project.directory, '.yarnrc.yml')
  const linker = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n')[0] : ''
  project.write('.yarnrc.yml', [linker, 'enableGlobalCache: false', ...lines, ''].join('\n'))
}

/** Overwrites the installed addon, but not the copy in a package manager's store. @param {Project} project */
function damage(project) {
  const names = fs.readdirSync(project.directory, { recursive: true, encoding: 'utf8' })
  const addons = names
    .filter((name) => name.endsWith('.node'))
    .map((name) => path.join(project.directory, name))
  assert.ok(addons.length > 0)
  for (const addon of addons) {
    fs.rmSync(addon)
    fs.writeFileSync(addon, 'half of a download')
  }
}

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {RegExp} says
 * @property {(project: Project) => Promise<unknown>} spoil
 * @property {'yarn' | 'yarn1'} [yarn]
 */

/** @type {Record<string, Case[]>} */
const CASES = {
  npm: [
    {
      name: 'optional dependencies were left out',
      says: /left out by --omit=optional/,
      spoil: async (project) => {
        await project.npm('install', '--omit=optional', 'osaurus-discovery')
        assert.deepEqual(project.installed(), ['osaurus-discovery'])
      },
    },
    {
      name: 'the .npmrc leaves optional dependencies out',
      says: /`omit` in an \.npmrc/,
      spoil: async (project) => {
        fs.appendFileSync(path.join(project.directory, '.npmrc'), 'omit=optional\n')
        await project.npm('install', 'osaurus-discovery')
      },
    },
    {
      name: 'node_modules was installed for another system',
      says: /Only osaurus-discovery-\S+ is installed/,
      spoil: async (project) => {
        await project.npm('install', ...ELSEWHERE, 'osaurus-discovery')
        assert.deepEqual(project.installed(), ['osaurus-discovery', `osaurus-discovery-${elsewhere.build}`])
      },
    },
    {
      name: 'the addon was damaged',
      says: /damaged/,
      spoil: async (project) => {
        await project.npm('install', 'osaurus-discovery')
        damage(project)
      },
    },
  ],
  pnpm: [
    {
      name: 'optional dependencies were left out',
      says: /left out by --no-optional/,
      spoil: (project) => project.tool('pnpm', 'add', '--no-optional', 'osaurus-discovery'),
    },
    {
      name: 'node_modules was installed for another system',
      says: /Only osaurus-discovery-\S+ is installed/,
      spoil: (project) => project.tool('pnpm', 'add', ...ELSEWHERE, 'osaurus-discovery'),
    },
    {
      name: 'the addon was damaged',
      says: /damaged/,
      spoil: async (project) => {
        await project.tool('pnpm', 'add', 'osaurus-discovery')
        damage(project)
      },
    },
  ],
  'Yarn 1': [
    {
      name: 'optional dependencies were left out',
      says: /left out by --ignore-optional/,
      spoil: (project) => project.tool('yarn1', 'add', '--ignore-optional', 'osaurus-discovery'),
      yarn: 'yarn1',
    },
    {
      name: 'node_modules was copied from another system',
      says: /Only osaurus-discovery-\S+ is installed/,
      spoil: async (project) => {
        await project.tool('yarn1', 'add', 'osaurus-discovery')
        // Yarn 1 ignores `libc`, so that there are two addons on Linux.
        const [name, ...others] = project.installed().filter((each) => each !== 'osaurus-discovery')
        const target = path.join(project.modules, `osaurus-discovery-${elsewhere.build}`)
        fs.renameSync(path.join(project.modules, name), target)
        for (const other of others) fs.rmSync(path.join(project.modules, other), { recursive: true })
      },
      yarn: 'yarn1',
    },
    {
      name: 'the addon was damaged',
      says: /damaged/,
      spoil: async (project) => {
        await project.tool('yarn1', 'add', 'osaurus-discovery')
        damage(project)
      },
      yarn: 'yarn1',
    },
  ],
  ...Object.fromEntries(
    ['pnp', 'node-modules'].map((linker) => [`Yarn with the linker ${linker}`, yarnCases(linker)]),
  ),
  Bun: [
    {
      name: 'optional dependencies were left out',
      says: /left out by --omit=optional/,
      spoil: (project) => project.tool('bun', 'add', '--omit=optional', 'osaurus-discovery'),
    },
    {
      name: 'node_modules was installed for another system',
      says: /Only osaurus-discovery-\S+ is installed/,
      spoil: (project) => project.tool('bun', 'add', ...ELSEWHERE, 'osaurus-discovery'),
    },
    {
      name: 'the addon was damaged',
      says: /damaged/,
      spoil: async (project) => {
        await project.tool('bun', 'add', 'osaurus-discovery')
        damage(project)
      },
    },
  ],
}

/** @param {string} linker @returns {Case[]} */
function yarnCases(linker) {
  /** @param {Project} project @param {string[]} settings */
  const add = (project, ...settings) => {
    project.write('yarn.lock', '')
    project.write('.yarnrc.yml', `nodeLinker: ${linker}\n`)
    configureYarn(project, ...settings)
    return project.tool('yarn', 'add', 'osaurus-discovery')
  }
  return [
    {
      name: 'supportedArchitectures lists another system only',
      says: /supportedArchitectures/,
      spoil: (project) =>
        add(project, `supportedArchitectures: { os: [${elsewhere.os}], cpu: [${elsewhere.cpu}] }`),
    },
    {
      name: 'the addon was damaged',
      says: /damaged/,
      spoil: async (project) => {
        await add(project)
        damage(project)
      },
    },
  ]
}

for (const [manager, cases] of Object.entries(CASES))
  describe(`with ${manager}`, () => {
    for (const { name, says, spoil, yarn = 'yarn' } of cases)
      test(`the error explains that ${name}, and its commands repair it`, async (t) => {
        const project = await emptyProject(t)
        await spoil(project)
        const { code, message } = await load(project)
        assert.equal(code, 'OSAURUS_ADDON_MISSING')
        assert.match(message, says)
        await follow(project, message, yarn)
        assert.deepEqual(await load(project), { found: 0 })
      })
  })
