// Tests the command `env` with real clients, in every shell.
'use strict'

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const path = require('node:path')
const { describe, test } = require('node:test')
const { MAIN, Running, command, environment } = require('../support/cli/command.js')
const { fakeFor } = require('../support/cli/fake.js')
const { quoted } = require('../support/cli/terminal.js')

const KEY = 'osk-v1-test'
const WITHOUT_CURL = spawnSync('curl', ['--version']).error !== undefined && 'curl is not installed'

const VARIABLES = [
  'OPENAI_BASE_URL',
  'OPENAI_API_KEY',
  'ANTHROPIC_BASE_URL',
  'ANTHROPIC_API_KEY',
  'OLLAMA_HOST',
  'ANTHROPIC_AUTH_TOKEN',
  'NO_PROXY',
  'no_proxy',
]

/**
 * Returns the output of a program that sh starts after `eval "$(osaurus-discovery env ...)"`.
 * @param {string} baseDir
 * @param {string} program of sh
 * @param {{ before?: string, env?: NodeJS.ProcessEnv }} [how]
 */
async function evaluated(baseDir, program, { before = '', env } = {}) {
  const call = `${quoted(process.execPath)} ${quoted(MAIN)} env --shell sh --base-dir ${quoted(baseDir)}`
  const script = `set -eu; ${before}\neval "$(${call})"\n${program}`
  const { code, stdout, stderr } = await new Running('sh', ['-c', script], { env: environment(env) }).ended()
  assert.equal(code, 0, stderr)
  return stdout
}

const CLIENTS = path.join(__dirname, '..', 'fixtures', 'cli', 'clients.js')

/** @param {string} program of fixtures/cli/clients.js */
const runClient = (program) => `${quoted(process.execPath)} ${quoted(CLIENTS)} ${quoted(program)}`

const PRINT_SCRIPT = `console.log(JSON.stringify(${JSON.stringify(VARIABLES)}.map((name) => process.env[name])))`
const PRINT_VARIABLES = `${quoted(process.execPath)} -e ${quoted(PRINT_SCRIPT)}`

