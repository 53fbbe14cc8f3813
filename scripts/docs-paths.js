// Checks that all paths in the documentation exist, and that the tree in CONTRIBUTING has every directory.
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')

/** @typedef {import('./docs-snippets.js').Complaint} Complaint */

/**
 * Checks the paths of files and directories of the checkout in the text.
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
 * Checks the tree: a text whose lines begin with names of files, of directories with a slash, and below src/ of its modules.
 * @param {import('./docs-pages.js').Page[]} pages
 * @returns {Complaint[]}
 */
function checkTree(pages) {
  const page = pages.find(({ name }) => name === 'CONTRIBUTING.md')
  const tree = page?.snippets.find(({ language }) => language === 'text')
  if (!tree) return [{ place: 'CONTRIBUTING.md:1', says: 'the tree is missing' }]
  /** @type {string[]} */
  const named = []
  let directory = ''
  const lost = tree.code.split('\n').flatMap((content, index) => {
    const [, indent, names] = /^( *)(\S+(?: {1,2}\S+)*)/.exec(content) ?? ['', '', '']
    const list = names.split(/ +/)
    if (indent) list.forEach((each, at) => (list[at] = `${directory}${each}.rs`))
    else {
      named.push(...list)
      directory = list[list.length - 1]
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

/** Returns the directories that git tracks, even if the checkout belongs to another user. @param {string} checkout */
function foldersOf(checkout) {
  const list = ['-c', 'safe.directory=*', 'ls-files']
  const files = execFileSync('git', list, { cwd: checkout, encoding: 'utf8' }).split('\n')
  const directories = files.filter((file) => file.includes('/')).map((file) => `${file.split('/')[0]}/`)
  return [...new Set(directories)].filter((directory) => !directory.startsWith('.'))
}

module.exports = { checkPaths, checkTree }
