// Does the fake of the command line run, tell how it is used, and go without a trace?
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')
const { homeDirectory } = require('../support/runtime-directory.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const stubServers = require('../support/stub-servers.js')
const { command, startCommand } = require('../support/cli/command.js')
const { CTRL_C, terminal, visibleLines } = require('../support/cli/terminal.js')

const READY = /Ctrl-C ends it/

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
  test('runs in a temporary folder of its own, which every command then finds', async (t) => {
    const { baseDir, url, instance, accessKey } = await startFake(t)
    assert.equal(accessKey, null)
    assert.deepEqual(JSON.parse((await command(['list', '--json', '--base-dir', baseDir])).stdout), [
      instance,
    ])
    assert.equal((await fetch(`${url}/v1/models`)).status, 200)
  })

  test('tells how a client, our command and an app are pointed at it', async (t) => {
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

  /** @type {[NodeJS.Signals, number][]} */
  const endings = [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]
  for (const [signal, expected] of endings) {
    test(`ends at ${signal} with ${expected}, its folder and port gone`, async (t) => {
      const { running, baseDir, url } = await startFake(t)
      running.kill(signal)
      const { code } = await running.ended()
      assert.equal(code, expected)
      assert.equal(fs.existsSync(baseDir), false)
      await assert.rejects(fetch(url))
    })
  }

  test('ends at Ctrl-C in a terminal, its folder gone', async (t) => {
    const term = terminal(t, ['fake'])
    const [, baseDir] = await term.until(/publishes in (\S+)\r\n/)
    await term.until(READY)
    assert.ok(fs.existsSync(baseDir))
    term.type(CTRL_C)
    const { code, output } = await term.ended()
    assert.equal(code, 130)
    assert.equal(fs.existsSync(baseDir), false)
    assert.match(visibleLines(output)[0], /^A fake Osaurus$/)
  })

  test('ends while requests are open', async (t) => {
    const { running, url, baseDir } = await startFake(t)
    const body = JSON.stringify({ model: 'none' })
    const open = fetch(`${url}/v1/chat/completions`, { method: 'POST', body, keepalive: true })
    await open
    running.kill('SIGINT')
    assert.equal((await running.ended()).code, 130)
    assert.equal(fs.existsSync(baseDir), false)
  })

  test('--expose asks for a key, and says which', async (t) => {
    const { baseDir, url, instance, accessKey } = await startFake(t, ['--expose'])
    assert.equal(instance.exposeToNetwork, true)
    assert.equal((await fetch(`${url}/v1/models`)).status, 401)
    const headers = { Authorization: `Bearer ${accessKey}` }
    assert.equal((await fetch(`${url}/v1/models`, { headers })).status, 200)
    assert.match((await command(['doctor', '--base-dir', baseDir])).stdout, /asks for an\s+access key/)
  })

  test('--starting publishes that it is starting, and listens nowhere', async (t) => {
    const { baseDir, url } = await startFake(t, ['--starting'])
    assert.equal(url, null)
    assert.match((await command(['url', '--base-dir', baseDir])).stderr, /^Osaurus is starting/)
  })

  test('--port chooses the port; one that is taken is named, and nothing stays behind', async (t) => {
    const other = await stubServers.silent()
    t.after(() => other.stop())
    const baseDir = path.join(temporaryDirectory(t), 'runtime')
    const args = ['fake', '--port', String(other.port), '--base-dir', baseDir]
    const { code, stdout, stderr } = await command(args)
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
    assert.match(stderr, new RegExp(`port ${other.port} is in use.* leave --port out`))
    assert.equal(fs.existsSync(baseDir), false)
    await other.stop()
    const { instance } = await startFake(t, args.slice(1))
    assert.equal(instance.port, other.port)
  })

  test('--base-dir that is a file is named, with the option to choose another', async (t) => {
    const file = path.join(temporaryDirectory(t), 'file')
    fs.writeFileSync(file, '')
    const { code, stderr } = await command(['fake', '--base-dir', file])
    assert.equal(code, 1)
    assert.match(stderr, /^The fake Osaurus cannot publish in .* Choose another --base-dir, or leave it out/)
  })

  test('--base-dir publishes there, beside what is there already, and takes back only its own', async (t) => {
    const root = temporaryDirectory(t)
    fs.mkdirSync(path.join(root, 'runtime', 'another'), { recursive: true })
    const { running, baseDir } = await startFake(t, ['--base-dir', 'runtime'], { cwd: root })
    assert.equal(baseDir, path.join(root, 'runtime'))
    assert.equal(fs.readdirSync(baseDir).length, 2)
    running.kill('SIGINT')
    await running.ended()
    assert.deepEqual(fs.readdirSync(baseDir), ['another'])
  })

  test('leaves the real folder alone unless it is named, and says so where it is', async (t) => {
    const { home, runtime } = homeDirectory(t)
    const env = { HOME: home, USERPROFILE: home }
    const apart = await startFake(t, [], { env })
    assert.deepEqual(fs.readdirSync(runtime.baseDir), [])
    assert.doesNotMatch(apart.running.stderr, /real Osaurus/)
    const inside = await startFake(t, ['--base-dir', runtime.baseDir], { env })
    assert.equal(fs.readdirSync(runtime.baseDir).length, 1)
    assert.match(inside.running.stderr, /This is the folder of the real Osaurus/)
    assert.equal((await command(['url'], { env })).stdout, `${inside.url}\n`)
  })
})
