// Lays out the files of each package that is published: the main one, and one for each platform.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const { PLATFORMS, addonFile, packageName } = require('./platforms.js')

const root = path.join(__dirname, '..')
const meta = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))

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
  createPackage(directory, mainPackageJson())
  for (const name of ['README.md', ...meta.files])
    fs.cpSync(path.join(root, name), path.join(directory, name), { recursive: true })
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

module.exports = { stageMain, stagePlatform }