describe('eval "$(osaurus-discovery env)"', () => {
  test('env sets the variables of all three clients', async (t) => {
    const fake = await fakeFor(t)
    assert.deepEqual(JSON.parse(await evaluated(fake.baseDir, PRINT_VARIABLES)), [
      `${fake.url}/v1`,
      'osaurus',
      fake.url,
      'osaurus',
      fake.url,
      null,
      null,
      null,
    ])
  })

  test('env keeps keys that are set, including those that are not exported', async (t) => {
    const fake = await fakeFor(t)
    const how = { before: 'ANTHROPIC_API_KEY=mine-too', env: { OPENAI_API_KEY: "it's mine" } }
    const [, openai, , anthropic] = JSON.parse(await evaluated(fake.baseDir, PRINT_VARIABLES, how))
    assert.deepEqual({ openai, anthropic }, { openai: "it's mine", anthropic: 'mine-too' })
  })

  test("env sets no key for Anthropic's client if it has a token, because a key would take precedence", async (t) => {
    const fake = await fakeFor(t)
    const env = { ANTHROPIC_AUTH_TOKEN: 'token' }
    const [, , , anthropic] = JSON.parse(await evaluated(fake.baseDir, PRINT_VARIABLES, { env }))
    assert.equal(anthropic, null)
  })

  test('env treats an empty key as unset, as the clients do', async (t) => {
    const fake = await fakeFor(t)
    const env = { OPENAI_API_KEY: '' }
    const [, openai] = JSON.parse(await evaluated(fake.baseDir, PRINT_VARIABLES, { env }))
    assert.equal(openai, 'osaurus')
  })

  for (const name of ['OSAURUS_API_KEY', 'OSAURUS_ACCESS_KEY']) {
    test(`env copies ${name} to the variables of the clients, and prints no key`, async (t) => {
      const fake = await fakeFor(t)
      const env = { [name]: KEY }
      const values = JSON.parse(await evaluated(fake.baseDir, PRINT_VARIABLES, { env }))
      assert.deepEqual([values[1], values[3], values[5]], [KEY, null, KEY])
      for (const shell of ['sh', 'fish', 'powershell']) {
        const { stdout } = await command(['env', '--shell', shell, '--base-dir', fake.baseDir], { env })
        assert.ok(!stdout.includes(KEY), stdout)
      }
    })
  }

  test('env keeps keys of the user beside OSAURUS_API_KEY', async (t) => {
    const fake = await fakeFor(t)
    const env = {
      OSAURUS_API_KEY: KEY,
      OPENAI_API_KEY: 'mine',
      ANTHROPIC_AUTH_TOKEN: 'token',
      ANTHROPIC_API_KEY: 'mine-too',
    }
    const values = JSON.parse(await evaluated(fake.baseDir, PRINT_VARIABLES, { env }))
    assert.deepEqual([values[1], values[3], values[5]], ['mine', 'mine-too', 'token'])
  })

  test('env replaces the placeholders of an earlier call by the key', async (t) => {
    const fake = await fakeFor(t)
    const env = { OSAURUS_API_KEY: KEY, OPENAI_API_KEY: 'osaurus', ANTHROPIC_API_KEY: 'osaurus' }
    const values = JSON.parse(await evaluated(fake.baseDir, PRINT_VARIABLES, { env }))
    assert.deepEqual([values[1], values[3], values[5]], [KEY, null, KEY])
  })

  test("env moves a key of Osaurus from the key of Anthropic's client to its token", async (t) => {
    const fake = await fakeFor(t)
    const env = { ANTHROPIC_API_KEY: KEY }
    const values = JSON.parse(await evaluated(fake.baseDir, PRINT_VARIABLES, { env }))
    assert.deepEqual([values[1], values[3], values[5]], [KEY, null, KEY])
  })

  test("env sets a token rather than a key for Anthropic's client if the server is exposed", async (t) => {
    const fake = await fakeFor(t, { exposeToNetwork: true })
    const values = JSON.parse(await evaluated(fake.baseDir, PRINT_VARIABLES))
    assert.deepEqual([values[1], values[3], values[5]], ['osaurus', null, 'osaurus'])
  })

  test('env lets the clients use an exposed server with OSAURUS_API_KEY', async (t) => {
    const fake = await fakeFor(t, { exposeToNetwork: true })
    for (const program of ['openai chat', 'anthropic message']) {
      const how = { env: { OSAURUS_API_KEY: KEY, ANTHROPIC_API_KEY: 'osaurus' } }
      assert.match(await evaluated(fake.baseDir, runClient(program), how), /^Hello from the fake/)
    }
  })

  test('env excludes this machine from a proxy, and keeps other exclusions', async (t) => {
    const fake = await fakeFor(t)
    /** @type {[NodeJS.ProcessEnv, string | null, string | null][]} the environment, NO_PROXY, no_proxy */
    const cases = [
      [{ no_proxy: 'a.b' }, null, 'a.b'],
      [{ http_proxy: 'http://x' }, '127.0.0.1,localhost', '127.0.0.1,localhost'],
      [
        { ALL_PROXY: 'socks://x', NO_PROXY: "a.b, it's" },
        "a.b, it's,127.0.0.1,localhost",
        "a.b, it's,127.0.0.1,localhost",
      ],
      [
        { HTTP_PROXY: 'http://x', NO_PROXY: 'a.b', no_proxy: 'c.d,localhost' },
        'a.b,127.0.0.1,localhost',
        'c.d,localhost,127.0.0.1',
      ],
      [{ http_proxy: 'http://x', no_proxy: '127.0.0.0/8' }, null, '127.0.0.0/8'],
      [{ http_proxy: 'http://x', no_proxy: '*' }, null, '*'],
      [{ https_proxy: 'http://x' }, null, null],
    ]
    for (const [env, upper, lower] of cases) {
      const values = JSON.parse(await evaluated(fake.baseDir, PRINT_VARIABLES, { env }))
      assert.deepEqual([values[6], values[7]], [upper ?? env.NO_PROXY ?? null, lower])
    }
  })

  test('env lets curl reach the server although a proxy is set', { skip: WITHOUT_CURL }, async (t) => {
    const fake = await fakeFor(t)
    const env = { http_proxy: 'http://127.0.0.1:1', NO_PROXY: 'a.b' }
    const request = `curl -s "$OPENAI_BASE_URL/models"`
    assert.match(await evaluated(fake.baseDir, request, { env }), /"object": ?"list"/)
  })

  const MODEL = 'llama-3.2-3b-instruct'
  const REPLY = 'Hello from the fake Osaurus. This answer is canned.'

  /** The programs of fixtures/cli/clients.js, with their output. @type {[string, string, string][]} */
  const programs = [
    ['openai list the models', 'openai models', MODEL],
    ['openai chat', 'openai chat', REPLY],
    ['openai stream', 'openai stream', REPLY],
    ['openai request a response', 'openai response', REPLY],
    ['@anthropic-ai/sdk request a message', 'anthropic message', REPLY],
    ['@anthropic-ai/sdk stream', 'anthropic stream', REPLY],
    ['ollama list the models, given host: process.env.OLLAMA_HOST', 'ollama models', MODEL],
    ['ollama chat', 'ollama chat', REPLY],
    ['ollama stream', 'ollama stream', REPLY],
  ]
  for (const [name, program, expected] of programs) {
    test(`env lets ${name} without a base URL in the code`, async (t) => {
      const fake = await fakeFor(t)
      const stdout = await evaluated(fake.baseDir, runClient(program))
      assert.equal(stdout.trim().replace(/:latest$/, ''), expected)
    })
  }

  test('env lets the clients use an exposed server with its key', async (t) => {
    const fake = await fakeFor(t, { exposeToNetwork: true })
    const env = { OPENAI_API_KEY: 'osk-v1-test', ANTHROPIC_AUTH_TOKEN: 'osk-v1-test' }
    for (const program of ['openai chat', 'anthropic message']) {
      assert.equal((await evaluated(fake.baseDir, runClient(program), { env })).trim(), REPLY)
    }
  })
})

