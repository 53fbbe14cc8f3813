// Do the lines of env make clients use the server that runs, in every shell?
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { set, setWhereUnset, shellOf, word } = require('../../lib/cli/shells.js')
const { MAIN, Running, command, environment } = require('../support/cli/command.js')
const { fakeFor } = require('../support/cli/fake.js')
const { quoted } = require('../support/cli/terminal.js')

const VARIABLES = [
  'OPENAI_BASE_URL',
  'OPENAI_API_KEY',
  'ANTHROPIC_BASE_URL',
  'ANTHROPIC_API_KEY',
  'OLLAMA_HOST',
]

/**
 * What a program sees that sh starts after `eval "$(osaurus-discovery env ...)"`.
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

/** @param {string} script of Node, as the program of an app that knows no URL */
const node = (script) => `${quoted(process.execPath)} -e ${quoted(script)}`

const PRINT_VARIABLES = node(
  `console.log(JSON.stringify(${JSON.stringify(VARIABLES)}.map((name) => process.env[name])))`,
)

describe('eval "$(osaurus-discovery env)"', () => {
  test('sets the variables of all three clients', async (t) => {
    const fake = await fakeFor(t)
    assert.deepEqual(JSON.parse(await evaluated(fake.baseDir, PRINT_VARIABLES)), [
      `${fake.url}/v1`,
      'osaurus',
      fake.url,
      'osaurus',
      fake.url,
    ])
  })

  test('leaves keys that are set as they are, those too that are not exported yet', async (t) => {
    const fake = await fakeFor(t)
    const how = { before: 'ANTHROPIC_API_KEY=mine-too', env: { OPENAI_API_KEY: "it's mine" } }
    const [, openai, , anthropic] = JSON.parse(await evaluated(fake.baseDir, PRINT_VARIABLES, how))
    assert.deepEqual({ openai, anthropic }, { openai: "it's mine", anthropic: 'mine-too' })
  })

  test("gives Anthropic's client no key where it has a token, which it would not use then", async (t) => {
    const fake = await fakeFor(t)
    const env = { ANTHROPIC_AUTH_TOKEN: 'token' }
    const [, , , anthropic] = JSON.parse(await evaluated(fake.baseDir, PRINT_VARIABLES, { env }))
    assert.equal(anthropic, null)
  })

  test('takes an empty key for none, as the clients do', async (t) => {
    const fake = await fakeFor(t)
    const env = { OPENAI_API_KEY: '' }
    const [, openai] = JSON.parse(await evaluated(fake.baseDir, PRINT_VARIABLES, { env }))
    assert.equal(openai, 'osaurus')
  })

  const MODEL = 'llama-3.2-3b-instruct'
  const REPLY = 'Hello from the fake Osaurus. This answer is canned.'
  const ASK = `model: '${MODEL}', messages: [{ role: 'user', content: 'Hello' }]`

  /** Programs without a base URL; each prints models or an answer. @type {[string, string, string][]} */
  const programs = [
    [
      'openai lists the models',
      `new (require('openai').OpenAI)().models.list().then(({ data }) => console.log(data[0].id))`,
      MODEL,
    ],
    [
      'openai chats',
      `new (require('openai').OpenAI)().chat.completions.create({ ${ASK} }).then((answer) => console.log(answer.choices[0].message.content))`,
      REPLY,
    ],
    [
      'openai streams',
      `(async () => {
        const stream = await new (require('openai').OpenAI)().chat.completions.create({ stream: true, ${ASK} })
        for await (const { choices } of stream) process.stdout.write(choices[0].delta.content ?? '')
      })()`,
      REPLY,
    ],
    [
      'openai asks for a response',
      `new (require('openai').OpenAI)().responses.create({ model: '${MODEL}', input: 'Hello' }).then((answer) => console.log(answer.output_text))`,
      REPLY,
    ],
    [
      '@anthropic-ai/sdk gets a message',
      `new (require('@anthropic-ai/sdk').Anthropic)().messages.create({ max_tokens: 99, ${ASK} }).then((answer) => console.log(answer.content[0].text))`,
      REPLY,
    ],
    [
      '@anthropic-ai/sdk streams',
      `new (require('@anthropic-ai/sdk').Anthropic)().messages.stream({ max_tokens: 99, ${ASK} }).on('text', (text) => process.stdout.write(text)).done()`,
      REPLY,
    ],
    [
      'ollama lists the models, given host: process.env.OLLAMA_HOST',
      `new (require('ollama').Ollama)({ host: process.env.OLLAMA_HOST }).list().then(({ models }) => console.log(models[0].name))`,
      MODEL,
    ],
    [
      'ollama chats',
      `new (require('ollama').Ollama)({ host: process.env.OLLAMA_HOST }).chat({ ${ASK} }).then(({ message }) => console.log(message.content))`,
      REPLY,
    ],
    [
      'ollama streams',
      `(async () => {
        const stream = await new (require('ollama').Ollama)({ host: process.env.OLLAMA_HOST }).chat({ stream: true, ${ASK} })
        for await (const { message } of stream) process.stdout.write(message.content)
      })()`,
      REPLY,
    ],
  ]
  for (const [name, program, expected] of programs) {
    test(`makes ${name} without a base URL in the code`, async (t) => {
      const fake = await fakeFor(t)
      const stdout = await evaluated(fake.baseDir, node(program))
      assert.equal(stdout.trim().replace(/:latest$/, ''), expected)
    })
  }

  test('gets the clients into an exposed server with its key', async (t) => {
    const fake = await fakeFor(t, { exposeToNetwork: true })
    const env = { OPENAI_API_KEY: 'osk-v1-test', ANTHROPIC_AUTH_TOKEN: 'osk-v1-test' }
    for (const name of ['openai chats', '@anthropic-ai/sdk gets a message']) {
      const [, program] = programs.find((each) => each[0] === name) ?? []
      assert.equal((await evaluated(fake.baseDir, node(program ?? ''), { env })).trim(), REPLY)
    }
  })
})

