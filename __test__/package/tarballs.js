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
    const { size, name } = /** @type {Record<string, string>} */ (
      /^\S+ +(?:\d+ +)?\S+(?: +\S+)?? +(?<size>\d+) .* package\/(?<name>\S+)$/.exec(line)?.groups
    )
    return { name, size: Number(size) }
  })
}

module.exports = { content, list, tarballs }
