// Serves the packages under test as an npm registry that contains nothing else.
'use strict'

const { execFileSync } = require('node:child_process')
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const http = require('node:http')
const path = require('node:path')

const { stagePlatform } = require('../../../scripts/pack-stage.js')
const { PLATFORMS, packageName } = require('../../../scripts/platforms.js')
const { tarballs } = require('./tarballs.js')

/**
 * The tarballs of all platforms, because npm must choose among all of them. Where a platform was not built, a line of text
 * stands in for its addon.
 * @param {string} scratch
 */
function allTarballs(scratch) {
  const built = tarballs()
  const names = built.map(({ meta }) => meta.name)
  const text = path.join(scratch, 'no.node')
  fs.writeFileSync(text, 'not built on this machine\n')
  const others = PLATFORMS.filter((platform) => !names.includes(packageName(platform))).map((platform) => {
    const directory = path.join(scratch, platform.build)
    stagePlatform(path.join(directory, 'package'), platform, text)
    const file = path.join(directory, 'package.tgz')
    execFileSync('tar', ['-czf', file, '-C', directory, 'package'])
    return {
      file,
      meta: JSON.parse(fs.readFileSync(path.join(directory, 'package', 'package.json'), 'utf8')),
    }
  })
  return [...built, ...others]
}

/**
 * @param {string} scratch an empty directory
 * @returns {Promise<{ url: string, close: () => void }>}
 */
async function startRegistry(scratch) {
  /** @type {Map<string, { file: string, meta: Record<string, any> }>} */
  const packages = new Map(allTarballs(scratch).map((each) => [each.meta.name, each]))
  const server = http.createServer((request, response) => {
    const [, name = '', tarball] = String(request.url).split('/')
    const found = packages.get(name)
    if (!found) return response.writeHead(404).end('{}')
    const bytes = fs.readFileSync(found.file)
    if (tarball) return response.end(bytes)
    const { version } = found.meta
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
    const dist = { tarball: `http://${request.headers.host}/${name}/${name}.tgz`, integrity }
    const versions = { [version]: { ...found.meta, dist } }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions }))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${port}`, close }
}

module.exports = { startRegistry }
