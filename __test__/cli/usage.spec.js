// Tests --help, --version and the errors for wrong usage.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { COMMAND_NAMES, allCommands } = require('../../lib/cli/commands.js')
const { widthOf } = require('../../lib/cli/text.js')
const { version } = require('../../package.json')
const { MAIN, PROJECT, UNSAFE, Running, command, environment } = require('../support/cli/command.js')

describe('help', () => {
  for (const name of ['', ...COMMAND_NAMES]) {
    test(`help of ${name || 'osaurus-discovery'} fits 80 columns and goes to stdout`, async () => {
      const { code, stdout, stderr } = await command([...(name ? [name] : []), '--help'])
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
      for (const line of stdout.split('\n')) assert.ok(widthOf(line) <= 80, line)
      assert.match(stdout, new RegExp(`^Usage\n  osaurus-discovery ${name || 'COMMAND'}`))
    })
  }

  test('help lists every command, and for a command every option of it', async () => {
    const { stdout } = await command(['--help'])
    for (const name of COMMAND_NAMES) assert.match(stdout, new RegExp(`^  ${name} `, 'm'))
    for (const { name, takes } of allCommands()) {
      const help = (await command([name, '-h'])).stdout
      for (const option of takes) assert.match(help, new RegExp(`^  --${option}\\b`, 'm'))
    }
  })

  test('help is printed on stderr without a command, with exit code 2', async () => {
    const { code, stdout, stderr } = await command([])
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
    assert.equal(stderr, (await command(['--help'])).stdout)
  })
})

test('--version prints only the version', async () => {
  for (const args of [['--version'], ['-v'], ['list', '--version']]) {
    const { code, stdout, stderr } = await command(args)
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: `${version}\n`, stderr: '' })
  }
})

describe('wrong usage is reported on stderr with exit code 2 and a hint', () => {
  /** @type {[string[], RegExp][]} */
  const cases = [
    [['lits'], /^Unknown command 'lits'\. Did you mean 'list'\?\nTry `osaurus-discovery --help`\.\n$/],
    [['help'], /^Unknown command 'help'\. Did you mean '--help'\?\n/],
    [['docter'], /Did you mean 'doctor'\?/],
    [['watsh'], /Did you mean 'watch'\?/],
    [['enviroment'], /^Unknown command 'enviroment'\.\n/],
    [
      ['list', '--jsno'],
      /^Unknown option '--jsno' for 'list'\. Did you mean '--json'\?\nTry `osaurus-discovery list --help`/,
    ],
    [['list', '--basedir', 'x'], /Did you mean '--base-dir'\?/],
    [['url', '--no-verfy'], /Did you mean '--no-verify'\?/],
    [['wait', '--time-out', '3s'], /Did you mean '--timeout'\?/],
    [['--tiemout', '3s', 'wait'], /Unknown option '--tiemout'\. Did you mean '--timeout'\?/],
    [['list', '-json'], /Unknown option '-json' for 'list'\. Did you mean '--json'\?/],
    [['url', '--timeout', '3s'], /^--timeout requires --network\./],
    [['fake', '--no-verify'], /Unknown option '--no-verify' for 'fake'/],
    [['url', 'extra'], /Unexpected argument 'extra' for 'url'\./],
    [['list', '--json=yes'], /--json does not take a value\. It got 'yes'/],
    [['list', '--base-dir'], /--base-dir requires a value: --base-dir DIR/],
    [['list', '--base-dir', '--json'], /--base-dir requires a value.*begins with a dash, write --base-dir=/],
    [['list', '--base-dir', ''], /--base-dir requires the path of a directory\. It got an empty string/],
    [['list', '--probe-timeout', '0'], /from 1ms to 60s.*It got '0'/],
    [['list', '--probe-timeout', '61s'], /from 1ms to 60s.*It got '61s'/],
    [['list', '--probe-timeout', 'soon'], /It got 'soon'/],
    [['wait', '--timeout', '1000h'], /at most 596h.*It got '1000h'/],
    [['wait', '--timeout=-1'], /It got '-1'/],
    [['env', '--shell', 'fsh'], /one of sh, fish, powershell\. It got 'fsh'\. Did you mean 'sh'\?/],
    [['fake', '--port', '70000'], /a port from 1 to 65535.*It got '70000'/],
    [['fake', '--word-delay', '61s'], /at most 60s.*It got '61s'/],
    [['fake', '--port', '80a'], /It got '80a'/],
    [['completion'], /'completion' requires the argument SHELL: one of bash, zsh, fish\.\n/],
    [['completion', 'bsh'], /got 'bsh'\. Did you mean 'bash'\?/],
    [['\x1b[31m\u202e\n'], /^Unknown command '\\x1b\[31m\\u202e\\n'\./],
    [['list', '--\x1b[31m'], /Unknown option '--\\x1b\[31m'/],
  ]
  for (const [args, words] of cases) {
    test(`wrong usage is reported: ${JSON.stringify(args.join(' '))}`, async () => {
      const { code, stdout, stderr } = await command(args)
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
      assert.match(stderr, words)
      assert.doesNotMatch(stderr, UNSAFE)
      assert.match(stderr, /\nTry `osaurus-discovery .*--help`\.\n$/)
    })
  }
})

test('a Node version that is too old is rejected with the required version', async () => {
  const pretend = 'Object.defineProperty(process.versions, "node", { value: "18.20.0" })'
  const script = `${pretend}; require(${JSON.stringify(MAIN)})`
  const running = new Running(process.execPath, ['-e', script], { cwd: PROJECT, env: environment() })
  const { code, stdout, stderr } = await running.ended()
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
  assert.match(stderr, /needs Node 20\.12 or newer/)
})
