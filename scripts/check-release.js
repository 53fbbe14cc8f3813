// Checks that every file that names the version names the same one, and that the tag of a release does.
//
//   npm run check:release               package.json, package-lock.json, Cargo.toml, Cargo.lock, CHANGELOG.md
//   npm run check:release -- v0.1.0     also that tag, and that the changelog has a date for the version
'use strict'

const fs = require('node:fs')
const path = require('node:path')

/** @param {string} name */
const read = (name) => fs.readFileSync(path.join(__dirname, '..', name), 'utf8')

const [tag] = process.argv.slice(2)
const { version } = JSON.parse(read('package.json'))

const escaped = version.replaceAll('.', '\\.')
/** @type {[place: string, found: string | undefined][]} */
const places = [
  ['package-lock.json', JSON.parse(read('package-lock.json')).version],
  ['Cargo.toml', /^version = "(.*)"$/m.exec(read('Cargo.toml'))?.[1]],
  ['Cargo.lock', /^name = "osaurus-discovery"\nversion = "(.*)"$/m.exec(read('Cargo.lock'))?.[1]],
  ['CHANGELOG.md', new RegExp(`^## \\[(${escaped})\\]`, 'm').exec(read('CHANGELOG.md'))?.[1]],
  ...(tag === undefined ? [] : /** @type {[string, string][]} */ ([['The tag', tag.replace(/^v/, '')]])),
]

const wrong = places.filter(([, found]) => found !== version)
for (const [place, found] of wrong)
  console.error(
    found
      ? `${place} names version ${found}, but package.json ${version}`
      : `${place} does not name version ${version}`,
  )
if (
  tag !== undefined &&
  !new RegExp(`^## \\[${escaped}\\] - \\d{4}-\\d\\d-\\d\\d$`, 'm').test(read('CHANGELOG.md'))
) {
  console.error(`CHANGELOG.md lacks the heading "## [${version}] - YYYY-MM-DD"`)
  process.exitCode = 1
}
if (wrong.length > 0) process.exitCode = 1
else if (!process.exitCode) console.log(`Every file names version ${version}`)
