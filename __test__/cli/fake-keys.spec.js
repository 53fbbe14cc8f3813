// Tests the keys that control `fake` in a terminal.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const { describe, test } = require('node:test')
const { stripVTControlCharacters } = require('node:util')
const { MAIN } = require('../support/cli/command.js')
const { CTRL_C, quoted, shellInTerminal, terminal } = require('../support/cli/terminal.js')

const READY = /Ctrl-C to stop/

describe('fake in a terminal', () => {
  test('fake in a terminal obeys keys', async (t) => {
    const term = terminal(t, ['fake'])
    const [, url] = await term.until(/runs at (\S+)\r\n/)
    const [, baseDir] = await term.until(/publishes in (\S+)\r\n/)
    await term.until(/Keys: c crash, r relaunch, s suspend or resume, e expose or hide, q quit\./)
    await term.until(READY)
    term.type('s')
    await term.until(/Suspended: /)
    await assert.rejects(fetch(url, { signal: AbortSignal.timeout(100) }))
    term.type('s')
    await term.until(/Resumed: /)
    assert.equal((await fetch(`${url}/v1/models`)).status, 200)
    term.type('e')
    await term.until(/Exposed: it requires the access key osk-v1-test\./)
    assert.equal((await fetch(`${url}/v1/models`)).status, 401)
    term.type('e')
    await term.until(/Not exposed: /)
    assert.equal((await fetch(`${url}/v1/models`)).status, 200)
    term.type('c')
    await term.until(/Crashed: /)
    await assert.rejects(fetch(url))
    assert.equal(fs.readdirSync(baseDir).length, 1)
    term.type('se')
    await term.until(/(It has crashed\. Press r to relaunch it\.[^]*){2}/)
    term.type('c')
    await term.until(/It has already crashed\./)
    term.type('r')
    await term.until(new RegExp(`Running at ${url}`))
    assert.equal(fs.readdirSync(baseDir).length, 2)
    assert.equal((await fetch(url)).status, 200)
    // An arrow key is not the letters of its escape sequence.
    term.type('\x1b[c')
    term.type('?')
    await term.until(/(Keys: [^]*){2}/)
    assert.equal((await fetch(url)).status, 200)
    term.type('q')
    const { code } = await term.ended()
    assert.equal(code, 0)
    assert.equal(fs.existsSync(baseDir), false)
  })

  test('fake in a terminal completes the start of --starting at the key r', async (t) => {
    const term = terminal(t, ['fake', '--starting'])
    await term.until(READY)
    term.type('s')
    await term.until(/It is starting\. Press r to complete the start\./)
    term.type('r')
    const [, url] = await term.until(/Running at (\S+)\r\n/)
    assert.equal((await fetch(url)).status, 200)
    term.type(CTRL_C)
    assert.equal((await term.ended()).code, 130)
  })

  /** @type {[string, string, number][]} */
  const exits = [
    ['the key q', 'q', 0],
    ['Ctrl-D', '\x04', 0],
    ['Ctrl-C', CTRL_C, 130],
  ]
  for (const [name, key, expected] of exits) {
    test(`fake in a terminal restores the terminal mode after ${name}`, async (t) => {
      const call = [process.execPath, MAIN, 'fake'].map(quoted).join(' ')
      const term = shellInTerminal(t, `stty -a; ${call}; echo "exit code $?"; stty -a`)
      await term.until(READY)
      term.type(key)
      const { output } = await term.ended()
      const [before, , after] = stripVTControlCharacters(output).split(/(Fake Osaurus[^]*exit code \d+\n)/)
      assert.match(output, new RegExp(`exit code ${expected}\n`))
      assert.match(before, / icanon /)
      assert.equal(after, before)
    })
  }

  for (const signal of ['TERM', 'HUP']) {
    test(`fake in a terminal restores the terminal mode after SIG${signal}`, async (t) => {
      const call = [process.execPath, MAIN, 'fake'].map(quoted).join(' ')
      const script = `stty -a; sh -c 'echo "pid $$"; exec ${call.replaceAll("'", `'\\''`)}'; echo "exit code $?"; stty -a`
      const term = shellInTerminal(t, script)
      const [, pid] = await term.until(/pid (\d+)/)
      await term.until(READY)
      process.kill(Number(pid), `SIG${signal}`)
      const { output } = await term.ended()
      const [before, , after] = output.split(/(pid [^]*exit code \d+\n)/)
      assert.match(output, new RegExp(`exit code ${signal === 'TERM' ? 143 : 129}\n`))
      assert.equal(after, before)
    })
  }

  test('fake in a terminal reads no keys in the background, and is not stopped there', async (t) => {
    const call = [process.execPath, MAIN, 'fake'].map(quoted).join(' ')
    // Job control gives the background process a process group of its own.
    const term = shellInTerminal(
      t,
      `set -m; ${call} & fake=$!; read line; kill -INT $fake; wait $fake; echo "exit code $?"`,
    )
    const [, url] = await term.until(/runs at (\S+)\r\n/)
    await term.until(READY)
    assert.equal((await fetch(url)).status, 200)
    term.type('c\n')
    const { output } = await term.ended()
    assert.match(output, /exit code 130/)
    assert.doesNotMatch(output, /Keys:|Crashed/)
  })
})
