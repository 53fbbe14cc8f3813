// Tests the command `launch` and the option --launch.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')
const { eventually } = require('../support/measure.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { command, startCommand } = require('../support/cli/command.js')
const { fakeFor } = require('../support/cli/fake.js')
const { CTRL_C, linesInTheEnd, terminal } = require('../support/cli/terminal.js')

const OPENER = path.join(__dirname, '..', 'fixtures', 'cli', 'opener.js')

/** @param {import('node:test').TestContext} t @param {NodeJS.ProcessEnv} [more] */
function machine(t, more) {
  const root = temporaryDirectory(t)
  const opened = path.join(root, 'opened')
  const env = { NODE_OPTIONS: `--require ${OPENER}`, TEST_OPENED: opened, ...more }
  return {
    env,
    baseDir: path.join(root, 'runtime'),
    /** How often the app was opened. */
    count: () => (fs.existsSync(opened) ? fs.readFileSync(opened, 'utf8').split('\n').length - 1 : 0),
  }
}

const COMMANDS = [['launch'], ['url', '--launch'], ['wait', '--launch']]

for (const args of COMMANDS) {
  describe(args.join(' '), () => {
    test(`${args.join(' ')} prints the URL of a running server, and starts nothing`, async (t) => {
      const { env, baseDir, count } = machine(t)
      const fake = await fakeFor(t, { baseDir })
      const { code, stdout, stderr } = await command([...args, '--base-dir', baseDir], { env })
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: `${fake.url}\n`, stderr: '' })
      const inJson = await command([...args, '--json', '--base-dir', baseDir], { env })
      assert.equal(JSON.parse(inJson.stdout), fake.url)
      assert.equal(count(), 0)
    })

    test(`${args.join(' ')} starts Osaurus once if none is running, and prints the URL of its server`, async (t) => {
      const { env, baseDir, count } = machine(t)
      const running = startCommand([...args, '--base-dir', baseDir], { env })
      await eventually(() => count() === 1)
      const fake = await fakeFor(t, { baseDir })
      const { code, stdout, stderr } = await running.ended()
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: `${fake.url}\n`, stderr: '' })
      assert.equal(count(), 1)
    })

    test(`${args.join(' ')} reports that Osaurus is not installed, and where to get it`, async (t) => {
      const { env, baseDir } = machine(t, { TEST_EXIT_CODE: '1' })
      const { code, stdout, stderr } = await command([...args, '--base-dir', baseDir], { env })
      assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
      assert.match(stderr, /^Osaurus is not installed: .*https:/)
    })

    test(`${args.join(' ')} reports that Osaurus cannot run on another system`, async (t) => {
      const { env, baseDir, count } = machine(t, { TEST_PLATFORM: 'linux' })
      const { code, stderr } = await command([...args, '--base-dir', baseDir], { env })
      assert.equal(code, 1)
      assert.match(stderr, /^Osaurus cannot be started on linux: .*\nRun `osaurus-discovery fake`/)
      assert.equal(count(), 0)
    })

    test(`${args.join(' ')} ends at Ctrl-C with 130, its status line erased`, async (t) => {
      const { env, baseDir } = machine(t)
      const term = terminal(t, [...args, '--base-dir', baseDir], { env })
      await term.until(/Starting Osaurus, [1-9]\d*s of 1m 00s\. Press Ctrl-C to stop\./)
      term.type(CTRL_C)
      const { code, output } = await term.ended()
      assert.equal(code, 130)
      assert.equal(linesInTheEnd(output).join('').replace('^C', '').trim(), '')
    })
  })
}

for (const args of [['launch'], ['wait', '--launch']]) {
  test(`${args.join(' ')} gives up after --timeout, and says how to start the server`, async (t) => {
    const { env, baseDir } = machine(t)
    const call = [...args, '--timeout', '300ms', '--base-dir', baseDir]
    const { code, stdout, stderr } = await command(call, { env })
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
    assert.match(stderr, /^Osaurus was opened, but its server is not running yet\. Click .* --timeout\.\n/)
    assert.doesNotMatch(stderr, /timeoutMs/)
  })
}

test('--launch cannot be combined with --no-verify', async () => {
  for (const name of ['url', 'wait']) {
    const { code, stderr } = await command([name, '--launch', '--no-verify'])
    assert.equal(code, 2)
    assert.match(
      stderr,
      /^--launch cannot be combined with --no-verify\.\nTry `osaurus-discovery \w+ --help`/,
    )
  }
})
