// Runs `doctor` and splits its report.
'use strict'

const assert = require('node:assert/strict')
const { command } = require('./command.js')

/** @param {string} baseDir @param {string[]} [more] @param {NodeJS.ProcessEnv} [env] */
function report(baseDir, more = [], env = {}) {
  return parseReport(command(['doctor', '--base-dir', baseDir, ...more], { env }))
}

/** @param {ReturnType<typeof command>} running */
async function parseReport(running) {
  const { code, stdout, stderr } = await running
  assert.equal(stderr, '')
  // As a person reads it: line breaks are spaces.
  const [found, ...sections] = stdout.split('\n\n')
  const named = sections.map((section) => [section.split('\n')[0], section.replace(/\s+/g, ' ').trim()])
  return {
    code,
    found,
    text: stdout.replace(/\s+/g, ' '),
    next: Object.fromEntries(named)['What to do next'],
  }
}

module.exports = { parseReport, report }
