// Is everything there that the documentation names as a file of ours, and has the tree in CONTRIBUTING every folder?
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')

/** @typedef {import('./docs-snippets.js').Complaint} Complaint */

/**
 * What stands in a sentence as the path of a file or folder of the checkout.
 * @param {import('./docs-pages.js').Page[]} pages
 * @returns {Complaint[]}
 */
function checkPaths(pages) {
  const ours = /^(?:src|lib|scripts|docs|examples|bench|fuzz|__test__|\.github)\/[\w./-]*$/
  return pages.flatMap(({ name, inline }) =>
    inline
      .filter(({ code }) => ours.test(code) && !fs.existsSync(path.join(root, code)))
      .map(({ line, code }) => ({ place: `${name}:${line}`, says: `there is no ${code}` })),
  )
}

/**
 * The tree is a text whose lines begin with names: of files, of folders with a slash, and below src/ of its modules.
 * @param {import('./docs-pages.js').Page[]} pages
 * @returns {Complaint[]}
 */
function checkTree(pages) {
  const page = pages.find(({ name }) => name === 'CONTRIBUTING.md')
  const tree = page?.snippets.find(({ language }) => language === 'text')
  if (!tree) return [{ place: 'CONTRIBUTING.md:1', says: 'the tree is missing' }]
  /** @type {string[]} */
  const named = []
  let folder = ''
  const lost = tree.code.split('\n').flatMap((content, index) => {
    const [, indent, names] = /^( *)(\S+(?: {1,2}\S+)*)/.exec(content) ?? ['', '', '']
    const list = names.split(/ +/)
    if (indent) list.forEach((each, at) => (list[at] = `${folder}${each}.rs`))
    else {
      named.push(...list)
      folder = list[list.length - 1]
    }
    const gone = list.filter((each) => each && !fs.existsSync(path.join(root, each)))
    return gone.map((each) => ({
      place: `CONTRIBUTING.md:${tree.line + index}`,
      says: `there is no ${each}`,
    }))
  })
  const missing = foldersOf(root).filter((each) => !named.includes(each))
  return [
    ...lost,
    ...missing.map((each) => ({ place: `CONTRIBUTING.md:${tree.line}`, says: `the tree has no ${each}` })),
  ]
}

/** Those that git keeps; it is told to, where the checkout is another user's. @param {string} checkout */
function foldersOf(checkout) {
  const list = ['-c', 'safe.directory=*', 'ls-files']
  const files = execFileSync('git', list, { cwd: checkout, encoding: 'utf8' }).split('\n')
  const folders = files.filter((file) => file.includes('/')).map((file) => `${file.split('/')[0]}/`)
  return [...new Set(folders)].filter((folder) => !folder.startsWith('.'))
}

module.exports = { checkPaths, checkTree }