describe('env', () => {
  test('env prints a notice that an exposed server requires a key, unless one is set', async (t) => {
    const fake = await fakeFor(t, { exposeToNetwork: true })
    const args = ['env', '--base-dir', fake.baseDir]
    assert.match(
      (await command(args)).stderr,
      /requires an access key.*OPENAI_API_KEY and ANTHROPIC_AUTH_TOKEN/,
    )
    const env = { OPENAI_API_KEY: 'a', ANTHROPIC_AUTH_TOKEN: 'b' }
    assert.equal((await command(args, { env })).stderr, '')
    assert.notEqual((await command(args, { env: { ...env, ANTHROPIC_API_KEY: 'c' } })).stderr, '')
    assert.equal((await command(args, { env: { OSAURUS_API_KEY: KEY } })).stderr, '')
    const placeholders = { OPENAI_API_KEY: 'osaurus', ANTHROPIC_AUTH_TOKEN: 'osaurus' }
    assert.notEqual((await command(args, { env: placeholders })).stderr, '')
  })

  test('env trusts the answer of the server, not its file, on whether a key is required', async (t) => {
    for (const isExposed of [true, false]) {
      const fake = await fakeFor(t, { exposeToNetwork: isExposed })
      await fake.serve({ expose: !isExposed })
      const { stdout, stderr } = await command(['env', '--base-dir', fake.baseDir])
      assert.match(stdout, isExposed ? /; export ANTHROPIC_AUTH_TOKEN$/m : /; export ANTHROPIC_API_KEY$/m)
      assert.match(stderr, isExposed ? /^This Osaurus requires an access key\./ : /^$/)
      const unverified = await command(['env', '--no-verify', '--base-dir', fake.baseDir])
      assert.match(unverified.stderr, isExposed ? /^$/ : /^According to its file, this Osaurus requires/)
    }
  })

  test('env --json prints an object of the variables to set', async (t) => {
    const fake = await fakeFor(t)
    const env = { OPENAI_API_KEY: 'mine' }
    const { stdout } = await command(['env', '--json', '--base-dir', fake.baseDir], { env })
    assert.deepEqual(JSON.parse(stdout), {
      OPENAI_BASE_URL: `${fake.url}/v1`,
      ANTHROPIC_BASE_URL: fake.url,
      OLLAMA_HOST: fake.url,
      ANTHROPIC_API_KEY: 'osaurus',
    })
  })

  test('env --json has the key, and null for a variable to unset', async (t) => {
    const fake = await fakeFor(t)
    const env = { OSAURUS_API_KEY: KEY, ANTHROPIC_API_KEY: 'osaurus', http_proxy: 'http://x' }
    const { stdout } = await command(['env', '--json', '--base-dir', fake.baseDir], { env })
    const { OPENAI_API_KEY, ANTHROPIC_AUTH_TOKEN, ANTHROPIC_API_KEY, NO_PROXY } = JSON.parse(stdout)
    assert.deepEqual(
      [OPENAI_API_KEY, ANTHROPIC_AUTH_TOKEN, ANTHROPIC_API_KEY, NO_PROXY],
      [KEY, KEY, null, '127.0.0.1,localhost'],
    )
  })
})
