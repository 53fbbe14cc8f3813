// Checks that imports go in one direction and have no cycles, in JavaScript and in Rust.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const rules = require('./import-rules.js')

const root = path.join(__dirname, '..')

/**
 * @typedef {{ from: string, to: string, line: number }} Import of a file or module by another one
 * @typedef {{ place: string, says: string }} Complaint
 * @typedef {Map<string, string>} Files texts by path
 */

/** Calls of require() and imports that run; types in comments are not imports. */
const JAVASCRIPT_IMPORT = /\b(?:require|import)\(\s*'([^']+)'\s*\)|^(?:import|export)\b.*\bfrom '([^']+)'/g

/** @param {Files} files @returns {Import[]} */
function javascriptImports(files) {
  return [...files].flatMap(([file, text]) =>
    text.split('\n').flatMap((content, index) => {
      if (/^\s*(\*|\/\/|\/\*)/.test(content)) return []
      return [...withoutComments(content).matchAll(JAVASCRIPT_IMPORT)]
        .map((match) => match[1] ?? match[2])
        .filter((target) => target.startsWith('.'))
        .map((target) => ({
          from: file,
          to: path.posix.join(path.posix.dirname(file), target),
          line: index + 1,
        }))
    }),
  )
}

/** @param {string} line */
const withoutComments = (line) => line.replace(/\/\*.*?\*\//g, '').replace(/ \/\/ .*$/, '')

/**
 * Checks the imports of JavaScript against the groups.
 * @param {Files} files
 * @param {import('./import-rules.js').Group[]} groups
 * @returns {Complaint[]}
 */
function checkJavascript(files, groups = rules.JAVASCRIPT) {
  const imports = javascriptImports(files)
  const groupOf = (/** @type {string} */ file) => groups.find((group) => group.files.test(file))
  const ungrouped = [...files.keys()]
    .filter((file) => !groupOf(file))
    .map((file) => ({ place: `${file}:1`, says: 'belongs to no group of scripts/import-rules.js' }))
  const wrong = imports.flatMap(({ from, to, line }) => {
    const group = groupOf(from)
    if (!group || groupOf(to) === group || group.mayImport.some((each) => each.test(to))) return []
    return [{ place: `${from}:${line}`, says: `imports ${to}: ${group.rule}` }]
  })
  return [...ungrouped, ...wrong, ...cycles(imports)]
}

/** Names the module of a file of src/, such as watch::feed. @param {string} file */
const moduleOf = (file) =>
  file
    .replace(/^src\//, '')
    .replace(/\.rs$/, '')
    .replaceAll('/', '::')

/**
 * Finds the uses of the crate's own modules. Those of a module's ancestors and descendants are not counted: a module and its
 * parts are one unit.
 * @param {Files} files
 * @returns {Import[]}
 */
function rustImports(files) {
  const modules = new Map([...files.keys()].map((file) => [moduleOf(file), file]))
  return [...files].flatMap(([file, text]) => {
    const from = moduleOf(file)
    return usedPaths(text).flatMap(({ used, line }) => {
      const to = longestModule(absolutePath(from, used), modules)
      if (!to || to === from || isInside(to, from) || isInside(from, to)) return []
      return [{ from: file, to: /** @type {string} */ (modules.get(to)), line }]
    })
  })
}

/** @param {string} inner @param {string} outer */
const isInside = (inner, outer) => inner.startsWith(`${outer}::`)

/**
 * Finds paths that begin with crate, super or self, the members of braces one by one. Unit tests are skipped.
 * @param {string} text
 * @returns {{ used: string, line: number }[]}
 */
function usedPaths(text) {
  const code = text.split(/^#\[cfg\(test\)\]\nmod tests \{/m)[0].replace(/\/\/.*$/gm, '')
  return [...code.matchAll(/\b(?:crate|super|self)(?:::\w+)*(?:::\{[^;]*\})?/g)].flatMap((match) => {
    const line = code.slice(0, match.index).split('\n').length
    return expandBraces(match[0]).map((used) => ({ used, line }))
  })
}

/** Expands a::{b, c::{d, e}} into a::b, a::c::d and a::c::e. @param {string} used @returns {string[]} */
function expandBraces(used) {
  const open = used.indexOf('::{')
  if (open < 0) return [used.trim()]
  const prefix = used.slice(0, open)
  const members = []
  let depth = 0
  let member = ''
  for (const character of used.slice(open + 3, used.lastIndexOf('}'))) {
    if (character === '{') depth++
    if (character === '}') depth--
    if (character === ',' && depth === 0) {
      members.push(member)
      member = ''
    } else member += character
  }
  members.push(member)
  return members
    .map((each) => each.trim())
    .filter(Boolean)
    .flatMap((each) => expandBraces(each).map((rest) => `${prefix}::${rest}`))
}

/** @param {string} from the module that uses the path @param {string} used @returns {string[]} its names from the root */
function absolutePath(from, used) {
  const names = used.split('::').map((name) => name.split(' as ')[0].trim())
  const base = from === 'lib' ? [] : from.split('::')
  if (names[0] === 'crate') return names.slice(1)
  while (names[0] === 'self' || names[0] === 'super') if (names.shift() === 'super') base.pop()
  return [...base, ...names]
}

/** @param {string[]} names @param {Map<string, string>} modules */
function longestModule(names, modules) {
  for (let count = names.length; count > 0; count--) {
    const name = names.slice(0, count).join('::')
    if (modules.has(name)) return name
  }
}

/**
 * Checks the uses of the crate's own modules against the layers, and the use of Node's crates.
 * @param {Files} files
 * @param {typeof rules.RUST} layers
 * @returns {Complaint[]}
 */
function checkRust(files, layers = rules.RUST) {
  const shipped = new Map([...files].filter(([file]) => !isTestModule(file)))
  const top = (/** @type {string} */ file) => moduleOf(file).split('::')[0]
  const layerOf = (/** @type {string} */ file) =>
    layers.findIndex(({ modules }) => modules.includes(top(file)))
  const imports = rustImports(shipped)
  const unplaced = [...shipped.keys()]
    .filter((file) => top(file) !== 'lib' && file === `src/${top(file)}.rs` && layerOf(file) < 0)
    .map((file) => ({ place: `${file}:1`, says: 'belongs to no layer of scripts/import-rules.js' }))
  const upward = imports.flatMap(({ from, to, line }) => {
    if (top(from) === 'lib' || layerOf(from) < 0 || layerOf(to) < 0 || layerOf(from) <= layerOf(to)) return []
    const [own, above] = [layers[layerOf(from)].layer, layers[layerOf(to)].layer]
    return [
      { place: `${from}:${line}`, says: `uses ${moduleOf(to)}: the layer "${own}" is below "${above}"` },
    ]
  })
  return [...unplaced, ...upward, ...nodeCrates(shipped), ...cycles(imports)]
}

/** @param {string} file */
function isTestModule(file) {
  return /(^|\/)tests\.rs$/.test(file) || rules.RUST_TESTS.includes(moduleOf(file).split('::')[0])
}

/** @param {Files} files @returns {Complaint[]} */
function nodeCrates(files) {
  const used = new RegExp(`\\b(?:${rules.NODE_CRATES.join('|')})::|#\\[napi\\b`)
  return [...files].flatMap(([file, text]) => {
    if (/^src\/node(\.rs|\/)/.test(file)) return []
    const index = text.split('\n').findIndex((line) => used.test(line.replace(/\/\/.*$/, '')))
    if (index < 0) return []
    return [
      { place: `${file}:${index + 1}`, says: 'uses a crate for Node: only src/node.rs and src/node/ may' },
    ]
  })
}

/** Finds one cycle for every import that closes one. @param {Import[]} imports @returns {Complaint[]} */
function cycles(imports) {
  /** @type {Map<string, Import[]>} */
  const byFile = new Map()
  for (const each of imports) byFile.set(each.from, [...(byFile.get(each.from) ?? []), each])
  /** @type {Map<string, 'open' | 'done'>} */
  const state = new Map()
  /** @type {Complaint[]} */
  const complaints = []
  const visit = (/** @type {string} */ file, /** @type {string[]} */ trail) => {
    state.set(file, 'open')
    for (const { to, line } of byFile.get(file) ?? []) {
      const path = [...trail, file]
      if (state.get(to) === 'open') {
        const cycle = [...path.slice(path.indexOf(to)), to].join(' -> ')
        complaints.push({ place: `${file}:${line}`, says: `closes an import cycle: ${cycle}` })
      } else if (!state.has(to)) visit(to, path)
    }
    state.set(file, 'done')
  }
  for (const file of byFile.keys()) if (!state.has(file)) visit(file, [])
  return complaints
}

/** @param {string} directory @param {RegExp} names @returns {Files} */
function readFiles(directory, names) {
  const all = fs.readdirSync(path.join(root, directory), { recursive: true, encoding: 'utf8' })
  return new Map(
    all
      .map((name) => path.posix.join(directory, name.replaceAll(path.sep, '/')))
      .filter((file) => names.test(file))
      .sort()
      .map((file) => [file, fs.readFileSync(path.join(root, file), 'utf8')]),
  )
}

function main() {
  const entryPoints = fs.readdirSync(root).filter((name) => name.endsWith('.js'))
  const javascript = new Map([
    ...entryPoints.map(
      (name) => /** @type {const} */ ([name, fs.readFileSync(path.join(root, name), 'utf8')]),
    ),
    ...readFiles('lib', /\.js$/),
  ])
  const rust = readFiles('src', /\.rs$/)
  const found = [...checkJavascript(javascript), ...checkRust(rust)]
  const complaints = new Set(found.map(({ place, says }) => `${place}: ${says}`))
  for (const each of complaints) console.error(each)
  if (complaints.size === 0)
    return console.log(`${javascript.size} JavaScript and ${rust.size} Rust files: good`)
  console.error(`${complaints.size} to fix. The rules are in scripts/import-rules.js.`)
  process.exitCode = 1
}

if (require.main === module) main()

module.exports = { checkJavascript, checkRust, expandBraces }
