// Packs the packages that are published as tarballs: all that this machine can build, or those that are named.
//
//   npm run pack:all -- DIR                      the main package and every platform that can be built here; names the others
//   npm run pack:all -- DIR main linux-x64-gnu   these, or it fails
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { buildAddon, whyNotHere } = require('./pack-addon.js')
const { stageMain, stagePlatform } = require('./pack-stage.js')
const { PLATFORMS } = require('./platforms.js')

const [directory, ...named] = process.argv.slice(2)
const known = ['main', ...PLATFORMS.map(({ build }) => build)]
const unknown = named.find((name) => !known.includes(name))
if (!directory || unknown) {
  console.error(
    unknown
      ? `Unknown package: ${unknown}. Known packages: ${known.join(', ')}`
      : 'Usage: npm run pack:all -- DIR [PACKAGE...]',
  )
  process.exit(2)
}
const destination = path.resolve(directory)
fs.mkdirSync(destination, { recursive: true })
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-pack-'))
process.once('exit', () => fs.rmSync(scratch, { recursive: true, force: true }))

/** @param {number} bytes */
const kilobytes = (bytes) => `${Math.ceil(bytes / 1000)} kB`

/**
 * Packs one package and prints its size.
 * @param {string} name of its directory
 * @param {(directory: string) => void} stage fills the directory
 */
function pack(name, stage) {
  const source = path.join(scratch, name)
  stage(source)
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', destination], {
    cwd: source,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  // An object keyed by name since npm 12, an array before.
  const [packed] = /** @type {any[]} */ (Object.values(JSON.parse(output)))
  const sizes = `${kilobytes(packed.size)}, installed ${kilobytes(packed.unpackedSize)}`
  console.log(`${path.join(directory, packed.filename)}  ${sizes}`)
}

/** @param {string} name */
const wanted = (name) => named.length === 0 || named.includes(name)

if (wanted('main')) pack('main', stageMain)
for (const platform of PLATFORMS.filter(({ build }) => wanted(build))) {
  const reason = whyNotHere(platform)
  if (reason) {
    console.log(`not ${platform.build}: ${reason}`)
    if (named.length > 0) process.exitCode = 1
  } else {
    pack(platform.build, (target) => stagePlatform(target, platform, buildAddon(platform)))
  }
}
