// Tests the commands `list` and `url`: text, JSON and exit codes.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')
const { listInstances } = require('../../index.js')
const { homeDirectory, runtimeDirectory } = require('../support/runtime-directory.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { startFakeProcess } = require('../support/fake-process.js')
const { unprivileged } = require('../support/run-node.js')
const { Running, command, environment } = require('../support/cli/command.js')
const { fakeFor } = require('../support/cli/fake.js')

describe('list', () => {
  test('list prints a table, newest first', async (t) => {
    const older = await fakeFor(t)
    const runtime = runtimeDirectory(t)
    const newest = {
      ...older.instance,
      instanceId: 'NEWEST',
      updatedAt: new Date(Date.now() - 61_000).toISOString(),
    }
    runtime.publish({ ...newest, exposeToNetwork: true, health: 'running' })
    runtime.publish({ instanceId: 'OLDER', updatedAt: '2025-01-01T00:00:00Z', port: 1 })
    const { code, stdout, stderr } = await command(['list', '--no-verify', '--base-dir', runtime.baseDir])
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/))
    assert.deepEqual(rows[0], ['URL', 'ACCESS', 'PUBLISHED', 'INSTANCE'])
    assert.deepEqual(rows[1], [older.url, 'with key', '1 minute ago', 'NEWEST'])
    assert.deepEqual(rows[2].slice(0, 2), ['http://127.0.0.1:1', 'open'])
    assert.equal(rows.length, 3)
  })

  test('list prints that a server at the default address, which no file describes, was never published', async (t) => {
    const { home } = homeDirectory(t)
    const { instance, url } = await fakeFor(t)
    const env = { HOME: home, USERPROFILE: home, OSAURUS_DISCOVERY_FALLBACK_PORT: String(instance.port) }
    const { code, stdout } = await command(['list'], { env })
    const [, row] = stdout.split('\n')
    assert.deepEqual([code, row.split(/ {2,}/)], [0, [url, 'open', 'never', 'unpublished']])
  })

  test('list counts only servers that answer, unless --no-verify is given', async (t) => {
    const fake = await fakeFor(t)
    await fake.crash()
    await fake.relaunch()
    const verified = await command(['list', '--json', '--base-dir', fake.baseDir])
    assert.deepEqual(JSON.parse(verified.stdout), [fake.instance])
    const trusted = await command(['list', '--json', '--no-verify', '--base-dir', fake.baseDir])
    assert.equal(JSON.parse(trusted.stdout).length, 2)
  })

  test('list --json prints the result of listInstances()', async (t) => {
    const fake = await fakeFor(t, { exposeToNetwork: true })
    const { code, stdout } = await command(['list', '--json', '--base-dir', fake.baseDir])
    assert.equal(code, 0)
    assert.deepEqual(JSON.parse(stdout), await listInstances({ verify: true, baseDir: fake.baseDir }))
  })

  test('list prints only the reason if no server is running, and exits with 1', async (t) => {
    const baseDir = path.join(temporaryDirectory(t), 'nothing')
    const { code, stdout, stderr } = await command(['list', '--base-dir', baseDir])
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
    assert.match(stderr, /^Osaurus not found: .*\n.*osaurus-discovery doctor/s)
    assert.equal((await command(['list', '--json', '--base-dir', baseDir])).stdout, '[]\n')
  })

  test('list --all also prints what was ignored, and why', async (t) => {
    const fake = await fakeFor(t)
    const runtime = runtimeDirectory(t)
    runtime.publish({ ...fake.instance, updatedAt: undefined, health: 'running' })
    runtime.write('BROKEN', 'nonsense')
    runtime.publishStarting('starting', 'SOON')
    const { code, stdout } = await command(['list', '--all', '--base-dir', runtime.baseDir])
    assert.equal(code, 0)
    const [table, others] = stdout.split('\n\nIGNORED\n')
    assert.match(table, new RegExp(fake.url))
    assert.match(others, /\/SOON\n {2}starting\n/)
    assert.match(others, /\/BROKEN\n {2}not-json: /)
    const entries = JSON.parse(
      (await command(['list', '--all', '--json', '--base-dir', runtime.baseDir])).stdout,
    )
    assert.deepEqual(
      entries.map((/** @type {{ status: string }} */ { status }) => status),
      ['running', 'starting', 'ignored'],
    )
  })

  test('list --all exits with 1 if all entries were ignored', async (t) => {
    const runtime = runtimeDirectory(t)
    runtime.publish({ port: 1 })
    const { code, stdout, stderr } = await command(['list', '--all', '--base-dir', runtime.baseDir])
    assert.equal(code, 1)
    assert.match(stdout, /^IGNORED\n.*\n {2}not-responding: /)
    assert.match(stderr, /^Osaurus is not responding/)
  })
})

