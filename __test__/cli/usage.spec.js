// What does the command say to those who ask for help, and to those who mistype?
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { NAMES, allCommands } = require('../../lib/cli/commands.js')
const { widthOf } = require('../../lib/cli/layout.js')
const { version } = require('../../package.json')
const { MAIN, PROJECT, UNSAFE, Running, command, environment } = require('../support/cli/command.js')

describe('help', () => {
  for (const name of ['', ...NAMES]) {
    test(`of ${name || 'the whole'} fits 80 columns and goes to stdout`, async () => {
      const { code, stdout, stderr } = await command([...(name ? [name] : []), '--help'])
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
      for (const line of stdout.split('\n')) assert.ok(widthOf(line) <= 80, line)
      assert.match(stdout, new RegExp(`^Usage\n  osaurus-discovery ${name || 'COMMAND'}`))
    })
  }

  test('of the whole names every command, that of a command every option of it', async () => {
    const { stdout } = await command(['--help'])
    for (const name of NAMES) assert.match(stdout, new RegExp(`^  ${name} `, 'm'))
    for (const { name, takes } of allCommands()) {
      const help = (await command([name, '-h'])).stdout
      for (const option of takes) assert.match(help, new RegExp(`^  --${option}\\b`, 'm'))
    }
  })

  test('is what one gets without a command, on stderr and with 2', async () => {
    const { code, stdout, stderr } = await command([])
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
    assert.equal(stderr, (await command(['--help'])).stdout)
  })
})

test('--version prints the version alone', async () => {
  for (const args of [['--version'], ['-v'], ['list', '--version']]) {
    const { code, stdout, stderr } = await command(args)
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: `${version}\n`, stderr: '' })
  }
})

describe('wrong usage is answered on stderr, with 2 and with what is right', () => {
  /** @type {[string[], RegExp][]} */
  const cases = [
    [['lits'], /^There is no command 'lits'\. Did you mean 'list'\?\nTry `osaurus-discovery --help`\.\n$/],
    [['help'], /^There is no command 'help'\. Did you mean '--help'\?\n/],
    [['docter'], /Did you mean 'doctor'\?/],
    [['watsh'], /Did you mean 'watch'\?/],
    [['enviroment'], /^There is no command 'enviroment'\.\n/],
    [
      ['list', '--jsno'],
      /^'list' has no option '--jsno'\. Did you mean '--json'\?\nTry `osaurus-discovery list --help`/,
    ],
    [['list', '--basedir', 'x'], /Did you mean '--base-dir'\?/],
    [['url', '--no-verfy'], /Did you mean '--no-verify'\?/],
    [['wait', '--time-out', '3s'], /Did you mean '--timeout'\?/],
    [['--tiemout', '3s', 'wait'], /no option '--tiemout'\. Did you mean '--timeout'\?/],
    [['list', '-json'], /no option '-json'\. Did you mean '--json'\?/],
    [['url', '--timeout', '3s'], /'url' has no option '--timeout'/],
    [['fake', '--no-verify'], /'fake' has no option '--no-verify'/],
    [['url', 'extra'], /'url' takes no 'extra' behind it/],
    [['list', '--json=yes'], /--json takes no value, and got 'yes'/],
    [['list', '--base-dir'], /--base-dir needs a value: --base-dir DIR/],
    [['list', '--base-dir', '--json'], /--base-dir needs a value.*begins with a dash, write --base-dir=/],
    [['list', '--base-dir', ''], /--base-dir needs the path of a folder, and got an empty one/],
    [['list', '--probe-timeout', '0'], /from 1ms to 60s.*It got '0'/],
    [['list', '--probe-timeout', '61s'], /from 1ms to 60s.*It got '61s'/],
    [['list', '--probe-timeout', 'soon'], /It got 'soon'/],
    [['wait', '--timeout', '1000h'], /at most 596h.*It got '1000h'/],
    [['wait', '--timeout=-1'], /It got '-1'/],
    [['env', '--shell', 'fsh'], /one of sh, fish, powershell\. It got 'fsh'\. Did you mean 'sh'\?/],
    [['fake', '--port', '70000'], /a port from 1 to 65535.*It got '70000'/],
    [['fake', '--port', '80a'], /It got '80a'/],
    [['completion'], /'completion' needs one of bash, zsh, fish behind it\.\n/],
    [['completion', 'bsh'], /got 'bsh'\. Did you mean 'bash'\?/],
    [['\x1b[31m\u202e\n'], /^There is no command '\\x1b\[31m\\u202e\\n'\./],
    [['list', '--\x1b[31m'], /no option '--\\x1b\[31m'/],
  ]
  for (const [args, words] of cases) {
    test(JSON.stringify(args.join(' ')), async () => {
      const { code, stdout, stderr } = await command(args)
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
      assert.match(stderr, words)
      assert.doesNotMatch(stderr, UNSAFE)
      assert.match(stderr, /\nTry `osaurus-discovery .*--help`\.\n$/)
    })
  }
})

test('a Node that is too old is told which one is needed', async () => {
  const pretend = 'Object.defineProperty(process.versions, "node", { value: "18.20.0" })'
  const script = `${pretend}; require(${JSON.stringify(MAIN)})`
  const running = new Running(process.execPath, ['-e', script], { cwd: PROJECT, env: environment() })
  const { code, stdout, stderr } = await running.ended()
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
  assert.match(stderr, /needs Node 20\.12 or newer/)
})
