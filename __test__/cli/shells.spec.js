// Tests shell detection and quoting.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { detectShell, quote, setVariable, setVariableIfUnset, shellQuote } = require('../../lib/cli/shells.js')
const { Running, environment } = require('../support/cli/command.js')

describe('the detected shell is', () => {
  /** @type {[string, string | undefined, NodeJS.Platform, string][]} */
  const cases = [
    ['fish by its path', '/opt/homebrew/bin/fish', 'darwin', 'fish'],
    ['sh for zsh', '/bin/zsh', 'darwin', 'sh'],
    ['sh for bash', '/bin/bash', 'linux', 'sh'],
    ['sh if $SHELL is unset', undefined, 'linux', 'sh'],
    ['powershell on Windows if $SHELL is unset', undefined, 'win32', 'powershell'],
    ['powershell for pwsh', '/usr/bin/pwsh', 'linux', 'powershell'],
    ['powershell for pwsh.exe', 'C:\\Program Files\\PowerShell\\7\\pwsh.exe', 'win32', 'powershell'],
    ['sh for the bash of Git on Windows', 'C:\\Program Files\\Git\\bin\\bash.exe', 'win32', 'sh'],
  ]
  for (const [name, SHELL, platform, shell] of cases) {
    test(`the detected shell is ${name}`, () => assert.equal(detectShell({ SHELL }, platform), shell))
  }
})

describe('quoting', () => {
  /** @type {[string, string, string, string][]} text, sh, fish, powershell */
  const cases = [
    ['http://x/v1', `'http://x/v1'`, `'http://x/v1'`, `'http://x/v1'`],
    [`it's`, `'it'\\''s'`, `'it\\'s'`, `'it''s'`],
    ['a\\b', `'a\\b'`, `'a\\\\b'`, `'a\\b'`],
    ['$HOME `id` "x"', `'$HOME \`id\` "x"'`, `'$HOME \`id\` "x"'`, `'$HOME \`id\` "x"'`],
    ['a\u2019b', `'a\u2019b'`, `'a\u2019b'`, `'a\u2019\u2019b'`],
  ]
  for (const [text, sh, fish, powershell] of cases) {
    test(`quoting of ${JSON.stringify(text)}`, async () => {
      assert.equal(setVariable('sh', 'X', quote('sh', text)), `export X=${sh}`)
      assert.equal(setVariable('fish', 'X', quote('fish', text)), `set -gx X ${fish}`)
      assert.equal(setVariable('powershell', 'X', quote('powershell', text)), `$Env:X = ${powershell}`)
      const lines = `${setVariable('sh', 'X', quote('sh', text))}; ${setVariableIfUnset('sh', ['Y'], 'Y', quote('sh', text))}; printf %s "$X$Y"`
      const { stdout } = await new Running('sh', ['-c', lines], { env: environment() }).ended()
      assert.equal(stdout, text + text)
    })
  }

  test('quoting of a word in a shown command changes only words that require it', async () => {
    assert.equal(shellQuote('/tmp/osaurus-fake-1'), '/tmp/osaurus-fake-1')
    for (const text of ["/it's here", '~x', 'a*', '', '$x', 'a\nb', '-n']) {
      const { stdout } = await new Running('sh', ['-c', `printf '%s|' ${shellQuote(text)}`], {
        env: environment(),
      }).ended()
      assert.equal(stdout, `${text}|`)
    }
  })
})