describe('env', () => {
  test('tells beside it that an exposed server wants a key, only where none is set', async (t) => {
    const fake = await fakeFor(t, { exposeToNetwork: true })
    const args = ['env', '--base-dir', fake.baseDir]
    assert.match(
      (await command(args)).stderr,
      /asks for an access key.*OPENAI_API_KEY and ANTHROPIC_AUTH_TOKEN/,
    )
    const env = { OPENAI_API_KEY: 'a', ANTHROPIC_AUTH_TOKEN: 'b' }
    assert.equal((await command(args, { env })).stderr, '')
    assert.notEqual((await command(args, { env: { ...env, ANTHROPIC_API_KEY: 'c' } })).stderr, '')
  })

  test('--json prints what is to be set as an object', async (t) => {
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

  // What these lines do was tried in fish 3.6; PowerShell's rules are those of its documentation.
  test('writes for fish and PowerShell as they want it', async (t) => {
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

  test('writes for the shell of $SHELL', async (t) => {
    const fake = await fakeFor(t)
    const { stdout } = await command(['env', '--base-dir', fake.baseDir], { env: { SHELL: '/usr/bin/fish' } })
    assert.match(stdout, /^set -gx /)
  })
})

describe('the shell is', () => {
  /** @type {[string, string | undefined, NodeJS.Platform, string][]} */
  const cases = [
    ['fish by its path', '/opt/homebrew/bin/fish', 'darwin', 'fish'],
    ['sh for zsh', '/bin/zsh', 'darwin', 'sh'],
    ['sh for bash', '/bin/bash', 'linux', 'sh'],
    ['sh where nothing is said', undefined, 'linux', 'sh'],
    ['powershell where Windows says nothing', undefined, 'win32', 'powershell'],
    ['powershell for pwsh', '/usr/bin/pwsh', 'linux', 'powershell'],
    ['powershell for pwsh.exe', 'C:\\Program Files\\PowerShell\\7\\pwsh.exe', 'win32', 'powershell'],
    ['sh for the bash of Git on Windows', 'C:\\Program Files\\Git\\bin\\bash.exe', 'win32', 'sh'],
  ]
  for (const [name, SHELL, platform, shell] of cases) {
    test(name, () => assert.equal(shellOf({ SHELL }, platform), shell))
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
    test(`of ${JSON.stringify(text)}`, async () => {
      assert.equal(set('sh', 'X', text), `export X=${sh}`)
      assert.equal(set('fish', 'X', text), `set -gx X ${fish}`)
      assert.equal(set('powershell', 'X', text), `$Env:X = ${powershell}`)
      const lines = `${set('sh', 'X', text)}; ${setWhereUnset('sh', ['Y'], 'Y', text)}; printf %s "$X$Y"`
      const { stdout } = await new Running('sh', ['-c', lines], { env: environment() }).ended()
      assert.equal(stdout, text + text)
    })
  }

  test('of a word in a command that is shown leaves alone what needs none', async () => {
    assert.equal(word('/tmp/osaurus-fake-1'), '/tmp/osaurus-fake-1')
    for (const text of ["/it's here", '~x', 'a*', '', '$x', 'a\nb', '-n']) {
      const { stdout } = await new Running('sh', ['-c', `printf '%s|' ${word(text)}`], {
        env: environment(),
      }).ended()
      assert.equal(stdout, `${text}|`)
    }
  })
})
