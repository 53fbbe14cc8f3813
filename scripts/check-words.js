// Checks the words of all tracked text files, and that every source file begins with a summary.
//
// npm run check:words -- lib/cli docs/api.md checks only these files and directories.
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const { ALLOWED, EXCLUDED, RULES } = require('./words.js')

const root = path.join(__dirname, '..')

/** @typedef {{ file: string, line: number, says: string }} Complaint */

/** The source files that begin with a summary, by how a comment begins there. */
const SUMMARIES = [
  { files: /\.(js|mjs|cjs|ts|mts|cts)$/, comment: /^(?:\/\/|\/\*\*) (?<text>.*?)(?: \*\/)?$/ },
  { files: /\.rs$/, comment: /^\/\/!? (?<text>.*)$/ },
  { files: /^\.ci\/run$/, comment: /^# (?<text>.*)$/ },
]

/**
 * Finds expressions that this project does not use.
 * @param {string} file relative to the project
 * @param {string} text
 * @returns {Complaint[]}
 */
function checkWords(file, text) {
  const allowed = ALLOWED.filter(({ files }) => files.test(file))
  return text.split('\n').flatMap((content, index) => {
    if (allowed.some((each) => each.text.test(content))) return []
    return RULES.flatMap(({ pattern, use }) =>
      [...content.matchAll(pattern)].map(([found]) => ({
        file,
        line: index + 1,
        says: `"${found}": write ${use}`,
      })),
    )
  })
}

/**
 * Checks that a source file begins with a summary: one sentence on one line, and not a question.
 * @param {string} file relative to the project
 * @param {string} text
 * @returns {Complaint[]}
 */
function checkSummary(file, text) {
  const kind = SUMMARIES.find(({ files }) => files.test(file))
  if (!kind) return []
  const lines = text.split('\n')
  const first = lines[0].startsWith('#!') ? 1 : 0
  const complain = (/** @type {string} */ says) => [{ file, line: first + 1, says }]
  const summary = kind.comment.exec(lines[first] ?? '')?.groups?.text
  if (summary === undefined) return complain('begins without a comment that says what the file is')
  if (summary.includes('?')) return complain(`begins with a question: "${summary}"`)
  if (!summary.endsWith('.'))
    return complain(`begins with a summary that is not one sentence on one line: "${summary}"`)
  return []
}

/** @param {string[]} paths files or directories; all where there are none */
function trackedFiles(paths) {
  const names = execFileSync('git', ['ls-files', '-z', '--', ...paths], { cwd: root, encoding: 'utf8' })
  return names
    .split('\0')
    .filter(
      (file) => file && !EXCLUDED.some((each) => each.test(file)) && fs.existsSync(path.join(root, file)),
    )
}

function main() {
  const files = trackedFiles(process.argv.slice(2))
  const complaints = files.flatMap((file) => {
    const text = fs.readFileSync(path.join(root, file), 'utf8')
    return [...checkSummary(file, text), ...checkWords(file, text)]
  })
  for (const { file, line, says } of complaints) console.error(`${file}:${line}: ${says}`)
  if (complaints.length === 0) return console.log(`${files.length} files: good`)
  console.error(`${complaints.length} to fix. The expressions and the exceptions are in scripts/words.js.`)
  process.exitCode = 1
}

if (require.main === module) main()

module.exports = { checkSummary, checkWords }
