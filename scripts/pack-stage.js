// Lays out the files of each package that is published: the main one, and one for each platform.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const { bundleAll } = require('./pack-bundle.js')
const { PLATFORMS, addonFile, packageName } = require('./platforms.js')

const root = path.join(__dirname, '..')
const meta = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))

/** The JavaScript files that a user loads: the entry points, and the command. @type {string[]} */
const ENTRIES = [
  ...meta.files.filter((/** @type {string} */ name) => name.endsWith('.js')),
  .../** @type {string[]} */ (Object.values(meta.bin)),
]

/** @type {string[]} */
const TYPES = meta.files.filter((/** @type {string} */ name) => name.endsWith('.d.ts'))

/**
 * The field `repository`, known only where GitHub builds. npm ties a package's provenance to it.
 * @returns {{ repository?: { type: 'git', url: string } }}
 */
function repository() {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env
  return server && name ? { repository: { type: 'git', url: `git+${server}/${name}.git` } } : {}
}

/**
 * The package.json of the main package: without the fields that only a checkout needs, and without `private`, which keeps
 * the checkout itself from being published without an addon. The platform packages are named here and not in the checkout's
 * package.json, because `npm ci` of the commit to publish must work before they exist.
 */
function mainPackageJson() {
  const { private: _, devDependencies, scripts, napi, overrides, ...published } = meta
  const optionalDependencies = Object.fromEntries(
    PLATFORMS.map((platform) => [packageName(platform), meta.version]),
  )
  return { ...repository(), ...published, optionalDependencies }
}

/** @param {import('./platforms.js').Platform} platform */
function platformPackageJson(platform) {
  const { os, cpu, libc, title } = platform
  return {
    name: packageName(platform),
    version: meta.version,
    description: `The compiled part of osaurus-discovery for ${title}`,
    ...repository(),
    license: meta.license,
    engines: meta.engines,
    os: [os],
    cpu: [cpu],
    ...(libc ? { libc: [libc] } : {}),
    main: addonFile(platform),
    files: [addonFile(platform)],
  }
}

/** @param {import('./platforms.js').Platform} platform */
function platformReadme(platform) {
  return `# ${packageName(platform)}

The compiled part of \`osaurus-discovery\` for ${platform.title}.

npm installs it automatically where it fits. Install \`osaurus-discovery\`, not this package.
`
}

/**
 * @param {string} directory must not exist yet
 * @param {unknown} packageJson
 */
function createPackage(directory, packageJson) {
  fs.mkdirSync(directory, { recursive: true })
  fs.writeFileSync(path.join(directory, 'package.json'), `${JSON.stringify(packageJson, null, 2)}\n`)
  fs.copyFileSync(path.join(root, 'LICENSE'), path.join(directory, 'LICENSE'))
}

/** Lays out the main package. @param {string} directory must not exist yet */
function stageMain(directory) {
  const packageJson = mainPackageJson()
  createPackage(directory, packageJson)
  for (const name of ['README.md', ...TYPES])
    fs.copyFileSync(path.join(root, name), path.join(directory, name))
  writeBundles(directory, packageJson)
}

/**
 * Lays out both packages in a node_modules, with the addon of this checkout, as npm installs them.
 * @param {string} modules in which neither exists
 * @returns {string} the directory of the main package
 */
function stageInstalled(modules) {
  const addon = fs.readdirSync(root).find((name) => name.endsWith('.node'))
  if (!addon) throw new Error('The addon is not built: run `npm run setup` first')
  const platform = PLATFORMS.find((each) => addonFile(each) === addon)
  if (!platform) throw new Error(`${addon} is the addon of no known platform`)
  stagePlatform(path.join(modules, packageName(platform)), platform, path.join(root, addon))
  const directory = path.join(modules, meta.name)
  stageMain(directory)
  return directory
}

/**
 * Writes the JavaScript files of the main package.
 * @param {string} directory
 * @param {object} [packageJson]
 */
function writeBundles(directory, packageJson = mainPackageJson()) {
  for (const [name, text] of bundleAll(ENTRIES, packageJson)) {
    const file = path.join(directory, name)
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(file, text)
  }
}

/**
 * Lays out the package of one platform.
 * @param {string} directory must not exist yet
 * @param {import('./platforms.js').Platform} platform
 * @param {string} addon the compiled file
 */
function stagePlatform(directory, platform, addon) {
  createPackage(directory, platformPackageJson(platform))
  fs.writeFileSync(path.join(directory, 'README.md'), platformReadme(platform))
  fs.copyFileSync(addon, path.join(directory, addonFile(platform)))
}

module.exports = { ENTRIES, stageInstalled, stageMain, stagePlatform, writeBundles }
