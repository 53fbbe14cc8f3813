// Tests that files and directory names cannot send control characters to the terminal.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')
const { stripVTControlCharacters } = require('node:util')
const { RUNNING, RuntimeDirectory, osaurusText } = require('../support/runtime-directory.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { UNSAFE, command } = require('../support/cli/command.js')
const { fakeFor } = require('../support/cli/fake.js')
const { terminal } = require('../support/cli/terminal.js')

/** Texts that a file could contain, without `/` and NUL, which names cannot contain. */
const EVIL = [
  '\x1b[31mred\x1b[0m',
  '\x1b]0;title\x07',
  '\x1b[2J\x1b[H',
  '\x9b2J',
  'two\nlines',
  'over\rwritten',
  'tab\tbed',
  '\u202etxt.exe',
  '\u2066\u2069\u200f',
  'in\u200bvisible',
  'sep\u2028arate',
  '\u{e0041}\u{e0042}',
  '\x7f\x08\x85',
]

/** @param {import('node:test').TestContext} t @param {string} name of the base directory */
function evilDirectory(t, name) {
  const runtime = new RuntimeDirectory(temporaryDirectory(t), name)
  fs.mkdirSync(runtime.baseDir)
  for (const [at, evil] of EVIL.entries()) {
    const fine = { ...RUNNING, instanceId: `ID-${at}`, port: 1 + at, url: undefined }
    runtime.write(`a${at}${evil}`, osaurusText(fine))
    runtime.write(`b${at}`, osaurusText({ ...fine, instanceId: evil }))
    runtime.write(`c${at}`, osaurusText({ ...fine, url: `http://${evil}` }))
    for (const field of ['address', 'port', 'health', 'updatedAt', 'exposeToNetwork', evil]) {
      runtime.write(`d${at}${field}`, osaurusText({ ...fine, instanceId: `${at}${field}`, [field]: evil }))
    }
    runtime.write(`e${at}`, evil)
    runtime.write(`f${at}`, osaurusText({ instanceId: evil, health: 'starting' }))
  }
  return runtime
}

const EVIL_NAME = 'run\x1b[31m\u202etime\n'

/** @param {string} output without the escape sequences of this command */
function assertSafe(output) {
  assert.doesNotMatch(output, UNSAFE, JSON.stringify(UNSAFE.exec(output)))
  // The text after the line feeds in the names.
  assert.doesNotMatch(output, /^(lines|\/[a-f]\d)/m)
}

describe('a directory with escape sequences, line feeds and direction marks in every field and name', () => {
  const commands = [['list'], ['list', '--all'], ['url'], ['doctor'], ['env']]
  for (const name of commands) {
    for (const more of [[], ['--no-verify'], ['--json'], ['--json', '--no-verify']]) {
      const args = [...name, ...more]
      test(`hostile text is printed escaped by ${args.join(' ')}`, async (t) => {
        const { baseDir } = evilDirectory(t, EVIL_NAME)
        const { stdout, stderr } = await command([...args, '--base-dir', baseDir])
        assertSafe(stdout)
        assertSafe(stderr)
        assert.ok(stdout || stderr)
        if (more.includes('--json') && stdout) JSON.parse(stdout)
      })
    }
  }

  test('hostile text hides no entry from the report', async (t) => {
    const { baseDir } = evilDirectory(t, 'runtime')
    const report = JSON.parse((await command(['doctor', '--json', '--base-dir', baseDir])).stdout)
    assert.equal(report.entries.length, fs.readdirSync(baseDir).length)
    const paths = report.entries.map((/** @type {{ path: string }} */ entry) => path.basename(entry.path))
    for (const [at, evil] of EVIL.entries()) assert.ok(paths.includes(`a${at}${evil}`))
  })

  test('hostile text reaches a terminal with no escape sequences except colours', async (t) => {
    const { baseDir } = evilDirectory(t, EVIL_NAME)
    for (const args of [['list', '--all', '--no-verify'], ['doctor'], ['url']]) {
      const { output } = await terminal(t, [...args, '--base-dir', baseDir]).ended()
      const uncoloured = output.replace(/\x1b\[\d+m/g, '')
      assertSafe(uncoloured)
      assert.equal(uncoloured, stripVTControlCharacters(uncoloured))
      // Proves that the files contained escape sequences.
      assert.match(uncoloured, /\\x1b\[31m/)
    }
  })
})

test('an error escapes the path that it names', async (t) => {
  const missing = path.join(temporaryDirectory(t), EVIL_NAME)
  for (const name of ['list', 'url', 'doctor', 'env']) {
    const { stdout, stderr } = await command([name, '--base-dir', missing])
    assertSafe(stdout + stderr)
    assert.match(stdout + stderr, /run\\x1b\[31m\\u202etime\\n/)
  }
  const file = path.join(temporaryDirectory(t), EVIL_NAME)
  fs.writeFileSync(file, '')
  for (const name of ['url', 'doctor', 'fake']) {
    const { code, stdout, stderr } = await command([name, '--base-dir', file])
    assert.equal(code, 1)
    assertSafe(stdout + stderr)
  }
})

test('env prints only its own lines for the shell', async (t) => {
  const fake = await fakeFor(t)
  const runtime = evilDirectory(t, EVIL_NAME)
  runtime.publish({ ...fake.instance, updatedAt: '2099-01-01T00:00:00Z', health: 'running' })
  const { stdout } = await command(['env', '--base-dir', runtime.baseDir])
  assert.match(stdout, new RegExp(`^export OPENAI_BASE_URL='${fake.url}/v1'\n`))
  assert.equal(stdout.split('\n').length, 6)
})
