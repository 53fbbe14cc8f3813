// Tests the commands in a terminal, and in a pipe that is closed early.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const { describe, test } = require('node:test')
const { stripVTControlCharacters } = require('node:util')
const { COMMAND_NAMES } = require('../../lib/cli/commands.js')
const { eventually } = require('../support/measure.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const { MAIN, Running, command, environment } = require('../support/cli/command.js')
const {
  EVERY_COMMAND,
  callOf,
  everyCommand,
  inPipe,
  inTerminal,
  oneOfEach,
} = require('../support/cli/every-command.js')
const { fakeFor } = require('../support/cli/fake.js')
const {
  CTRL_C,
  linesInTheEnd,
  quoted,
  shellInTerminal,
  terminal,
  visibleLines,
} = require('../support/cli/terminal.js')

const COLOUR = /\x1b\[\d+m/

// Each command takes a tenth of a second or more, mostly to start.
const IN_PARALLEL = { concurrency: 4 }

test('every command is tested in a terminal', () => {
  const tried = new Set(everyCommand().map((name) => name.split(' ')[0]))
  assert.deepEqual([...tried].sort(), [...COMMAND_NAMES].sort())
})

describe('colours', IN_PARALLEL, () => {
  for (const name of everyCommand()) {
    const { isPlain = false } = EVERY_COMMAND[name]
    test(`colours of ${name} are ${isPlain ? 'never used' : 'shown on a terminal'}`, async (t) => {
      const { baseDir } = await oneOfEach(t)
      const { code, expected, output } = await inTerminal(t, name, baseDir)
      assert.equal(code, expected, output)
      assert.notEqual(output.trim(), '')
      assert.equal(COLOUR.test(output), !isPlain, JSON.stringify(output))
    })

    test(`colours of ${name} are not shown if NO_COLOR is set`, async (t) => {
      const { baseDir } = await oneOfEach(t)
      const { code, expected, output } = await inTerminal(t, name, baseDir, { env: { NO_COLOR: '1' } })
      assert.equal(code, expected, output)
      assert.notEqual(output.trim(), '')
      assert.doesNotMatch(output, COLOUR)
    })

    test(`colours of ${name} are not shown in a pipe`, async (t) => {
      const { baseDir } = await oneOfEach(t)
      const { code, expected, stdout, stderr } = await inPipe(t, name, baseDir)
      assert.equal(code, expected, stderr)
      assert.notEqual(stdout, '')
      // Not even the sequence that erases a line.
      assert.doesNotMatch(stdout + stderr, /\x1b/)
    })
  }

  /** @type {[string, NodeJS.ProcessEnv][]} */
  const others = [
    ['if NODE_DISABLE_COLORS is set', { NODE_DISABLE_COLORS: '1' }],
    ['on a terminal without colours', { TERM: 'dumb' }],
    ['if FORCE_COLOR is 0', { FORCE_COLOR: '0' }],
  ]
  for (const [where, env] of others) {
    test(`colours are not shown ${where}`, async (t) => {
      const fake = await fakeFor(t)
      const { code, output } = await terminal(t, ['list', '--base-dir', fake.baseDir], { env }).ended()
      assert.equal(code, 0)
      assert.match(output, new RegExp(fake.url))
      assert.doesNotMatch(output, COLOUR)
    })
  }

  test('colours are shown in a pipe if FORCE_COLOR is set', async (t) => {
    const fake = await fakeFor(t)
    const { stdout } = await command(['list', '--base-dir', fake.baseDir], { env: { FORCE_COLOR: '1' } })
    assert.match(stdout, COLOUR)
  })

  test('colours are not shown on a redirected stdout while stderr is a terminal', async (t) => {
    const fake = await fakeFor(t)
    const { output } = await shellInTerminal(
      t,
      `${quoted(process.execPath)} ${quoted(MAIN)} list --base-dir ${quoted(fake.baseDir)} | cat`,
    ).ended()
    assert.match(output, new RegExp(fake.url))
    assert.doesNotMatch(output, COLOUR)
  })
})

describe('a terminal of 40 columns', IN_PARALLEL, () => {
  /**
   * Checks that each line fits, including lines that are erased later. Exceptions are single words, commands and code, which
   * are printed in one piece so that they can be copied.
   * @param {string} output
   */
  function assertFits(output) {
    for (const line of stripVTControlCharacters(output).split(/[\r\n]+/)) {
      const text = line.replace('^C', '')
      const isUnwrapped =
        !text.trim().includes(' ') ||
        /^ {2,4}(curl|eval|lsof|ls|cat|osaurus-discovery) |^ {2}discoverLatestRunningInstance\(/.test(text)
      assert.ok(text.length <= 40 || isUnwrapped, `${text.length} columns: ${text}`)
    }
  }

  for (const name of everyCommand(({ isData }) => !isData)) {
    test(`a terminal of 40 columns fits the output of ${name}`, async (t) => {
      const fake = await oneOfEach(t)
      const { code, expected, output } = await inTerminal(t, name, fake.baseDir, { columns: 40 })
      assert.equal(code, expected, output)
      assertFits(output)
      if (EVERY_COMMAND[name].discovers) assert.match(output, new RegExp(fake.url))
    })
  }

  for (const name of everyCommand(({ isData }) => isData)) {
    test(`a terminal of 40 columns receives the lines of ${name} unwrapped, like a pipe`, async (t) => {
      const { baseDir } = await oneOfEach(t)
      const { stdout } = await inPipe(t, name, baseDir)
      const { code, output } = await inTerminal(t, name, baseDir, { columns: 40 })
      assert.equal(code, 0, output)
      const lines = stdout.trimEnd().split('\n')
      // After its lines, env prints how to apply them.
      assert.deepEqual(linesInTheEnd(output).slice(0, lines.length), lines)
    })
  }

  test('a terminal of 40 columns fits the status line of wait', async (t) => {
    const { baseDir } = runtimeDirectory(t)
    const term = terminal(t, ['wait', '--base-dir', baseDir], { columns: 40 })
    await term.until(/Waiting for Osaurus, \d/)
    term.type(CTRL_C)
    const { output } = await term.ended()
    assertFits(output)
  })

  test('a terminal of 40 columns shows a list as blocks', async (t) => {
    const fake = await fakeFor(t)
    const { output } = await terminal(t, ['list', '--base-dir', fake.baseDir], { columns: 40 }).ended()
    const lines = visibleLines(output)
    assert.equal(lines[0], fake.url)
    assert.ok(
      lines.includes(`  ${fake.instance.instanceId}`) || lines.includes(`    ${fake.instance.instanceId}`),
    )
  })

  test('a terminal of 40 columns is too narrow for the table, which 120 columns show', async (t) => {
    const fake = await fakeFor(t)
    const { output } = await terminal(t, ['list', '--base-dir', fake.baseDir], { columns: 120 }).ended()
    assert.equal(visibleLines(output).length, 2)
    assert.match(visibleLines(output)[0], /^URL +ACCESS +PUBLISHED +INSTANCE$/)
  })

  test('a terminal of 40 columns fits the report of doctor if no server is running', async (t) => {
    const runtime = runtimeDirectory(t)
    runtime.publish({ port: 1 })
    runtime.write('broken', 'nonsense')
    const { output } = await terminal(t, ['doctor', '--base-dir', runtime.baseDir], { columns: 40 }).ended()
    assertFits(output)
  })

  test('a terminal of 40 columns fits help and errors', async (t) => {
    for (const args of [
      ['--help'],
      ['list', '--help'],
      ['fake', '--help'],
      ['lits'],
      ['wait', '--timeout', 'x'],
    ]) {
      const { output } = await terminal(t, args, { columns: 40 }).ended()
      assertFits(output)
    }
  })
})

describe('a closed pipe', IN_PARALLEL, () => {
  for (const name of everyCommand()) {
    test(`a closed pipe ends ${name} silently`, async (t) => {
      const { baseDir } = await oneOfEach(t)
      const call = callOf(t, name, baseDir)
      const words = [process.execPath, MAIN, ...call].map(quoted).join(' ')
      // The command starts after its reader has closed the pipe.
      const script = `set -o pipefail; (trap '' PIPE; while echo 2>/dev/null; do :; done; exec ${words}) | :`
      const { code, stderr } = await new Running('bash', ['-c', script], { env: environment() }).ended()
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
      if (name === 'fake') assert.equal(fs.existsSync(call[2]), false, 'what it published is removed')
    })
  }

  test('a closed pipe ends a long list silently', async (t) => {
    const runtime = runtimeDirectory(t)
    for (let i = 0; i < 2000; i++) runtime.publish({ instanceId: `INSTANCE-${i}`, port: 1000 + i })
    const script = `set -o pipefail; ${quoted(process.execPath)} ${quoted(MAIN)} list --no-verify --base-dir ${quoted(runtime.baseDir)} | head -1`
    const { code, stdout, stderr } = await new Running('bash', ['-c', script], { env: environment() }).ended()
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.match(stdout, /^URL .*\n$/)
  })
})

describe('a full disk', { skip: !fs.existsSync('/dev/full') && 'only Linux has /dev/full' }, () => {
  test('a full disk is reported in one line', async () => {
    const script = `${quoted(process.execPath)} ${quoted(MAIN)} --help > /dev/full`
    const { code, stderr } = await new Running('bash', ['-c', script], { env: environment() }).ended()
    assert.deepEqual(
      { code, stderr },
      { code: 1, stderr: 'Cannot write: ENOSPC: no space left on device, write\n' },
    )
  })
})

describe('Ctrl-C', IN_PARALLEL, () => {
  for (const name of everyCommand(({ discovers }) => discovers)) {
    test(`Ctrl-C ends ${name} with 130 while it probes a server that does not answer`, async (t) => {
      const fake = await fakeFor(t)
      fake.suspend()
      const term = terminal(t, callOf(t, name, fake.baseDir))
      await eventually(() => assert.ok(fake.connections > 0))
      term.type(CTRL_C)
      const { code, output } = await term.ended()
      assert.equal(code, 130)
      assert.equal(linesInTheEnd(output).join('').replaceAll('^C', '').trim(), '')
    })
  }
})

test('env prints on a terminal how to apply its lines, in one piece', async (t) => {
  const fake = await fakeFor(t)
  const args = ['env', '--shell', 'fish', '--base-dir', fake.baseDir]
  const { output } = await terminal(t, args, { columns: 40 }).ended()
  const [last] = visibleLines(output).slice(-1)
  assert.equal(last, `To apply them: osaurus-discovery ${args.join(' ')} | source`)
})
