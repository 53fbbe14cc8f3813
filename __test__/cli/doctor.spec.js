// Tests what `doctor` reports of servers and directories.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')
const { inspectRuntime } = require('../../index.js')
const { homeDirectory, runtimeDirectory } = require('../support/runtime-directory.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const stubServers = require('../support/stub-servers.js')
const { command } = require('../support/cli/command.js')
const { report } = require('../support/cli/doctor-report.js')
const { fakeFor } = require('../support/cli/fake.js')

describe('doctor on a server', () => {
  test('doctor on a server that is running prints how to use it', async (t) => {
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

  test('doctor on a server that is exposed prints that it requires a key, and how to send it', async (t) => {
    const fake = await fakeFor(t, { exposeToNetwork: true })
    const { code, text, next } = await report(fake.baseDir)
    assert.equal(code, 0)
    assert.match(text, /with the address 192\.0\.2\.1\..* Its file says that it is exposed to the network\./)
    assert.match(text, /It requires an access key\./)
    assert.match(next, /Authorization: Bearer \$OSAURUS_API_KEY/)
  })

  test('doctor on a server that has crashed prints that its file was left behind', async (t) => {
    const fake = await fakeFor(t)
    await fake.crash()
    const { code, found, text, next } = await report(fake.baseDir)
    assert.equal(code, 1)
    assert.equal(found, 'No usable Osaurus was found.')
    assert.match(text, /Ignored: not-responding/)
    assert.match(text, new RegExp(`${fake.url} refused the connection: nothing listens there`))
    assert.match(next, /it has crashed or was killed: start it again/)
  })

  test('doctor on a server that does not answer suggests a longer timeout', async (t) => {
    const fake = await fakeFor(t)
    fake.suspend()
    const { code, text, next } = await report(fake.baseDir, ['--probe-timeout', '200'])
    assert.equal(code, 1)
    assert.match(text, /did not answer within \d+ ms\./)
    assert.match(next, /busy or suspended.*doctor --base-dir .* --probe-timeout 2000/)
  })

  test('doctor on a server that is another program prints its answer, and how to identify it', async (t) => {
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

  test('doctor on a server that is starting or restarting suggests to wait', async (t) => {
    for (const health of ['starting', 'restarting']) {
      const runtime = runtimeDirectory(t)
      runtime.publishStarting(health)
      const { code, text, next } = await report(runtime.baseDir)
      assert.equal(code, 1)
      assert.match(text, new RegExp(`Is ${health}`))
      assert.match(next, new RegExp(`Osaurus is ${health}\\. Wait for it.*osaurus-discovery wait`))
    }
  })

  test('doctor on a server that is not probed because of --no-verify prints that only its file was read', async (t) => {
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
  test("doctor on a directory that is the user's own names the directories of all versions", async (t) => {
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

  test('doctor on a directory that is missing prints how to scan the directories of Osaurus', async (t) => {
    const { text, next } = await report(path.join(temporaryDirectory(t), 'missing'))
    assert.match(text, /Missing: no Osaurus has published here yet\./)
    assert.match(
      next,
      /Without --base-dir, the directories of Osaurus itself are scanned: osaurus-discovery doctor$/,
    )
  })

  test('doctor on a directory that contains the runtime directory names the latter', async (t) => {
    const { home, runtime } = homeDirectory(t)
    runtime.publish()
    const { code, next } = await report(path.join(home, '.osaurus'))
    assert.equal(code, 1)
    assert.ok(
      next.endsWith(`Scan that directory: osaurus-discovery doctor --base-dir ${runtime.baseDir}`),
      next,
    )
  })

  test('doctor on a directory that is a file prints so', async (t) => {
    const file = path.join(temporaryDirectory(t), 'file')
    fs.writeFileSync(file, '')
    const { text, next } = await report(file)
    assert.match(text, /Not a directory\./)
    assert.match(next, new RegExp(`move it away.*ls -l ${file}`))
  })

  test('doctor on a directory with malformed files prints the fault of each', async (t) => {
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

  test('doctor on a directory with two entries for one server prints which one is newer', async (t) => {
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
