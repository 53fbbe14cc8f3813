// Is in the packages what users need, all of it, and nothing else?
'use strict'

const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { promisify } = require('node:util')

const { MOST_BYTES } = require('../../scripts/check-size.js')
const { OLDEST_GLIBC } = require('../../scripts/pack-addon.js')
const { PLATFORMS, addonFile, packageName } = require('../../scripts/platforms.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { content, list, tarballs } = require('../support/package/tarballs.js')

const root = path.join(__dirname, '..', '..')
const checkout = require('../../package.json')
const [main, ...platforms] = tarballs()

/** @param {{ file: string }} tarball */
const bytes = ({ file }) => list(file).reduce((sum, { size }) => sum + size, 0)

/**
 * @param {string} program a development dependency of ours
 * @param {string[]} args
 */
async function check(program, ...args) {
  const folder = path.join(root, 'node_modules', program)
  const { bin } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'))
  const script = path.join(folder, typeof bin === 'string' ? bin : Object.values(bin)[0])
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], { cwd: root })
  return stdout
}

test('there is a main package, and at least one for a platform', () => {
  assert.equal(main.meta.name, 'osaurus-discovery')
  assert.ok(platforms.length > 0)
})

test('the main package has the public files, what is behind them, and no file of ours alone', () => {
  const names = list(main.file).map(({ name }) => name)
  const expected = [
    'package.json',
    'README.md',
    'LICENSE',
    ...checkout.files.filter((/** @type {string} */ each) => each !== 'js'),
  ]
  assert.deepEqual(names.filter((name) => !name.startsWith('js/')).sort(), expected.sort())
  const strange = names.filter((name) => name.startsWith('js/') && !/^js\/[\w/-]+(\.d\.ts|\.js)$/.test(name))
  assert.deepEqual(strange, [])
})

test('every file of the main package that requires another finds it in there', () => {
  const names = list(main.file).map(({ name }) => name)
  const lost = names
    .filter((name) => name.endsWith('.js'))
    .flatMap((name) => {
      const requires = [...String(content(main.file, name)).matchAll(/\b(?:require|import)\('(\.[^']+)'\)/g)]
      return requires.map(([, id]) => path.posix.join(path.posix.dirname(name), id))
    })
    .filter((id) => ![id, `${id}.js`, id.replace(/\.js$/, '.d.ts')].some((name) => names.includes(name)))
  assert.deepEqual(lost, [])
})

test('the package.json has nothing that only a checkout needs, and no install script', () => {
  for (const { meta } of [main, ...platforms])
    for (const field of ['devDependencies', 'dependencies', 'scripts', 'napi', 'overrides'])
      assert.equal(meta[field], undefined, `${field} of ${meta.name}`)
})

test('the main package names the package of every platform, in its own version', () => {
  const expected = Object.fromEntries(PLATFORMS.map((platform) => [packageName(platform), checkout.version]))
  assert.deepEqual(main.meta.optionalDependencies, expected)
})

for (const tarball of platforms) {
  const { file, meta } = tarball
  const platform = PLATFORMS.find((each) => packageName(each) === meta.name) ?? assert.fail(meta.name)

  test(`${meta.name} has its addon, and is for that platform only`, () => {
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

  const most = platform.os === 'darwin' ? MOST_BYTES.darwin : MOST_BYTES.others
  test(`${meta.name} and the main package together are at most ${most / 1e6} MB`, (t) => {
    const sum = bytes(main) + bytes(tarball)
    t.diagnostic(`${sum} bytes`)
    assert.ok(sum <= most, `${sum} bytes`)
  })
}

for (const { file, meta } of platforms.filter(({ meta: { libc } }) => libc?.[0] === 'glibc')) {
  test(`${meta.name} asks for no newer glibc than ${OLDEST_GLIBC}`, () => {
    const text = content(file, meta.main).toString('latin1')
    const minors = [...text.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor))
    assert.ok(minors.length > 0)
    assert.equal(Math.max(...minors) <= Number(OLDEST_GLIBC.split('.')[1]), true, `2.${Math.max(...minors)}`)
  })
}

test('publint finds nothing', async (t) => {
  const folder = temporaryDirectory(t)
  await promisify(execFile)('tar', ['-xzf', main.file, '-C', folder])
  fs.accessSync(path.join(folder, 'package', 'index.js'))
  assert.match(await check('publint', '--strict', path.join(folder, 'package')), /All good!/)
})

test('are-the-types-wrong finds nothing, for any resolver', async () => {
  const said = await check('@arethetypeswrong/cli', main.file, '--format', 'json')
  const { analysis, problems } = JSON.parse(said)
  assert.deepEqual(Object.keys(analysis.entrypoints).sort(), Object.keys(checkout.exports).sort())
  assert.deepEqual(problems ?? {}, {})
  assert.deepEqual(analysis.problems, [])
})
