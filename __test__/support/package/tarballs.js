// Lists the tarballs under test and reads their content.
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const directory = process.env.OSAURUS_PACKAGES
if (!directory) throw new Error('OSAURUS_PACKAGES is not set: run these tests with `npm run test:package`')

/**
 * @typedef {object} Tarball
 * @property {string} file
 * @property {Record<string, any> & { name: string, version: string }} meta its package.json
 */

/** The tarballs under test. @returns {Tarball[]} the main package first */
function tarballs() {
  const files = fs.readdirSync(String(directory)).filter((name) => name.endsWith('.tgz'))
  return files
    .map((name) => read(path.join(String(directory), name)))
    .sort((a, b) => a.meta.name.length - b.meta.name.length)
}

/** @param {string} file @returns {Tarball} */
function read(file) {
  return { file, meta: JSON.parse(String(content(file, 'package.json'))) }
}

/** Reads one file of a tarball. @param {string} file @param {string} name */
function content(file, name) {
  return execFileSync('tar', ['-xzOf', file, `package/${name}`], { maxBuffer: 2 ** 26 })
}

/** Lists the files of a tarball with their sizes in bytes. @param {string} file */
function list(file) {
  const lines = execFileSync('tar', ['-tzvf', file], { encoding: 'utf8' }).trim().split('\n')
  return lines.map((line) => {
    const fields = line.split(/ +/)
    // GNU tar prints owner and group in one field; BSD tar (macOS, Windows) prints two, after the number of links.
    const size = Number(fields[1].includes('/') ? fields[2] : fields[4])
    return { name: line.slice(line.indexOf('package/') + 'package/'.length), size }
  })
}

module.exports = { content, list, tarballs }
