// Does doctor say what was looked at, what each entry is, what each server answered, and what to do next?
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')
const { inspectRuntime } = require('../../index.js')
const { advise } = require('../../lib/cli/advice.js')
const { homeDirectory, runtimeDirectory } = require('../support/runtime-directory.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const stubServers = require('../support/stub-servers.js')
const { command } = require('../support/cli/command.js')
const { fakeFor } = require('../support/cli/fake.js')

/** @param {string} baseDir @param {string[]} [more] */
async function report(baseDir, more = []) {
  const { code, stdout, stderr } = await command(['doctor', '--base-dir', baseDir, ...more])
  assert.equal(stderr, '')
  // As one reads it: line breaks are spaces.
  const [found, ...sections] = stdout.split('\n\n')
  const named = sections.map((section) => [section.split('\n')[0], section.replace(/\s+/g, ' ').trim()])
  return {
    code,
    found,
    text: stdout.replace(/\s+/g, ' '),
    next: Object.fromEntries(named)['What to do next'],
  }
}

describe('doctor on a server that', () => {
  test('runs: says so, and how to use it', async (t) => {
    const fake = await fakeFor(t)
    const { code, found, text, next } = await report(fake.baseDir)
    assert.equal(code, 0)
    assert.equal(found, `Osaurus runs at ${fake.url}`)
    assert.match(text, new RegExp(`Looked in 1 folder ${fake.baseDir} 1 entry in it\\.`))
    assert.match(
      text,
      new RegExp(`${fake.url} answered as Osaurus after [\\d.]+ ms\\. It asks for no access key\\.`),
    )
    assert.match(next, new RegExp(`curl ${fake.url}/v1/models`))
  })

  test('is exposed: says that it asks for a key, and where that goes', async (t) => {
    const fake = await fakeFor(t, { exposeToNetwork: true })
    const { code, text, next } = await report(fake.baseDir)
    assert.equal(code, 0)
    assert.match(text, /with the address 192\.0\.2\.1\. It is exposed to the network\./)
    assert.match(text, /It asks for an access key\./)
    assert.match(next, /Authorization: Bearer \$OPENAI_API_KEY/)
  })

  test('has crashed: says that its file stayed behind', async (t) => {
    const fake = await fakeFor(t)
    await fake.crash()
    const { code, found, text, next } = await report(fake.baseDir)
    assert.equal(code, 1)
    assert.equal(found, 'No Osaurus was found that can be used now.')
    assert.match(text, /Left out: not-responding/)
    assert.match(text, new RegExp(`${fake.url} refused the connection: nothing listens there`))
    assert.match(next, /Osaurus has crashed or was killed.*Start it again/)
  })

  test('hangs: says so, and offers more time', async (t) => {
    const fake = await fakeFor(t)
    fake.suspend()
    const { code, text, next } = await report(fake.baseDir, ['--probe-timeout', '200'])
    assert.equal(code, 1)
    assert.match(text, /gave no answer within \d+ ms\./)
    assert.match(next, /busy or suspended.*doctor --base-dir .* --probe-timeout 2000/)
  })

  test('is another program: says what it answered, and how to see which it is', async (t) => {
    const other = await stubServers.anotherServer()
    t.after(() => other.stop())
    const runtime = runtimeDirectory(t)
    runtime.publish({ port: other.port, url: undefined })
    const { code, text, next } = await report(runtime.baseDir)
    assert.equal(code, 1)
    assert.match(
      text,
      new RegExp(`http://127.0.0.1:${other.port} is not Osaurus: it answered, but not as Osaurus\\.`),
    )
    assert.match(next, new RegExp(`Another program has port ${other.port}.*lsof -nP -iTCP:${other.port}`))
  })

  test('is starting or restarting: says to wait', async (t) => {
    for (const health of ['starting', 'restarting']) {
      const runtime = runtimeDirectory(t)
      runtime.publishStarting(health)
      const { code, text, next } = await report(runtime.baseDir)
      assert.equal(code, 1)
      assert.match(text, new RegExp(`Is ${health}`))
      assert.match(next, new RegExp(`Osaurus is ${health}\\. Wait for it.*osaurus-discovery wait`))
    }
  })

  test('is not asked, with --no-verify: says that only its file was read', async (t) => {
    const fake = await fakeFor(t)
    const { code, found, text, next } = await report(fake.baseDir, ['--no-verify'])
    assert.equal(code, 0)
    assert.match(found, /^By its file, Osaurus runs at /)
    assert.match(text, /Its server was not asked/)
    assert.match(next, /without --no-verify/)
    assert.equal(fake.connections, 0)
  })
})

describe('doctor on a folder that', () => {
  test("is the user's own: names all places where any version published", async (t) => {
    const { home } = homeDirectory(t)
    const { code, stdout } = await command(['doctor'], { env: { HOME: home } })
    assert.equal(code, 1)
    const { directories } = await inspectRuntime({ verify: true })
    assert.match(stdout, new RegExp(`Looked in ${directories.length} folders\n`))
    assert.match(stdout, new RegExp(`^  ${home}/.osaurus/runtime\n    Empty`, 'm'))
    assert.match(
      stdout,
      new RegExp(`^  ${home}/Library/Application Support/com.dinoki.osaurus/runtime$`, 'm'),
    )
  })

  test('is missing: says how Osaurus is started, or where to look', async (t) => {
    const { text, next } = await report(path.join(temporaryDirectory(t), 'missing'))
    assert.match(text, /Not there: no Osaurus has published here yet\./)
    assert.match(next, /looked at without --base-dir: osaurus-discovery doctor$/)
  })

  test('has the folder one level further down: names that one', async (t) => {
    const { home, runtime } = homeDirectory(t)
    runtime.publish()
    const { code, next } = await report(path.join(home, '.osaurus'))
    assert.equal(code, 1)
    assert.ok(next.endsWith(`Look there: osaurus-discovery doctor --base-dir ${runtime.baseDir}`), next)
  })

  test('is a file: says so', async (t) => {
    const file = path.join(temporaryDirectory(t), 'file')
    fs.writeFileSync(file, '')
    const { text, next } = await report(file)
    assert.match(text, /Something that is not a folder is in its place\./)
    assert.match(next, new RegExp(`move it away.*ls -l ${file}`))
  })

  test('holds files that say nothing usable: says of each what is wrong', async (t) => {
    const runtime = runtimeDirectory(t)
    runtime.publish({ port: '1337' }, 'PORT')
    runtime.write('TEXT', 'nonsense')
    runtime.write('.hidden', 'nonsense')
    runtime.makeDirectory('EMPTY')
    runtime.fifo('FIFO')
    const { text, next } = await report(runtime.baseDir)
    assert.match(text, /Left out: bad-port \S+\/PORT Port is not a whole number from 1 to 65535: "1337"\./)
    assert.match(text, /Left out: not-json \S+\/TEXT Not JSON: /)
    assert.match(text, /Left out: hidden \S+\/\.hidden Its name begins with a dot\./)
    assert.match(text, /Left out: missing-file \S+\/EMPTY There is no configuration\.json in it\./)
    assert.match(text, /Left out: not-a-regular-file \S+\/FIFO /)
    assert.match(next, /cat -v \S+\/PORT\/configuration\.json/)
    assert.match(next, /ls -la \S+\/FIFO/)
  })

  test('leads to one server twice: says which is the newer', async (t) => {
    const fake = await fakeFor(t)
    await fake.crash()
    await fake.relaunch()
    const { code, text } = await report(fake.baseDir)
    assert.equal(code, 0)
    assert.match(text, /Left out: duplicate-port .* A newer entry leads to the same port/)
  })
})

test('doctor --json prints the report of inspectRuntime()', async (t) => {
  const fake = await fakeFor(t)
  await fake.crash()
  const { code, stdout } = await command(['doctor', '--json', '--base-dir', fake.baseDir])
  assert.equal(code, 1)
  const expected = await inspectRuntime({ verify: true, baseDir: fake.baseDir })
  const said = JSON.parse(stdout)
  for (const { entries } of [expected, said]) {
    for (const entry of entries) delete entry.probe.durationMs
  }
  assert.deepEqual(said, expected)
})

describe('the advice', () => {
  /** @param {import('osaurus-discovery').DirectoryReport['status']} status */
  const one = (status) => ({ directories: [{ path: '/a b', legacy: false, status }], entries: [] })
  const asked = { platform: /** @type {const} */ ('darwin'), env: {} }

  test('for a folder that may not be read shows who may, with its path quoted', () => {
    const [{ words, commands }] = advise(one('access-denied'), asked)
    assert.match(words, /Let your user read \/a b/)
    assert.deepEqual(commands, ["ls -ld '/a b'"])
  })

  test('for a folder that cannot be read names it', () => {
    assert.match(advise(one('error'), asked)[0].words, /\/a b/)
  })

  test('for a server that runs names the proxy that a client would ask instead', async (t) => {
    const fake = await fakeFor(t)
    const found = await inspectRuntime({ verify: true, baseDir: fake.baseDir })
    /** @param {NodeJS.ProcessEnv} env */
    const about = (env) => advise(found, { ...asked, env })[1]
    assert.equal(about({}), undefined)
    assert.equal(about({ http_proxy: 'http://x', no_proxy: 'a.b, 127.0.0.1' }), undefined)
    assert.equal(about({ HTTP_PROXY: 'http://x', NO_PROXY: '*' }), undefined)
    assert.deepEqual(about({ http_proxy: 'http://user:secret@x' }), {
      words:
        'If a client cannot reach it: http_proxy is set, so curl and others ask a proxy for it. Except this machine from that:',
      commands: ['export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost'],
    })
    assert.deepEqual(about({ ALL_PROXY: 'http://x', no_proxy: 'a.b' })?.commands, [
      'export no_proxy=a.b,127.0.0.1,localhost NO_PROXY=a.b,127.0.0.1,localhost',
    ])
  })

  test('where nothing was published depends on the system', () => {
    assert.deepEqual(advise(one('missing'), asked)[0].commands, ['osaurus serve'])
    assert.deepEqual(advise(one('missing'), { platform: 'linux', env: {} })[0].commands, [
      'osaurus-discovery fake',
    ])
  })
})
