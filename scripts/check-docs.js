// Checks every link, command and snippet of the documentation.
//
// Snippets have to fit the package's types here; the tests run all of them except the one for Playwright.
'use strict'

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const prettier = require('prettier')

const { parseCommandLine } = require('../lib/cli/arguments.js')
const { allPages } = require('./docs-pages.js')
const { checkPaths, checkTree } = require('./docs-paths.js')
const { checkExamples, checkSnippets } = require('./docs-snippets.js')
const { PLATFORMS, packageName } = require('./platforms.js')

const root = path.join(__dirname, '..')
/** @type {Record<string, string>} */
const scripts = require('../package.json').scripts

/** @typedef {import('./docs-pages.js').Page} Page */

/** @type {{ place: string, says: string }[]} */
const complaints = []

/**
 * @param {Page} page
 * @param {number} line
 * @param {string} says
 */
const complain = ({ name }, line, says) => void complaints.push({ place: `${name}:${line}`, says })

const pages = allPages()
const byName = new Map(pages.map((page) => [page.name, page]))

/** @param {Page} page */
function checkLinks(page) {
  for (const { line, target, text } of page.links) {
    if (!text) complain(page, line, `a link or picture without text: ${target}`)
    if (/^[a-z]+:/i.test(target)) {
      if (!target.startsWith('https://') || !URL.canParse(target))
        complain(page, line, `not an https link: ${target}`)
      continue
    }
    const [file, anchor] = target.split('#')
    const name = file ? path.posix.join(path.posix.dirname(page.name), file) : page.name
    if (!fs.existsSync(path.join(root, name))) complain(page, line, `${name} does not exist`)
    else if (anchor && !byName.get(name)?.anchors.has(anchor))
      complain(page, line, `${name} has no heading #${anchor}`)
  }
}

/** Checks that the index links to every page of docs/. */
function checkIndex() {
  const index = byName.get('docs/index.md')
  const linked = new Set(index?.links.map(({ target }) => `docs/${target}`))
  for (const page of pages)
    if (page.name.startsWith('docs/') && page !== index && !linked.has(page.name))
      complain(page, 1, 'docs/index.md does not link to it')
}

const PACKAGES = ['osaurus-discovery', ...PLATFORMS.map(packageName)]

/**
 * @param {string} command a line of a shell
 * @param {Page} page that has it
 * @returns {string | undefined} what is wrong with it
 */
function wrongWith(command, page) {
  // The arguments of npm install are packages: ours, whose names are checked, and others.
  if (/\bnpm install\b/.test(command)) {
    const names = command.match(/(?<=\s)osaurus[^\s@]*/g) ?? []
    const strange = names.find((name) => !PACKAGES.includes(name))
    return strange && `there is no package ${strange}`
  }
  for (const [, name] of command.matchAll(/\bnpm run (?:--silent |-s )?([\w:-]+)/g))
    if (!scripts[name]) return `package.json has no script ${name}`
  for (const [, file] of command.matchAll(/\bnode (?:--test )?([\w./-]+\.js)\b/g))
    if (!fs.existsSync(path.join(root, file)) && !namesItself(page, file)) return `there is no ${file}`
  for (const [, name] of command.matchAll(/--example (\w+)/g))
    if (!fs.existsSync(path.join(root, 'examples', `${name}.rs`))) return `there is no examples/${name}.rs`
  // Our own command, up to the shell's syntax.
  for (const [, rest] of command.matchAll(/(?<![\w/.-])osaurus-discovery((?: +[\w.:/~-]+)+)/g)) {
    const words = rest.trim().split(/ +/)
    if (!/^[a-z-]+$/.test(words[0])) continue
    try {
      parseCommandLine(words)
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
}

/** Returns whether a snippet of the page is this file. @param {Page} page @param {string} file */
function namesItself({ snippets }, file) {
  return snippets.some(({ code }) => code.startsWith(`// ${file}\n`))
}

const SHELLS = new Set(['sh', 'zsh', 'fish'])

/** @param {Page} page */
function checkCommands(page) {
  for (const { line, code } of page.inline) {
    const wrong = /^(npm|npx|node|cargo|osaurus-discovery) /.test(code) && wrongWith(code, page)
    if (wrong) complain(page, line, `${code}: ${wrong}`)
  }
  for (const { line, language, code } of page.snippets.filter((each) => SHELLS.has(each.language))) {
    // Other shells are not installed on every machine; the commands in their snippets are checked as those of bash.
    const { status, stderr } = spawnSync('bash', ['-n'], { input: code, encoding: 'utf8' })
    if (language === 'sh' && status !== 0) complain(page, line, stderr.trim())
    for (const [index, each] of code.split('\n').entries()) {
      const wrong = wrongWith(each.replace(/(^| )#.*$/, ''), page)
      if (wrong) complain(page, line + index, wrong)
    }
  }
}

/** Parsers for snippets without types; plain text is not checked. */
const READERS = /** @type {Record<string, (code: string) => unknown>} */ ({
  json: JSON.parse,
  html: (code) => prettier.format(code, { parser: 'html' }),
  xml: (code) => prettier.format(code, { parser: 'html' }),
  toml: readToml,
  rust: readRust,
  mermaid: () => {},
  text: () => {},
})

/** @param {string} code */
function readToml(code) {
  const taplo = path.join(root, 'node_modules', '@taplo', 'cli', 'dist', 'cli.js')
  const { status, stderr } = spawnSync(process.execPath, [taplo, 'lint', '-'], {
    input: code,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
}

/** @param {string} code */
function readRust(code) {
  const examples = fs.readdirSync(path.join(root, 'examples')).filter((name) => name.endsWith('.rs'))
  if (!examples.some((name) => fs.readFileSync(path.join(root, 'examples', name), 'utf8').includes(code)))
    throw new Error('no file of examples/ contains this Rust code, so it is not compiled')
}

/** @param {Page} page */
async function checkOtherSnippets(page) {
  for (const { line, language, code } of page.snippets) {
    if (/^[mc]?[jt]s$/.test(language) || SHELLS.has(language)) continue
    const read = READERS[language]
    if (!read) complain(page, line, `a snippet in an unknown language: "${language}"`)
    try {
      await read?.(code)
    } catch (error) {
      complain(page, line, error instanceof Error ? error.message : String(error))
    }
  }
}

/** Checks that the files that an HTML snippet loads are snippets of the same page. @param {Page} page */
function checkPages(page) {
  for (const { line, code } of page.snippets.filter(({ language }) => language === 'html'))
    for (const [, file] of code.matchAll(/\b(?:src|href)="([^"]+)"/g))
      if (!page.snippets.some((each) => each.code.startsWith(`// ${file}\n`)))
        complain(page, line, `no snippet of this page is ${file}`)
}

async function main() {
  for (const page of pages) {
    checkLinks(page)
    checkCommands(page)
    checkPages(page)
    await checkOtherSnippets(page)
  }
  checkIndex()
  complaints.push(...checkSnippets(pages), ...checkExamples(), ...checkPaths(pages), ...checkTree(pages))

  for (const { place, says } of complaints) console.error(`${place}: ${says}`)
  if (complaints.length > 0) process.exitCode = 1
  else {
    const count = (/** @type {(page: Page) => unknown[]} */ of) => pages.flatMap(of).length
    const [links, snippets] = [count((page) => page.links), count((page) => page.snippets)]
    console.log(`${pages.length} pages, ${links} links, ${snippets} snippets: good`)
  }
}

main()
