// Do the commands that the loader's errors name really mend what npm can leave behind?
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')

const { PLATFORMS } = require('../../scripts/platforms.js')
const { emptyProject } = require('../support/package/project.js')

const LOAD = `
  try {
    require('osaurus-discovery')
    console.log('loaded')
  } catch ({ code, message }) {
    console.log(code + '\\n' + message)
  }`

/** Another system, for which npm can be told to install. */
const elsewhere = PLATFORMS.find(({ os }) => os !== process.platform && os !== 'linux') ?? assert.fail()

/** @param {import('../support/package/project.js').Project} project */
const load = (project) => project.node('-e', LOAD)

/**
 * The command of the error's first line that begins with npm, run as the user would.
 * @param {import('../support/package/project.js').Project} project
 * @param {string} said
 */
async function obey(project, said) {
  const command = said.split('\n').find((line) => line.startsWith('  npm ')) ?? assert.fail(said)
  const [, ...args] = command.trim().split(' ')
  await project.npm(...args)
}

/**
 * @param {string} name
 * @param {RegExp} says what the error explains
 * @param {(project: import('../support/package/project.js').Project) => Promise<void>} spoil
 */
function mends(name, says, spoil) {
  test(`${name}: the error says so, and its command mends it`, async (t) => {
    const project = await emptyProject(t)
    await spoil(project)
    const said = await load(project)
    assert.match(said, /^OSAURUS_ADDON_MISSING\n/)
    assert.match(said, says)
    await obey(project, said)
    assert.equal(await load(project), 'loaded\n')
  })
}

mends('optional dependencies were left out', /left out by --omit=optional/, async (project) => {
  await project.npm('install', '--omit=optional', 'osaurus-discovery')
  assert.deepEqual(project.installed(), ['osaurus-discovery'])
})

mends('the project leaves them out always', /`omit` in an \.npmrc/, async (project) => {
  project.write('.npmrc', 'omit=optional\n')
  await project.npm('install', 'osaurus-discovery')
})

mends(
  'node_modules was installed for another system',
  /Only osaurus-discovery-\S+ is installed/,
  async (project) => {
    await project.npm('install', `--os=${elsewhere.os}`, `--cpu=${elsewhere.cpu}`, 'osaurus-discovery')
    assert.deepEqual(project.installed(), ['osaurus-discovery', `osaurus-discovery-${elsewhere.build}`])
  },
)

mends('the addon was damaged', /damaged, or meant for another system/, async (project) => {
  await project.npm('install', 'osaurus-discovery')
  const [name] = project.installed().filter((each) => each !== 'osaurus-discovery')
  const folder = path.join(project.modules, name)
  const addon = fs.readdirSync(folder).find((each) => each.endsWith('.node')) ?? assert.fail()
  fs.writeFileSync(path.join(folder, addon), 'half of a download')
})
