// Tests the command `doctor` and its advice.
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
  // As a person reads it: line breaks are spaces.
  const [found, ...sections] = stdout.split('\n\n')
  const named = sections.map((section) => [section.split('\n')[0], section.replace(/\s+/g, ' ').trim()])
  return {
    code,
    found,
    text: stdout.replace(/\s+/g, ' '),
    next: Object.fromEntries(named)['What to do next'],
  }
}

describe('doctor on a server', () => {
  test('that is running prints how to use it', async (t) => {
    const fake = await fakeFor(t)
    const { code, found, text, next } = await report(fake.baseDir)
    assert.equal(code, 0)
    assert.equal(found, `Osaurus is running at ${fake.url}`)
    assert.match(text, new RegExp(`Scanned 1 directory ${fake.baseDir} Has 1 entry\\.`))
    assert.match(
      text,
      new RegExp(`${fake.url} answered as Osaurus after [\\d.]+ ms\\. It requires no access key\\.`),
    )
    assert.match(next, new RegExp(`curl ${fake.url}/v1/models`))
  })

  test('that is exposed prints that it requires a key, and how to send it', async (t) => {
    const fake = await fakeFor(t, { exposeToNetwork: true })
    const { code, text, next } = await report(fake.baseDir)
    assert.equal(code, 0)
    assert.match(text, /with the address 192\.0\.2\.1\. It is exposed to the network\./)
    assert.match(text, /It requires an access key\./)
    assert.match(next, /Authorization: Bearer \$OPENAI_API_KEY/)
  })

  test('that has crashed prints that its file was left behind', async (t) => {
    const fake = await fakeFor(t)
    await fake.crash()
    const { code, found, text, next } = await report(fake.baseDir)
    assert.equal(code, 1)
    assert.equal(found, 'No usable Osaurus was found.')
    assert.match(text, /Ignored: not-responding/)
    assert.match(text, new RegExp(`${fake.url} refused the connection: nothing listens there`))
    assert.match(next, /Osaurus has crashed or was killed.*Start it again/)
  })

  test('that does not answer suggests a longer timeout', async (t) => {
    const fake = await fakeFor(t)
    fake.suspend()
    const { code, text, next } = await report(fake.baseDir, ['--probe-timeout', '200'])
    assert.equal(code, 1)
    assert.match(text, /did not answer within \d+ ms\./)
    assert.match(next, /busy or suspended.*doctor --base-dir .* --probe-timeout 2000/)
  })

  test('that is another program prints its answer, and how to identify it', async (t) => {
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
    assert.match(next, new RegExp(`Another program uses port ${other.port}.*lsof -nP -iTCP:${other.port}`))
  })

  test('that is starting or restarting suggests to wait', async (t) => {
    for (const health of ['starting', 'restarting']) {
      const runtime = runtimeDirectory(t)
      runtime.publishStarting(health)
      const { code, text, next } = await report(runtime.baseDir)
      assert.equal(code, 1)
      assert.match(text, new RegExp(`Is ${health}`))
      assert.match(next, new RegExp(`Osaurus is ${health}\\. Wait for it.*osaurus-discovery wait`))
    }
  })

  test('that is not probed because of --no-verify prints that only its file was read', async (t) => {
    const fake = await fakeFor(t)
    const { code, found, text, next } = await report(fake.baseDir, ['--no-verify'])
    assert.equal(code, 0)
    assert.match(found, /^According to its file, Osaurus is running at /)
    assert.match(text, /Its server was not probed/)
    assert.match(next, /without --no-verify/)
    assert.equal(fake.connections, 0)
  })
})

