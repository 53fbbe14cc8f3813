// Type-checks the snippets of the documentation, and parses the examples in the types.
'use strict'

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const { typeFiles } = require('./docs-pages.js')

const root = path.join(__dirname, '..')
const scratch = path.join(root, 'target', 'docs-snippets')

/** @typedef {{ place: string, says: string }} Complaint */

/** The errors that are allowed in a snippet: other packages that are not installed, and await without a function around it. */
const MAY = [
  /^TS(2307|7016): .*'(?!osaurus-discovery|\.)/, // Cannot find module
  /^TS(1309|1375|1378):/, // await at the top of a file
  /^TS2339: .* on type '\{\}'/, // a property of options that default to {}
]

/**
 * @param {import('./docs-pages.js').Page[]} pages
 * @returns {Complaint[]}
 */
function checkSnippets(pages) {
  fs.rmSync(scratch, { recursive: true, force: true })
  /** @type {Map<string, { page: string, line: number }>} */
  const written = new Map()
  for (const { name, snippets } of pages) {
    for (const { line, language, code } of snippets.filter((each) => /^[mc]?[jt]s$/.test(each.language))) {
      // Snippets of one page that begin with a file name may require each other.
      const given = /^\/\/ ([\w.-]+\.[mc]?[jt]s)\n/.exec(code)?.[1]
      const file = path.join(scratch, name.replace(/\W/g, '-'), given ?? `line-${line}.${language}`)
      write(written.has(file) ? file.replace(/(\.\w+)$/, `-${line}$1`) : file, code, written, {
        page: name,
        line,
      })
    }
  }
  return compile(written).filter(({ says }) => !MAY.some((may) => may.test(says)))
}

/**
 * Checks the examples in the comments of the types: the text after `@example` is code up to the next tag or the end.
 * @returns {Complaint[]}
 */
function checkExamples() {
  /** @type {Map<string, { page: string, line: number }>} */
  const written = new Map()
  for (const name of typeFiles) {
    const text = fs.readFileSync(path.join(root, name), 'utf8')
    for (const match of text.matchAll(/^ *\* @example\n((?: *\*(?!\/)(?! @).*\n)+)/gm)) {
      const line = text.slice(0, match.index).split('\n').length + 1
      const code = match[1].replace(/^ *\* ?/gm, '')
      write(path.join(scratch, 'examples', `${name.replace('.d.ts', '')}-${line}.mts`), code, written, {
        page: name,
        line,
      })
    }
  }
  // They are fragments, so only their syntax is checked, and one complaint about each is enough.
  const broken = compile(written).filter(
    ({ says }) => /^TS1\d{3}:/.test(says) && !MAY.some((may) => may.test(says)),
  )
  const files = new Set(broken.map(({ file }) => file))
  return [...files].map((file) => {
    const { page, line } = written.get(file) ?? { page: file, line: 1 }
    return {
      place: `${page}:${line}`,
      says: 'the text after @example is not code: move the words before it',
    }
  })
}

/**
 * @param {string} file
 * @param {string} code
 * @param {Map<string, { page: string, line: number }>} written
 * @param {{ page: string, line: number }} place
 */
function write(file, code, written, place) {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  // A file without imports and exports would share its names with all others.
  fs.writeFileSync(file, /\b(import|export|require|module)\b/.test(code) ? code : `${code}export {}\n`)
  written.set(file, place)
}

/**
 * @param {Map<string, { page: string, line: number }>} written
 * @returns {(Complaint & { file: string })[]}
 */
function compile(written) {
  const config = path.join(scratch, 'tsconfig.json')
  fs.writeFileSync(
    config,
    JSON.stringify({
      extends: '../../tsconfig.electron.json',
      compilerOptions: {
        // The JavaScript of readers has no annotations.
        noImplicitAny: false,
        strictNullChecks: false,
        useUnknownInCatchVariables: false,
        noUnusedLocals: false,
        typeRoots: ['../../node_modules/@types'],
        types: ['node'],
        moduleDetection: 'force',
      },
      files: [...written.keys(), path.join(root, 'preload.d.ts')],
      include: [],
    }),
  )
  const program = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { stdout, stderr } = spawnSync(process.execPath, [program, '-p', config, '--pretty', 'false'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (stderr) throw new Error(stderr)
  return [...stdout.matchAll(/^(\S.*?)\((\d+),\d+\): error (TS\d+: .*)$/gm)].map(([, name, line, says]) => {
    const file = path.resolve(root, name)
    const place = written.get(file)
    return { file, place: place ? `${place.page}:${place.line + Number(line) - 1}` : name, says }
  })
}

module.exports = { checkExamples, checkSnippets }
