// Tests the content of the packages.
'use strict'

const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { promisify } = require('node:util')

const { MAX_BYTES } = require('../../scripts/check-size.js')
const { OLDEST_GLIBC } = require('../../scripts/pack-addon.js')
const { LATE } = require('../../scripts/pack-bundle.js')
const { PLATFORMS, addonFile, packageName } = require('../../scripts/platforms.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { content, list, tarballs } = require('../support/package/tarballs.js')

const root = path.join(__dirname, '..', '..')
const checkout = require('../../package.json')
const [main, ...platforms] = tarballs()

/** The unpacked size. @param {{ file: string }} tarball */
const bytes = ({ file }) => list(file).reduce((sum, { size }) => sum + size, 0)

/**
 * @param {string} program a development dependency
 * @param {string[]} args
 */
async function check(program, ...args) {
  const directory = path.join(root, 'node_modules', program)
  const { bin } = JSON.parse(fs.readFileSync(path.join(directory, 'package.json'), 'utf8'))
  const script = path.join(directory, typeof bin === 'string' ? bin : Object.values(bin)[0])
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], { cwd: root })
  return stdout
}

test('the tarballs are the main package and at least one platform package', () => {
  assert.equal(main.meta.name, 'osaurus-discovery')
  assert.ok(platforms.length > 0)
})

test('the main package contains one file for each entry point, the command, and what is loaded late', () => {
  const names = list(main.file).map(({ name }) => name)
  const expected = [
    'package.json',
    'README.md',
    'LICENSE',
    ...checkout.files.filter((/** @type {string} */ each) => each !== 'lib'),
    ...Object.values(checkout.bin),
    ...LATE,
  ]
  assert.deepEqual(names.sort(), expected.sort())
})

test('the JavaScript of the main package has names and line feeds that a person can read', () => {
  for (const { name } of list(main.file).filter(({ name }) => name.endsWith('.js'))) {
    const text = String(content(main.file, name))
    const lines = text.split('\n')
    assert.ok(text.length / lines.length < 60, `${name} has ${text.length} bytes in ${lines.length} lines`)
  }
  assert.match(
    String(content(main.file, 'index.js')),
    /^function discoverLatestRunningInstance\(options\) \{$/m,
  )
})

test('every relative import of the main package resolves to a file of it', () => {
  const names = list(main.file).map(({ name }) => name)
  const missing = names
    .filter((name) => name.endsWith('.js'))
    .flatMap((name) => {
      const requires = [
        ...String(content(main.file, name)).matchAll(/\b(?:require|import)\(["'](\.[^"']+)["']\)/g),
      ]
      return requires.map(([, id]) => path.posix.join(path.posix.dirname(name), id))
    })
    .filter((id) => ![id, `${id}.js`, id.replace(/\.js$/, '.d.ts')].some((name) => names.includes(name)))
  assert.deepEqual(missing, [])
})

test('the package.json has no install script and none of the fields that only a checkout needs', () => {
  for (const { meta } of [main, ...platforms])
    for (const field of ['devDependencies', 'dependencies', 'scripts', 'napi', 'overrides'])
      assert.equal(meta[field], undefined, `${field} of ${meta.name}`)
})

test('the main package depends on every platform package in its own version', () => {
  const expected = Object.fromEntries(PLATFORMS.map((platform) => [packageName(platform), checkout.version]))
  assert.deepEqual(main.meta.optionalDependencies, expected)
})

for (const tarball of platforms) {
  const { file, meta } = tarball
  const platform = PLATFORMS.find((each) => packageName(each) === meta.name) ?? assert.fail(meta.name)

  test(`${meta.name} contains its addon and is restricted to its platform`, () => {
    assert.deepEqual(
      list(file)
        .map(({ name }) => name)
        .sort(),
      ['LICENSE', 'README.md', addonFile(platform), 'package.json'].sort(),
    )
    const { version, main: entry, os, cpu, libc } = meta
    assert.deepEqual(
      { version, entry, os, cpu, libc },
      {
        version: checkout.version,
        entry: addonFile(platform),
        os: [platform.os],
        cpu: [platform.cpu],
        libc: platform.libc && [platform.libc],
      },
    )
  })

  const maximum = platform.os === 'darwin' ? MAX_BYTES.darwin : MAX_BYTES.others
  test(`${meta.name} and the main package together are at most ${maximum / 1e6} MB`, (t) => {
    const sum = bytes(main) + bytes(tarball)
    t.diagnostic(`${sum} bytes`)
    assert.ok(sum <= maximum, `${sum} bytes`)
  })
}

for (const { file, meta } of platforms.filter(({ meta: { libc } }) => libc?.[0] === 'glibc')) {
  test(`${meta.name} needs glibc ${OLDEST_GLIBC} or older`, () => {
    const text = content(file, meta.main).toString('latin1')
    const minors = [...text.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor))
    assert.ok(minors.length > 0)
    assert.equal(Math.max(...minors) <= Number(OLDEST_GLIBC.split('.')[1]), true, `2.${Math.max(...minors)}`)
  })
}

test('publint reports no problems', async (t) => {
  const directory = temporaryDirectory(t)
  await promisify(execFile)('tar', ['-xzf', main.file, '-C', directory])
  fs.accessSync(path.join(directory, 'package', 'index.js'))
  assert.match(await check('publint', '--strict', path.join(directory, 'package')), /All good!/)
})

test('are-the-types-wrong reports no problems for any resolver', async () => {
  const output = await check('@arethetypeswrong/cli', main.file, '--format', 'json')
  const { analysis, problems } = JSON.parse(output)
  assert.deepEqual(Object.keys(analysis.entrypoints).sort(), Object.keys(checkout.exports).sort())
  assert.deepEqual(problems ?? {}, {})
  assert.deepEqual(analysis.problems, [])
})
