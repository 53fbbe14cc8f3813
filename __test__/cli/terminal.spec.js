// How does the command behave in a terminal, and in a pipe that ends early?
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const { describe, test } = require('node:test')
const { MAIN, command, environment, Running } = require('./helpers/command.js')
const { fakeFor } = require('./helpers/fake.js')
const { CTRL_C, quoted, shellInTerminal, terminal, visibleLines } = require('./helpers/terminal.js')
const { runtimeFolder } = require('../helpers/runtime-folder.js')

const COLOUR = /\x1b\[\d+m/

describe('colours', () => {
  /** @type {[string, NodeJS.ProcessEnv, boolean][]} */
  const cases = [
    ['are shown on a terminal', {}, true],
    ['are not shown where NO_COLOR is set', { NO_COLOR: '1' }, false],
    ['are not shown where NODE_DISABLE_COLORS is set', { NODE_DISABLE_COLORS: '1' }, false],
    ['are not shown on a terminal that has none', { TERM: 'dumb' }, false],
    ['are not shown where FORCE_COLOR is 0', { FORCE_COLOR: '0' }, false],
  ]
  for (const [name, env, shown] of cases) {
    test(`${name}`, async (t) => {
      const fake = await fakeFor(t)
      const { code, output } = await terminal(t, ['list', '--base-dir', fake.baseDir], { env }).ended()
      assert.equal(code, 0)
      assert.match(output, new RegExp(fake.url))
      assert.equal(COLOUR.test(output), shown, JSON.stringify(output))
    })
  }

  test('are not shown in a pipe', async (t) => {
    const fake = await fakeFor(t)
    for (const name of ['list', 'doctor', 'url', 'env']) {
      const { stdout, stderr } = await command([name, '--base-dir', fake.baseDir])
      assert.doesNotMatch(stdout + stderr, /\x1b/, name)
    }
  })

  test('are shown in a pipe where FORCE_COLOR says so', async (t) => {
    const fake = await fakeFor(t)
    const { stdout } = await command(['list', '--base-dir', fake.baseDir], { env: { FORCE_COLOR: '1' } })
    assert.match(stdout, COLOUR)
  })

  test('follow each stream: a coloured terminal for stderr colours no redirected stdout', async (t) => {
    const fake = await fakeFor(t)
    const { output } = await shellInTerminal(
      t,
      `${quoted(process.execPath)} ${quoted(MAIN)} list --base-dir ${quoted(fake.baseDir)} | cat`,
    ).ended()
    assert.match(output, new RegExp(fake.url))
    assert.doesNotMatch(output, COLOUR)
  })
})

describe('a terminal of 40 columns', () => {
  /**
   * Each line fits, but for a single word and a command that doctor shows: in two pieces it could not be copied.
   * @param {string} output
   */
  function assertFits(output) {
    for (const line of visibleLines(output)) {
      const isWhole =
        !line.trim().includes(' ') || /^ {2,4}(curl|eval|lsof|ls|cat|osaurus-discovery) /.test(line)
      assert.ok(line.length <= 40 || isWhole, `${line.length} columns: ${line}`)
    }
  }

  test('gets a list that fits', async (t) => {
    const fake = await fakeFor(t)
    const { output } = await terminal(t, ['list', '--base-dir', fake.baseDir], { columns: 40 }).ended()
    const lines = visibleLines(output)
    assertFits(output)
    assert.equal(lines[0], fake.url)
    assert.ok(
      lines.includes(`  ${fake.instance.instanceId}`) || lines.includes(`    ${fake.instance.instanceId}`),
    )
  })

  test('gets the table where it is wide enough', async (t) => {
    const fake = await fakeFor(t)
    const { output } = await terminal(t, ['list', '--base-dir', fake.baseDir], { columns: 120 }).ended()
    assert.equal(visibleLines(output).length, 2)
    assert.match(visibleLines(output)[0], /^URL +ACCESS +PUBLISHED +INSTANCE$/)
  })

  test('gets a report of the doctor that fits', async (t) => {
    const fake = await fakeFor(t)
    await fake.crash()
    await fake.relaunch()
    const runtime = runtimeFolder(t)
    runtime.publish({ port: 1 })
    runtime.write('broken', 'nonsense')
    for (const baseDir of [fake.baseDir, runtime.baseDir]) {
      const { output } = await terminal(t, ['doctor', '--base-dir', baseDir], { columns: 40 }).ended()
      assertFits(output)
    }
  })

  test('gets help and errors that fit', async (t) => {
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

describe('a closed pipe', () => {
  test('ends a long list silently', async (t) => {
    const runtime = runtimeFolder(t)
    for (let i = 0; i < 2000; i++) runtime.publish({ instanceId: `INSTANCE-${i}`, port: 1000 + i })
    const script = `set -o pipefail; ${quoted(process.execPath)} ${quoted(MAIN)} list --no-verify --base-dir ${quoted(runtime.baseDir)} | head -1`
    const { code, stdout, stderr } = await new Running('bash', ['-c', script], { env: environment() }).ended()
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.match(stdout, /^URL .*\n$/)
  })
})

describe('a full disk', { skip: !fs.existsSync('/dev/full') && 'only Linux has one to try' }, () => {
  test('is told in one line', async () => {
    const script = `${quoted(process.execPath)} ${quoted(MAIN)} --help > /dev/full`
    const { code, stderr } = await new Running('bash', ['-c', script], { env: environment() }).ended()
    assert.deepEqual(
      { code, stderr },
      { code: 1, stderr: 'Cannot write: ENOSPC: no space left on device, write\n' },
    )
  })
})

describe('Ctrl-C', () => {
  test('ends a look at a server that does not answer with 130', async (t) => {
    const fake = await fakeFor(t)
    fake.suspend()
    for (const name of ['list', 'url', 'doctor', 'env']) {
      const before = fake.connections
      const term = terminal(t, [name, '--base-dir', fake.baseDir, '--probe-timeout', '60000'])
      while (fake.connections === before) await new Promise((resolve) => setTimeout(resolve, 5))
      term.type(CTRL_C)
      const { code, output } = await term.ended()
      assert.equal(code, 130, name)
      assert.equal(output.replaceAll('^C', '').trim(), '', name)
    }
  })
})

test('env tells those who call it at a terminal how its lines are applied, whole', async (t) => {
  const fake = await fakeFor(t)
  const args = ['env', '--shell', 'fish', '--base-dir', fake.baseDir]
  const { output } = await terminal(t, args, { columns: 40 }).ended()
  const [last] = visibleLines(output).slice(-1)
  assert.equal(last, `To apply them: osaurus-discovery ${args.join(' ')} | source`)
})
