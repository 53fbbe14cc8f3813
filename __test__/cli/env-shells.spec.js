// Tests `env` in the syntax of each shell.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { command } = require('../support/cli/command.js')
const { fakeFor } = require('../support/cli/fake.js')

const KEY = 'osk-v1-test'

describe('env', () => {
  test('env writes keys, proxies and unset variables in the syntax of fish and PowerShell', async (t) => {
    const fake = await fakeFor(t)
    const env = { OSAURUS_API_KEY: KEY, ANTHROPIC_API_KEY: 'osaurus', http_proxy: 'http://x' }
    const lines = async (/** @type {string} */ shell) => {
      const args = ['env', '--shell', shell, '--base-dir', fake.baseDir]
      return (await command(args, { env })).stdout.trimEnd().split('\n').slice(3)
    }
    assert.deepEqual(await lines('fish'), [
      `test -n "$OPENAI_API_KEY"; or set -gx OPENAI_API_KEY "$OSAURUS_API_KEY"`,
      `test -n "$ANTHROPIC_AUTH_TOKEN"; or set -gx ANTHROPIC_AUTH_TOKEN "$OSAURUS_API_KEY"`,
      'set -e ANTHROPIC_API_KEY',
      `set -gx no_proxy '127.0.0.1,localhost'`,
      `set -gx NO_PROXY '127.0.0.1,localhost'`,
    ])
    assert.deepEqual(await lines('powershell'), [
      `if (-not "$Env:OPENAI_API_KEY") { $Env:OPENAI_API_KEY = $Env:OSAURUS_API_KEY }`,
      `if (-not "$Env:ANTHROPIC_AUTH_TOKEN") { $Env:ANTHROPIC_AUTH_TOKEN = $Env:OSAURUS_API_KEY }`,
      'Remove-Item Env:ANTHROPIC_API_KEY',
      `$Env:no_proxy = '127.0.0.1,localhost'`,
      `$Env:NO_PROXY = '127.0.0.1,localhost'`,
    ])
  })

  // Tried by hand in fish 3.6. The lines for PowerShell follow its documentation.
  test('env writes the syntax of fish and PowerShell', async (t) => {
    const fake = await fakeFor(t)
    const lines = async (/** @type {string} */ shell) =>
      (await command(['env', '--shell', shell, '--base-dir', fake.baseDir])).stdout.trimEnd().split('\n')
    assert.deepEqual(await lines('fish'), [
      `set -gx OPENAI_BASE_URL '${fake.url}/v1'`,
      `set -gx ANTHROPIC_BASE_URL '${fake.url}'`,
      `set -gx OLLAMA_HOST '${fake.url}'`,
      `test -n "$OPENAI_API_KEY"; or set -gx OPENAI_API_KEY 'osaurus'`,
      `test -n "$ANTHROPIC_API_KEY$ANTHROPIC_AUTH_TOKEN"; or set -gx ANTHROPIC_API_KEY 'osaurus'`,
    ])
    assert.deepEqual(await lines('powershell'), [
      `$Env:OPENAI_BASE_URL = '${fake.url}/v1'`,
      `$Env:ANTHROPIC_BASE_URL = '${fake.url}'`,
      `$Env:OLLAMA_HOST = '${fake.url}'`,
      `if (-not "$Env:OPENAI_API_KEY") { $Env:OPENAI_API_KEY = 'osaurus' }`,
      `if (-not "$Env:ANTHROPIC_API_KEY$Env:ANTHROPIC_AUTH_TOKEN") { $Env:ANTHROPIC_API_KEY = 'osaurus' }`,
    ])
  })

  test('env writes for the shell in $SHELL', async (t) => {
    const fake = await fakeFor(t)
    const { stdout } = await command(['env', '--base-dir', fake.baseDir], { env: { SHELL: '/usr/bin/fish' } })
    assert.match(stdout, /^set -gx /)
  })
})
