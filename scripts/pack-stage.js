// What stands in each package that is published: the main one, and the one of each platform?
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const { PLATFORMS, addonFile, packageName } = require('./platforms.js')

const root = path.join(__dirname, '..')
const meta = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))

/**
 * Where the sources are, known where GitHub builds: npm ties a package's provenance to it.
 * @returns {{ repository?: { type: 'git', url: string } }}
 */
function repository() {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env
  return server && name ? { repository: { type: 'git', url: `git+${server}/${name}.git` } } : {}
}

/**
 * What only a checkout needs is left out, and what keeps the checkout itself, which has no addon, from being published. The
 * platform packages are named here and not in the checkout's package.json, since `npm ci` of the very commit that is
 * published has to work before they are.
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

npm installs it by itself where it fits: install \`osaurus-discovery\`, never this package.
`
}

/**
 * @param {string} folder one that is not there yet
 * @param {unknown} packageJson
 */
function begin(folder, packageJson) {
  fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(packageJson, null, 2)}\n`)
  fs.copyFileSync(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'))
}

/** @param {string} folder one that is not there yet */
function stageMain(folder) {
  begin(folder, mainPackageJson())
  for (const name of ['README.md', ...meta.files])
    fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true })
}

/**
 * @param {string} folder one that is not there yet
 * @param {import('./platforms.js').Platform} platform
 * @param {string} addon the compiled file
 */
function stagePlatform(folder, platform, addon) {
  begin(folder, platformPackageJson(platform))
  fs.writeFileSync(path.join(folder, 'README.md'), platformReadme(platform))
  fs.copyFileSync(addon, path.join(folder, addonFile(platform)))
}

module.exports = { stageMain, stagePlatform }
