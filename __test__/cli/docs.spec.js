// Runs every shell snippet of docs/command-line.md, and checks that it documents every option.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')
const { allCommands } = require('../../lib/cli/commands.js')
const { homeDirectory } = require('../support/runtime-directory.js')
const { MAIN, PROJECT, Running, environment } = require('../support/cli/command.js')
const { fakeFor } = require('../support/cli/fake.js')
const { quoted } = require('../support/cli/terminal.js')

const page = fs.readFileSync(path.join(PROJECT, 'docs', 'command-line.md'), 'utf8')
const snippets = [...page.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, code]) => code)

/** Defines what a snippet calls: this command, and curl through Node, which every machine has. */
const FETCH = 'fetch(process.argv[1]).then((answer) => answer.text()).then((text) => console.log(text))'
const PRELUDE = `
osaurus-discovery() { ${quoted(process.execPath)} ${quoted(MAIN)} "$@"; }
curl() { ${quoted(process.execPath)} -e ${quoted(FETCH)} "$1"; }
node() { ${quoted(process.execPath)} "$@"; }
set -e
`

describe('a snippet of docs/command-line.md runs', () => {
  for (const snippet of snippets) {
    const untilCtrlC = /^osaurus-discovery (watch|fake)$/m.exec(snippet)
    test(`a snippet of docs/command-line.md runs: ${snippet.trim()}`, async (t) => {
      const { home, runtime } = homeDirectory(t)
      await fakeFor(t, { baseDir: runtime.baseDir })
      // A command that runs until Ctrl-C replaces the shell, so that it receives the signal.
      const exec = `exec ${quoted(process.execPath)} ${quoted(MAIN)} ${untilCtrlC?.[1]}\n`
      const script = untilCtrlC ? snippet.replace(`${untilCtrlC[0]}\n`, exec) : snippet
      const running = new Running('bash', ['-c', PRELUDE + script], { env: environment({ HOME: home }) })
      if (untilCtrlC) {
        await running.until(/http:/)
        running.kill('SIGINT')
      }
      const { code, stderr } = await running.ended()
      assert.equal(code, untilCtrlC ? 130 : 0, stderr)
    })
  }
})

test('docs/command-line.md documents every command and every option', () => {
  assert.ok(snippets.length >= 10)
  for (const { name, takes } of allCommands()) {
    assert.match(page, new RegExp(`\`${name}\``))
    for (const option of takes) assert.match(page, new RegExp(`\`--${option}\\b`))
  }
})

test('docs/command-line.md names only options that exist', () => {
  const known = new Set(allCommands().flatMap(({ takes }) => [...takes, 'help', 'version']))
  for (const [, option] of page.matchAll(/`[^`\n]*?--([a-z-]+)/g)) {
    assert.ok(/** @type {Set<string>} */ (known).has(option) || option === 'global', option)
  }
})
