// How do the tarballs get to npm, so that nobody installs a main package before its addons are there?
//
//   npm run publish:all -- DIR               what the release workflow runs; what is published already is left alone
//   npm run publish:all -- DIR --dry-run     says what it would do
'use strict'

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const { PLATFORMS, packageName } = require('./platforms.js')
const { run } = require('./run.js')

const { name: main, version } = require('../package.json')

const [directory, option] = process.argv.slice(2)
if (!directory || (option !== undefined && option !== '--dry-run')) {
  console.error('Publish what? npm run publish:all -- DIR [--dry-run]')
  process.exit(2)
}

/** The main package comes last: it names the others. */
const names = [...PLATFORMS.map(packageName), main]
const files = names.map((name) => ({ name, file: path.resolve(directory, `${name}-${version}.tgz`) }))
const absent = files.filter(({ file }) => !fs.existsSync(file))
if (absent.length > 0) {
  console.error(
    `Not complete, so nothing is published. Missing:\n${absent.map(({ file }) => `  ${file}`).join('\n')}`,
  )
  process.exit(1)
}

/** @param {string} name */
const isPublished = (name) =>
  spawnSync('npm', ['view', `${name}@${version}`, 'version'], {
    stdio: 'ignore',
    shell: process.platform === 'win32',
  }).status === 0

for (const { name, file } of files) {
  if (option === '--dry-run') console.log(`would publish ${name}@${version} from ${file}`)
  else if (isPublished(name)) console.log(`${name}@${version} is published already`)
  else run('npm', ['publish', file, '--access', 'public', '--provenance'])
}
