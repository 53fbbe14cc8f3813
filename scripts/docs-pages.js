// Reads the pages of the documentation: headings, links, snippets and commands.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')

/**
 * @typedef {object} Snippet
 * @property {number} line of its first line
 * @property {string} language
 * @property {string} code
 *
 * @typedef {object} Page
 * @property {string} name from the checkout's root
 * @property {Set<string>} anchors
 * @property {{ line: number, target: string, text: string }[]} links
 * @property {Snippet[]} snippets
 * @property {{ line: number, code: string }[]} inline code in the text
 */

/** The types of all entry points, from package.json. @type {string[]} */
const typeFiles = Object.values(require('../package.json').exports)
  .flatMap((entry) => (typeof entry === 'string' ? [] : [entry.types]))
  .map((file) => path.basename(file))

/** @param {string} directory */
const listed = (directory) => (fs.existsSync(directory) ? fs.readdirSync(directory) : [])

/** @returns {Page[]} */
function allPages() {
  const names = ['.', 'docs', 'docs/design', '.github'].flatMap((directory) =>
    listed(path.join(root, directory)).map((name) => path.posix.join(directory, name)),
  )
  const pages = names.filter((name) => name.endsWith('.md'))
  return pages.map((name) => readPage(name, fs.readFileSync(path.join(root, name), 'utf8')))
}

/**
 * @param {string} name
 * @param {string} text
 * @returns {Page}
 */
function readPage(name, text) {
  /** @type {Page} */
  const page = { name, anchors: new Set(), links: [], snippets: [], inline: [] }
  /** @type {Snippet | undefined} */
  let snippet
  for (const [index, content] of text.split('\n').entries()) {
    const line = index + 1
    const fence = /^ *```(.*)$/.exec(content)
    if (fence && snippet) snippet = undefined
    else if (fence) page.snippets.push((snippet = { line: line + 1, language: fence[1], code: '' }))
    else if (snippet) snippet.code += `${content}\n`
    else readLine(page, line, content)
  }
  return page
}

/**
 * @param {Page} page
 * @param {number} line
 * @param {string} content
 */
function readLine(page, line, content) {
  const heading = /^#+ (.*)$/.exec(content)
  if (heading) page.anchors.add(anchorOf(page, heading[1]))
  for (const [, code] of content.matchAll(/`([^`]+)`/g)) page.inline.push({ line, code })
  const words = content.replace(/`[^`]*`/g, (code) => code.replace(/[[\]()]/g, '.'))
  for (const [, text, target] of words.matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g))
    page.links.push({ line, target, text })
  // Pictures for light and dark themes use HTML; a source has the text of its img.
  for (const [, tag, attributes] of words.matchAll(/<(a|img|source) ([^>]*)>/g)) {
    const target = /\b(?:href|src|srcset)="([^"\s]*)/.exec(attributes)?.[1] ?? ''
    const text = tag === 'img' ? (/\balt="([^"]*)"/.exec(attributes)?.[1] ?? '') : tag
    page.links.push({ line, target, text })
  }
}

/**
 * Returns the anchor as GitHub generates it: lower case, no punctuation, with a number if it exists already.
 * @param {Page} page
 * @param {string} heading
 */
function anchorOf({ anchors }, heading) {
  const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '')
  const anchor = plain
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
  let number = 0
  while (anchors.has(number ? `${anchor}-${number}` : anchor)) number += 1
  return number ? `${anchor}-${number}` : anchor
}

module.exports = { allPages, typeFiles }
