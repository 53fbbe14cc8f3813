// Tests that docs/dependencies.md and the README list exactly what reaches users.
'use strict'

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')

const { PROJECT } = require('../support/run-node.js')

/** @type {Record<string, any>} */
const manifest = JSON.parse(fs.readFileSync(path.join(PROJECT, 'package.json'), 'utf8'))

/** The systems as the table calls them, by the middle of a target's name. @type {[RegExp, string][]} */
const SYSTEMS = [
  [/linux/, 'Linux'],
  [/darwin/, 'macOS'],
  [/windows/, 'Windows'],
]

/** Every crate in the builds of package.json: its licence and systems. */
function builtFrom() {
  /** @type {Map<string, { licence: string, systems: Set<string> }>} */
  const crates = new Map()
  for (const target of manifest.napi.targets) {
    const system = /** @type {[RegExp, string]} */ (SYSTEMS.find(([pattern]) => pattern.test(target)))[1]
    const args = [
      '--edges',
      'normal,no-proc-macro',
      '--prefix',
      'none',
      '--format',
      '{p}|{l}',
      '--target',
      target,
    ]
    const tree = execFileSync('cargo', ['tree', '--locked', ...args], { cwd: PROJECT, encoding: 'utf8' })
    for (const line of tree.trim().split('\n')) {
      const [crate, licence] = line.replace(/ \(\*\)$/, '').split('|')
      const [name] = crate.split(' ')
      if (name === manifest.name) continue
      const known = crates.get(name) ?? { licence, systems: new Set() }
      crates.set(name, { licence, systems: known.systems.add(system) })
    }
  }
  return [...crates]
    .map(([name, { licence, systems }]) => ({
      name,
      licence,
      systems:
        systems.size === 3
          ? 'all'
          : SYSTEMS.map((each) => each[1])
              .filter((each) => systems.has(each))
              .join(', '),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

const text = fs.readFileSync(path.join(PROJECT, 'docs/dependencies.md'), 'utf8')

test('the table of dependencies names every crate of every build, each with its licence and a reason', () => {
  const rows = text.split('\n').flatMap((line) => {
    const cells = /^\| `([^`]+)` *\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/.exec(line)
    if (!cells) return []
    const [name, licence, systems, reason] = cells.slice(1).map((cell) => cell.trim())
    return [{ name, licence, systems, reason }]
  })
  assert.deepEqual(
    rows.map(({ name, licence, systems }) => ({ name, licence, systems })),
    builtFrom(),
  )
  assert.ok(rows.every(({ reason }) => reason.length > 5))
  assert.ok(text.includes(`the ${rows.length} crates below`), `there are ${rows.length} crates`)
  const direct = rows.filter(({ reason }) => !reason.startsWith('used by `'))
  assert.ok(
    text.includes(`${direct.length} are direct dependencies`),
    `there are ${direct.length} direct dependencies`,
  )
  const readme = fs.readFileSync(path.join(PROJECT, 'README.md'), 'utf8')
  assert.ok(readme.includes(`[${rows.length} crates](docs/dependencies.md)`), 'the number in the README')
})

test('npm installs no third-party package', () => {
  assert.deepEqual(Object.keys(manifest.dependencies ?? {}), [])
  for (const name of Object.keys(manifest.optionalDependencies ?? {}))
    assert.match(name, /^osaurus-discovery-/)
  for (const script of ['preinstall', 'install', 'postinstall'])
    assert.equal(manifest.scripts[script], undefined)
})