describe('url', () => {
  test('url prints the URL and nothing else', async (t) => {
    const fake = await fakeFor(t, { exposeToNetwork: true })
    const { code, stdout, stderr } = await command(['url', '--base-dir', fake.baseDir])
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: `${fake.url}\n`, stderr: '' })
    assert.equal((await fetch(`${stdout.trim()}/health`)).status, 200)
  })

  test('url --json prints the URL as JSON', async (t) => {
    const fake = await fakeFor(t)
    const { stdout } = await command(['url', '--json', '--base-dir', fake.baseDir])
    assert.equal(JSON.parse(stdout), fake.url)
  })

  test('url accepts options before the command, and uses the last of two', async (t) => {
    const fake = await fakeFor(t)
    const { stdout } = await command(['--base-dir', '/nowhere', 'url', `--base-dir=${fake.baseDir}`])
    assert.equal(stdout, `${fake.url}\n`)
  })

  test('url resolves --base-dir relative to the working directory', async (t) => {
    const root = temporaryDirectory(t)
    const fake = await fakeFor(t, { baseDir: path.join(root, 'runtime') })
    const { stdout } = await command(['url', '--base-dir', 'runtime'], { cwd: root })
    assert.equal(stdout, `${fake.url}\n`)
  })

  test('url expands ~ in --base-dir if the shell has not', async (t) => {
    const { home, runtime } = homeDirectory(t)
    const fake = await fakeFor(t, { baseDir: runtime.baseDir })
    const env = { HOME: home, USERPROFILE: home }
    const { stdout } = await command(['url', '--base-dir=~/.osaurus/runtime'], { env })
    assert.equal(stdout, `${fake.url}\n`)
  })

  test("url scans the user's own directory without --base-dir", async (t) => {
    const { home, runtime } = homeDirectory(t)
    const fake = await fakeFor(t, { baseDir: runtime.baseDir })
    const { stdout } = await command(['url'], { env: { HOME: home, USERPROFILE: home } })
    assert.equal(stdout, `${fake.url}\n`)
  })

  test('url waits for a slow server as long as --probe-timeout says', async (t) => {
    const fake = await startFakeProcess()
    t.after(() => fake.stop())
    await fake.kill('SIGSTOP')
    const dead = await command(['url', '--probe-timeout', '50', '--base-dir', fake.baseDir])
    assert.equal(dead.code, 1)
    assert.match(dead.stderr, /^Osaurus is not responding/)
    const patient = command(['url', '--probe-timeout', '60s', '--base-dir', fake.baseDir])
    await new Promise((resolve) => setTimeout(resolve, 1500))
    await fake.kill('SIGCONT')
    assert.deepEqual(await patient, { code: 0, signal: null, stdout: `${fake.url}\n`, stderr: '' })
  })
})

/** Names that help programmers, but not users of the command line. */
const API_NAMES = new RegExp(
  [...Object.keys(require('../../index.js')), 'baseDir', 'legacyDirs', 'timeoutMs', 'this app'].join('|'),
)

describe('if no server is usable, the exit code is 1 and stderr says why and what to do', () => {
  /** @type {[string, (runtime: ReturnType<typeof runtimeDirectory>) => void, RegExp][]} */
  const cases = [
    ['an empty directory', () => {}, /^Osaurus not found: .*\nRun `osaurus-discovery doctor`/],
    [
      'a server that is starting',
      (runtime) => runtime.publishStarting(),
      /^Osaurus is starting: .*\nRun `osaurus-discovery wait`/,
    ],
    [
      'a server that has crashed',
      (runtime) => runtime.publish({ port: 1 }),
      /^Osaurus is not responding: .*\nRun `osaurus-discovery doctor`/,
    ],
    [
      'a file in place of the directory',
      (runtime) => {
        fs.rmdirSync(runtime.baseDir)
        fs.writeFileSync(runtime.baseDir, '')
      },
      /^Osaurus folder cannot be read: .* \(--base-dir\)\.\nRun `osaurus-discovery doctor`/,
    ],
    [
      'a malformed file',
      (runtime) => runtime.write('BAD', '{}'),
      /^Osaurus not found: no running instance in .* \(1 bad-health\)\. Start Osaurus\.\nRun `osaurus-discovery doctor`/,
    ],
  ]
  for (const [name, prepare, words] of cases) {
    test(`without a usable server: ${name}`, async (t) => {
      const runtime = runtimeDirectory(t)
      prepare(runtime)
      for (const args of [['url'], ['env'], ['list'], ['url', '--json'], ['env', '--json']]) {
        const { code, stdout, stderr } = await command([...args, '--base-dir', runtime.baseDir])
        assert.deepEqual({ args, code, stdout }, { args, code: 1, stdout: '' })
        assert.match(stderr, words)
        assert.doesNotMatch(stderr, API_NAMES)
      }
      const { code, stderr } = await command(['wait', '--timeout', '0', '--base-dir', runtime.baseDir])
      assert.equal(code, 1)
      assert.match(stderr, /^Gave up waiting for Osaurus/)
      assert.doesNotMatch(stderr, API_NAMES)
    })
  }

  test('without a usable server: a directory without read access', async (t) => {
    const runtime = runtimeDirectory(t)
    const { packageDir, ...user } = unprivileged(runtime.root)
    runtime.restrict(runtime.baseDir, 0o000)
    const args = [path.join(packageDir, 'lib', 'cli', 'main.js'), 'url', '--base-dir', runtime.baseDir]
    const { code, stderr } = await new Running(process.execPath, args, {
      ...user,
      env: environment(),
    }).ended()
    assert.equal(code, 1)
    assert.match(
      stderr,
      /^Osaurus folder cannot be read: .*\. Give your user access to \S+\.\nRun `osaurus-discovery doctor`/,
    )
    assert.doesNotMatch(stderr, API_NAMES)
  })

  test('every hint begins with npx if npx runs the command, because npx adds it to no PATH', async (t) => {
    const { baseDir } = runtimeDirectory(t)
    for (const args of [['url'], ['doctor'], ['doctor', '--base-dir', baseDir], ['nonsense']]) {
      const env = { HOME: baseDir, npm_command: 'exec' }
      const { stdout, stderr } = await command(args, { env })
      assert.match(stdout + stderr, /npx osaurus-discovery/)
      assert.doesNotMatch(stdout + stderr, /(?<!npx )osaurus-discovery/)
    }
  })
})
