// Which tarballs are tried, and what is in them?
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const folder = process.env.OSAURUS_PACKAGES
if (!folder) throw new Error('Which packages? Run these tests by `npm run test:package`')

/**
 * @typedef {object} Tarball
 * @property {string} file
 * @property {Record<string, any> & { name: string, version: string }} meta its package.json
 */

/** @returns {Tarball[]} the main package's first */
function tarballs() {
  const files = fs.readdirSync(String(folder)).filter((name) => name.endsWith('.tgz'))
  return files
    .map((name) => read(path.join(String(folder), name)))
    .sort((a, b) => a.meta.name.length - b.meta.name.length)
}

/** @param {string} file @returns {Tarball} */
function read(file) {
  return { file, meta: JSON.parse(String(content(file, 'package.json'))) }
}

/** @param {string} file @param {string} name */
function content(file, name) {
  return execFileSync('tar', ['-xzOf', file, `package/${name}`], { maxBuffer: 2 ** 26 })
}

/** Every file in it, with its size in bytes. @param {string} file */
function list(file) {
  const lines = execFileSync('tar', ['-tzvf', file], { encoding: 'utf8' }).trim().split('\n')
  return lines.map((line) => {
    const fields = line.split(/ +/)
    // GNU's tar has owner and group in one field, the BSD's of macOS and Windows in two, after a count of links.
    const size = Number(fields[1].includes('/') ? fields[2] : fields[4])
    return { name: line.slice(line.indexOf('package/') + 'package/'.length), size }
  })
}

module.exports = { content, list, tarballs }
