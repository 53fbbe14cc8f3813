'use strict'
// Is what the documentation says still so? Every link, command and snippet of every page.
//
// That the snippets do what they promise is for the tests, which run them; here they have to fit the package's types.

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const { parseCommandLine } = require('../js/cli/arguments.js')
const { allPages } = require('./docs-pages.js')
const { checkExamples, checkSnippets } = require('./docs-snippets.js')

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
    if (!text) complain(page, line, `a link or picture without words: ${target}`)
    if (/^[a-z]+:/i.test(target)) {
      if (!target.startsWith('https://') || !URL.canParse(target))
        complain(page, line, `no https link: ${target}`)
      continue
    }
    const [file, anchor] = target.split('#')
    const name = file ? path.posix.join(path.posix.dirname(page.name), file) : page.name
    if (!fs.existsSync(path.join(root, name))) complain(page, line, `nothing is at ${name}`)
    else if (anchor && !byName.get(name)?.anchors.has(anchor))
      complain(page, line, `${name} has no heading #${anchor}`)
  }
}

/** Every page of docs/ is found from its index. */
function checkIndex() {
  const index = byName.get('docs/index.md')
  const linked = new Set(index?.links.map(({ target }) => `docs/${target}`))
  for (const page of pages)
    if (page.name.startsWith('docs/') && page !== index && !linked.has(page.name))
      complain(page, 1, 'docs/index.md does not link to it')
}

/**
 * @param {string} command a line of a shell
 * @returns {string | undefined} what is wrong with it
 */
function wrongWith(command) {
  for (const [, name] of command.matchAll(/\bnpm run (?:--silent |-s )?([\w:-]+)/g))
    if (!scripts[name]) return `package.json has no script ${name}`
  for (const [, file] of command.matchAll(/\bnode (?:--test )?([\w./-]+\.js)\b/g))
    if (!fs.existsSync(path.join(root, file))) return `there is no ${file}`
  for (const [, name] of command.matchAll(/--example (\w+)/g))
    if (!fs.existsSync(path.join(root, 'examples', `${name}.rs`))) return `there is no examples/${name}.rs`
  // Our own command, up to where the shell takes over.
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

/** @param {Page} page */
function checkCommands(page) {
  for (const { line, code } of page.inline) {
    const wrong = /^(npm|npx|node|cargo|osaurus-discovery) /.test(code) && wrongWith(code)
    if (wrong) complain(page, line, `${code}: ${wrong}`)
  }
  for (const { line, code } of page.snippets.filter(({ language }) => language === 'sh')) {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: code, encoding: 'utf8' })
    if (status !== 0) complain(page, line, stderr.trim())
    for (const [index, each] of code.split('\n').entries()) {
      // Behind install come names of packages.
      const wrong = /\bnpm install\b/.test(each) ? undefined : wrongWith(each.replace(/(^| )#.*$/, ''))
      if (wrong) complain(page, line + index, wrong)
    }
  }
}

/** The languages that are checked in another way than by the types, or by nothing but a reader. */
const LANGUAGES = /^([mc]?[jt]s|sh|json|rust|toml|text|html|xml|zsh|fish)$/

/** @param {Page} page */
function checkOtherSnippets(page) {
  const examples = fs.readdirSync(path.join(root, 'examples')).filter((name) => name.endsWith('.rs'))
  const rust = examples.map((name) => fs.readFileSync(path.join(root, 'examples', name), 'utf8'))
  for (const { line, language, code } of page.snippets) {
    if (!LANGUAGES.test(language))
      complain(page, line, `a snippet in no language that we know: "${language}"`)
    if (language === 'rust' && !rust.some((text) => text.includes(code)))
      complain(page, line, 'no file of examples/ has this Rust, so nothing compiles it')
    if (language !== 'json') continue
    try {
      JSON.parse(code)
    } catch (error) {
      complain(page, line, error instanceof Error ? error.message : String(error))
    }
  }
}

for (const page of pages) {
  checkLinks(page)
  checkCommands(page)
  checkOtherSnippets(page)
}
checkIndex()
complaints.push(...checkSnippets(pages), ...checkExamples())

for (const { place, says } of complaints) console.error(`${place}: ${says}`)
if (complaints.length > 0) process.exitCode = 1
else {
  const count = (/** @type {(page: Page) => unknown[]} */ of) => pages.flatMap(of).length
  const [links, snippets] = [count((page) => page.links), count((page) => page.snippets)]
  console.log(`${pages.length} pages, ${links} links, ${snippets} snippets: good`)
}
