// Is docs/command-line.md true: does every line of shell in it run, and is every option named?
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

/** What a snippet calls: our command, and for curl the Node that every machine of ours has. */
const ASK = 'fetch(process.argv[1]).then((answer) => answer.text()).then((text) => console.log(text))'
const PRELUDE = `
osaurus-discovery() { ${quoted(process.execPath)} ${quoted(MAIN)} "$@"; }
curl() { ${quoted(process.execPath)} -e ${quoted(ASK)} "$1"; }
node() { ${quoted(process.execPath)} "$@"; }
set -e
`

describe('each snippet of docs/command-line.md runs', () => {
  for (const snippet of snippets) {
    const lasts = /^osaurus-discovery (watch|fake)$/m.exec(snippet)
    test(snippet.trim(), async (t) => {
      const { home, runtime } = homeDirectory(t)
      await fakeFor(t, { baseDir: runtime.baseDir })
      // What lasts until Ctrl-C takes the shell's place, to be the one that is ended.
      const exec = `exec ${quoted(process.execPath)} ${quoted(MAIN)} ${lasts?.[1]}\n`
      const script = lasts ? snippet.replace(`${lasts[0]}\n`, exec) : snippet
      const running = new Running('bash', ['-c', PRELUDE + script], { env: environment({ HOME: home }) })
      if (lasts) {
        await running.until(/http:/)
        running.kill('SIGINT')
      }
      const { code, stderr } = await running.ended()
      assert.equal(code, lasts ? 130 : 0, stderr)
    })
  }
})

test('it names every command and every option', () => {
  assert.ok(snippets.length >= 10)
  for (const { name, takes } of allCommands()) {
    assert.match(page, new RegExp(`\`${name}\``))
    for (const option of takes) assert.match(page, new RegExp(`\`--${option}\\b`))
  }
})

test('it names no option that there is not', () => {
  const known = new Set(allCommands().flatMap(({ takes }) => [...takes, 'help', 'version']))
  for (const [, option] of page.matchAll(/`[^`\n]*?--([a-z-]+)/g)) {
    assert.ok(/** @type {Set<string>} */ (known).has(option) || option === 'global', option)
  }
})
