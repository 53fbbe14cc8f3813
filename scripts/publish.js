// Publishes the tarballs to npm, the main package after the addons that it needs.
//
//   npm run publish:all -- DIR               what the release workflow runs; skips what is published already
//   npm run publish:all -- DIR --dry-run     prints what it would publish
'use strict'

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const { PLATFORMS, packageName } = require('./platforms.js')
const { run } = require('./run.js')

const { name: main, version } = require('../package.json')

const [directory, option] = process.argv.slice(2)
if (!directory || (option !== undefined && option !== '--dry-run')) {
  console.error('Usage: npm run publish:all -- DIR [--dry-run]')
  process.exit(2)
}

/** The main package comes last, because it depends on the others. */
const names = [...PLATFORMS.map(packageName), main]
const files = names.map((name) => ({ name, file: path.resolve(directory, `${name}-${version}.tgz`) }))
const missing = files.filter(({ file }) => !fs.existsSync(file))
if (missing.length > 0) {
  console.error(
    `Nothing is published, because these tarballs are missing:\n${missing.map(({ file }) => `  ${file}`).join('\n')}`,
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
