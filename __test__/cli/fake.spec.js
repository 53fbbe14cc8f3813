// Tests the command `fake`.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')
const { watchNetworkInstances } = require('../../network.js')
const { eventually } = require('../support/measure.js')
const { homeDirectory } = require('../support/runtime-directory.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const stubServers = require('../support/stub-servers.js')
const { command, startCommand } = require('../support/cli/command.js')
const { CTRL_C, terminal, visibleLines } = require('../support/cli/terminal.js')

const READY = /Ctrl-C to stop/

/**
 * @param {import('node:test').TestContext} t
 * @param {string[]} [args]
 * @param {import('node:child_process').SpawnOptions} [options]
 */
async function startFake(t, args = [], options) {
  const running = startCommand(['fake', '--json', ...args], options)
  t.after(() => running.kill('SIGTERM'))
  await running.until(READY, 'stderr')
  return { running, ...JSON.parse(running.stdout) }
}

describe('fake', () => {
  test('fake publishes in a temporary directory that the other commands can scan', async (t) => {
    const { baseDir, url, instance, accessKey } = await startFake(t)
    assert.equal(accessKey, null)
    assert.deepEqual(JSON.parse((await command(['list', '--json', '--base-dir', baseDir])).stdout), [
      instance,
    ])
    assert.equal((await fetch(`${url}/v1/models`)).status, 200)
  })

  test('fake prints how a client, this command and an app use it', async (t) => {
    const running = startCommand(['fake'])
    t.after(() => running.kill('SIGTERM'))
    await running.until(READY, 'stderr')
    const [, url] = await running.until(/runs at (\S+)\n/)
    const [, baseDir] = await running.until(/publishes in (\S+)\n/)
    for (const line of [
      `curl ${url}/v1/models`,
      `osaurus-discovery list --base-dir ${baseDir}`,
      `eval "$(osaurus-discovery env --base-dir ${baseDir})"`,
      `discoverLatestRunningInstance({ baseDir: "${baseDir}" })`,
    ]) {
      assert.ok(running.stdout.includes(`  ${line}\n`), line)
    }
    assert.equal((await command(['url', '--base-dir', baseDir])).stdout, `${url}\n`)
  })

  test('fake --advertise advertises an exposed server, and withdraws it at its end', async (t) => {
    const watcher = watchNetworkInstances({ includeSelf: true })
    t.after(() => watcher.close())
    const { running, url, accessKey } = await startFake(t, ['--advertise', 'loopback'])
    assert.equal(accessKey, 'osk-v1-test')
    assert.equal((await fetch(`${url}/v1/models`)).status, 401)
    const isFound = () => watcher.instances.some((each) => each.name === 'Fake Osaurus' && each.url === url)
    await eventually(isFound, 'the advertised fake')
    running.kill('SIGINT')
    await running.ended()
    await eventually(() => !isFound(), 'its goodbye')
  })

  test('fake refuses to advertise in another place', async () => {
    const { code, stderr } = await command(['fake', '--advertise', 'world'])
    assert.equal(code, 2)
    assert.match(stderr, /--advertise requires one of loopback, network\. It got 'world'\./)
  })

  /** @type {[NodeJS.Signals, number][]} */
  const endings = [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]
  for (const [signal, expected] of endings) {
    test(`fake ends at ${signal} with ${expected}, and removes its directory and frees its port`, async (t) => {
      const { running, baseDir, url } = await startFake(t)
      running.kill(signal)
      const { code } = await running.ended()
      assert.equal(code, expected)
      assert.equal(fs.existsSync(baseDir), false)
      await assert.rejects(fetch(url))
    })
  }

  test('fake ends at Ctrl-C in a terminal, and removes its directory', async (t) => {
    const term = terminal(t, ['fake'])
    const [, baseDir] = await term.until(/publishes in (\S+)\r\n/)
    await term.until(READY)
    assert.ok(fs.existsSync(baseDir))
    term.type(CTRL_C)
    const { code, output } = await term.ended()
    assert.equal(code, 130)
    assert.equal(fs.existsSync(baseDir), false)
    assert.match(visibleLines(output)[0], /^Fake Osaurus$/)
  })

  test('fake reads no keys if stdin is not a terminal', async (t) => {
    const { running } = await startFake(t, [], { stdio: ['pipe', 'pipe', 'pipe'] })
    assert.doesNotMatch(running.stderr, /Keys:/)
    running.kill('SIGINT')
    assert.equal((await running.ended()).code, 130)
  })

  test('fake --word-delay slows down streamed answers', async (t) => {
    const { url } = await startFake(t, ['--word-delay', '100ms'])
    const began = performance.now()
    const body = JSON.stringify({
      model: 'llama-3.2-3b-instruct',
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
    })
    const answer = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body })
    await answer.text()
    // The canned answer has 8 words.
    assert.ok(performance.now() - began >= 700)
  })

  test('fake ends while requests are open', async (t) => {
    const { running, url, baseDir } = await startFake(t)
    const body = JSON.stringify({ model: 'none' })
    const open = fetch(`${url}/v1/chat/completions`, { method: 'POST', body, keepalive: true })
    await open
    running.kill('SIGINT')
    assert.equal((await running.ended()).code, 130)
    assert.equal(fs.existsSync(baseDir), false)
  })

  test('fake --expose requires a key, and prints it', async (t) => {
    const { baseDir, url, instance, accessKey } = await startFake(t, ['--expose'])
    assert.equal(instance.exposeToNetwork, true)
    assert.equal((await fetch(`${url}/v1/models`)).status, 401)
    const headers = { Authorization: `Bearer ${accessKey}` }
    assert.equal((await fetch(`${url}/v1/models`, { headers })).status, 200)
    assert.match((await command(['doctor', '--base-dir', baseDir])).stdout, /requires an\s+access key/)
  })

  test('fake --starting publishes that it is starting, and does not listen', async (t) => {
    const { baseDir, url } = await startFake(t, ['--starting'])
    assert.equal(url, null)
    assert.match((await command(['url', '--base-dir', baseDir])).stderr, /^Osaurus is starting/)
  })

  test('fake --port sets the port; an error names a port in use, and nothing is left behind', async (t) => {
    const other = await stubServers.silent()
    t.after(() => other.stop())
    const baseDir = path.join(temporaryDirectory(t), 'runtime')
    const args = ['fake', '--port', String(other.port), '--base-dir', baseDir]
    const { code, stdout, stderr } = await command(args)
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
    assert.match(
      stderr,
      new RegExp(`port ${other.port} of 127\\.0\\.0\\.1 is in use\\.[^]* omit it for a free port`),
    )
    assert.equal(fs.existsSync(baseDir), false)
    await other.stop()
    const { instance } = await startFake(t, args.slice(1))
    assert.equal(instance.port, other.port)
  })

  test('fake --base-dir that is a file is an error that names the file and the option', async (t) => {
    const file = path.join(temporaryDirectory(t), 'file')
    fs.writeFileSync(file, '')
    const { code, stderr } = await command(['fake', '--base-dir', file])
    assert.equal(code, 1)
    assert.match(stderr, /^The fake Osaurus cannot publish in .* Choose another --base-dir, or omit it/)
  })

  test('fake --base-dir publishes beside existing entries, and removes only its own', async (t) => {
    const root = temporaryDirectory(t)
    fs.mkdirSync(path.join(root, 'runtime', 'another'), { recursive: true })
    const { running, baseDir } = await startFake(t, ['--base-dir', 'runtime'], { cwd: root })
    assert.equal(baseDir, path.join(root, 'runtime'))
    assert.equal(fs.readdirSync(baseDir).length, 2)
    running.kill('SIGINT')
    await running.ended()
    assert.deepEqual(fs.readdirSync(baseDir), ['another'])
  })

  test('fake publishes in the directory of the real Osaurus only if it is named, with a warning', async (t) => {
    const { home, runtime } = homeDirectory(t)
    const env = { HOME: home, USERPROFILE: home }
    const elsewhere = await startFake(t, [], { env })
    assert.deepEqual(fs.readdirSync(runtime.baseDir), [])
    assert.doesNotMatch(elsewhere.running.stderr, /real Osaurus/)
    const inside = await startFake(t, ['--base-dir', runtime.baseDir], { env })
    assert.equal(fs.readdirSync(runtime.baseDir).length, 1)
    assert.match(inside.running.stderr, /This is the directory of the real Osaurus/)
    assert.equal((await command(['url'], { env })).stdout, `${inside.url}\n`)
  })
})