describe('doctor on a directory', () => {
  test("that is the user's own names the directories of all versions", async (t) => {
    const { home } = homeDirectory(t)
    const { code, stdout } = await command(['doctor'], { env: { HOME: home } })
    assert.equal(code, 1)
    const { directories } = await inspectRuntime({ verify: true })
    assert.match(stdout, new RegExp(`Scanned ${directories.length} directories\n`))
    assert.match(stdout, new RegExp(`^  ${home}/.osaurus/runtime\n    Empty`, 'm'))
    assert.match(
      stdout,
      new RegExp(`^  ${home}/Library/Application Support/com.dinoki.osaurus/runtime$`, 'm'),
    )
  })

  test('that is missing prints how to scan the directories of Osaurus', async (t) => {
    const { text, next } = await report(path.join(temporaryDirectory(t), 'missing'))
    assert.match(text, /Missing: no Osaurus has published here yet\./)
    assert.match(
      next,
      /Without --base-dir, the directories of Osaurus itself are scanned: osaurus-discovery doctor$/,
    )
  })

  test('that contains the runtime directory names the latter', async (t) => {
    const { home, runtime } = homeDirectory(t)
    runtime.publish()
    const { code, next } = await report(path.join(home, '.osaurus'))
    assert.equal(code, 1)
    assert.ok(
      next.endsWith(`Scan that directory: osaurus-discovery doctor --base-dir ${runtime.baseDir}`),
      next,
    )
  })

  test('that is a file prints so', async (t) => {
    const file = path.join(temporaryDirectory(t), 'file')
    fs.writeFileSync(file, '')
    const { text, next } = await report(file)
    assert.match(text, /Not a directory\./)
    assert.match(next, new RegExp(`move it away.*ls -l ${file}`))
  })

  test('with malformed files prints the fault of each', async (t) => {
    const runtime = runtimeDirectory(t)
    runtime.publish({ port: '1337' }, 'PORT')
    runtime.write('TEXT', 'nonsense')
    runtime.write('.hidden', 'nonsense')
    runtime.makeDirectory('EMPTY')
    runtime.fifo('FIFO')
    const { text, next } = await report(runtime.baseDir)
    assert.match(text, /Ignored: bad-port \S+\/PORT Port is not a whole number from 1 to 65535: "1337"\./)
    assert.match(text, /Ignored: not-json \S+\/TEXT Not JSON: /)
    assert.match(text, /Ignored: hidden \S+\/\.hidden Its name begins with a dot\./)
    assert.match(text, /Ignored: missing-file \S+\/EMPTY There is no configuration\.json in it\./)
    assert.match(text, /Ignored: not-a-regular-file \S+\/FIFO /)
    assert.match(next, /cat -v \S+\/PORT\/configuration\.json/)
    assert.match(next, /ls -la \S+\/FIFO/)
  })

  test('with two entries for one server prints which one is newer', async (t) => {
    const fake = await fakeFor(t)
    await fake.crash()
    await fake.relaunch()
    const { code, text } = await report(fake.baseDir)
    assert.equal(code, 0)
    assert.match(text, /Ignored: duplicate-port .* A newer entry leads to the same port/)
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

describe('advice', () => {
  /** @param {import('osaurus-discovery').DirectoryReport['status']} status */
  const reportOf = (status) => ({ directories: [{ path: '/a b', legacy: false, status }], entries: [] })
  const context = { platform: /** @type {const} */ ('darwin'), env: {} }

  test('for a directory without read access shows its permissions, with the path quoted', () => {
    const [{ text, commands }] = advise(reportOf('access-denied'), context)
    assert.match(text, /Give your user read access to \/a b/)
    assert.deepEqual(commands, ["ls -ld '/a b'"])
  })

  test('for a directory below one without access shows the permissions of the latter', () => {
    const directory = {
      path: '/a/b',
      legacy: false,
      status: /** @type {const} */ ('access-denied'),
      blockedBy: '/a',
    }
    const [{ text, commands }] = advise({ directories: [directory], entries: [] }, context)
    assert.match(text, /access to \/a\. /)
    assert.deepEqual(commands, ['ls -ld /a'])
  })

  test('for a directory that cannot be read names it', () => {
    assert.match(advise(reportOf('error'), context)[0].text, /\/a b/)
  })

  test('for a running server names the proxy that clients would use', async (t) => {
    const fake = await fakeFor(t)
    const found = await inspectRuntime({ verify: true, baseDir: fake.baseDir })
    /** @param {NodeJS.ProcessEnv} env */
    const about = (env) => advise(found, { ...context, env })[1]
    assert.equal(about({}), undefined)
    assert.equal(about({ http_proxy: 'http://x', no_proxy: 'a.b, 127.0.0.1' }), undefined)
    assert.equal(about({ HTTP_PROXY: 'http://x', NO_PROXY: '*' }), undefined)
    assert.deepEqual(about({ http_proxy: 'http://user:secret@x' }), {
      text: 'If a client cannot reach it: http_proxy is set, so curl and other clients send their requests to a proxy. Exclude this machine from that:',
      commands: ['export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost'],
    })
    assert.deepEqual(about({ ALL_PROXY: 'http://x', no_proxy: 'a.b' })?.commands, [
      'export no_proxy=a.b,127.0.0.1,localhost NO_PROXY=a.b,127.0.0.1,localhost',
    ])
  })

  test('for a machine without entries depends on the system', () => {
    assert.deepEqual(advise(reportOf('missing'), context)[0].commands, ['osaurus serve'])
    assert.deepEqual(advise(reportOf('missing'), { platform: 'linux', env: {} })[0].commands, [
      'osaurus-discovery fake',
    ])
  })
})
