// Tests the completion scripts for bash, zsh and fish.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')
const { COMMAND_NAMES, allCommands } = require('../../lib/cli/commands.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { Running, command, environment } = require('../support/cli/command.js')

describe('the completion script for bash', () => {
  /** @param {string[]} words the last one is incomplete @param {string} [cwd] */
  async function completions(words, cwd) {
    const script = `eval "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _osaurus_discovery; printf '%s\\n' "\${COMPREPLY[@]}"`
    const lines = (await command(['completion', 'bash'])).stdout
    const args = ['--norc', '-c', script, lines, 'osaurus-discovery', ...words]
    const { code, stdout, stderr } = await new Running('bash', args, { cwd, env: environment() }).ended()
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    return stdout.trim().split('\n')
  }

  test('the completion script for bash completes commands', async () => {
    assert.deepEqual(await completions(['']), [...COMMAND_NAMES, '--help', '--version'])
    assert.deepEqual(await completions(['wa']), ['wait', 'watch'])
  })

  test('the completion script for bash completes the options of the typed command', async () => {
    assert.deepEqual(await completions(['fake', '--st']), ['--starting'])
    assert.deepEqual(await completions(['--json', 'wait', '--t']), ['--timeout'])
    assert.deepEqual(await completions(['env', '--t']), [''])
    assert.deepEqual(await completions(['url', '--network', '']), [''])
    assert.deepEqual(await completions(['list', '--network', '--ti']), ['--timeout'])
  })

  test('the completion script for bash completes values of options and arguments', async (t) => {
    assert.deepEqual(await completions(['env', '--shell', '']), ['sh', 'fish', 'powershell'])
    assert.deepEqual(await completions(['completion', 'f']), ['fish'])
    assert.deepEqual(await completions(['wait', '--timeout', '']), [''])
    const root = temporaryDirectory(t)
    fs.mkdirSync(path.join(root, 'with space'))
    assert.deepEqual(await completions(['list', '--base-dir', 'w'], root), ['with space'])
  })
})

// Not every machine has zsh and fish, so this checks only that the scripts are complete. Tried by hand in zsh 5.9 and fish 3.6.
for (const shell of ['zsh', 'fish']) {
  test(`the completion script for ${shell} contains every command, every option and every value`, async () => {
    const { stdout } = await command(['completion', shell])
    for (const { name, takes, argument } of allCommands()) {
      const block = shell === 'zsh' ? section(stdout, name) : linesFor(stdout, name)
      assert.match(stdout, new RegExp(shell === 'zsh' ? `^ {4}'${name}:` : `-a ${name} -d `, 'm'))
      for (const option of takes) {
        assert.match(
          block,
          new RegExp(shell === 'zsh' ? `'--${option}\\[` : ` -l ${option} `),
          `${name} ${option}`,
        )
      }
      for (const value of argument?.oneOf ?? []) assert.match(block, new RegExp(`\\b${value}\\b`))
    }
    assert.match(section(stdout, 'env') || linesFor(stdout, 'env'), /sh fish powershell/)
  })
}

/** @param {string} script @param {string} name */
function section(script, name) {
  return new RegExp(`^ {4}${name}\\)$[^;]*(;[^;][^;]*)*;;$`, 'm').exec(script)?.[0] ?? ''
}

/** @param {string} script @param {string} name */
function linesFor(script, name) {
  return script
    .split('\n')
    .filter((line) => line.includes(`'__fish_seen_subcommand_from ${name}'`))
    .join('\n')
}
