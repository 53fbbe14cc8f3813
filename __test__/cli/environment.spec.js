// Tests the commands in unusual environments: no home directory, no working directory, no temporary directory.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')
const { unprivileged } = require('../support/run-node.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { MAIN, Running, command, environment, startCommand } = require('../support/cli/command.js')
const { fakeFor } = require('../support/cli/fake.js')
const { quoted } = require('../support/cli/terminal.js')

const isRoot = process.getuid?.() === 0
/** A user id without an entry in the password database. */
const UNKNOWN_USER = 54_321

describe('a user without HOME and without an entry in the password database', () => {
  const skip = !isRoot && 'only root can start a process as another user'

  /** @param {import('node:test').TestContext} t @param {string[]} args */
  function runAsUnknownUser(t, args) {
    const { packageDir } = unprivileged(temporaryDirectory(t))
    const main = path.join(packageDir, 'lib', 'cli', 'main.js')
    return new Running(process.execPath, [main, ...args], {
      cwd: packageDir,
      uid: UNKNOWN_USER,
      gid: UNKNOWN_USER,
      env: environment({ HOME: undefined, USERPROFILE: undefined }),
    })
  }

  for (const name of ['url', 'list', 'wait', 'doctor', 'env']) {
    test(
      `a user without a home directory can use ${name} with an absolute --base-dir`,
      { skip },
      async (t) => {
        const fake = await fakeFor(t)
        fs.chmodSync(fake.baseDir, 0o755)
        const { code, stdout, stderr } = await runAsUnknownUser(t, [name, '--base-dir', fake.baseDir]).ended()
        assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
        assert.ok(stdout.includes(fake.url))
      },
    )
  }

  for (const name of ['url', 'list', 'doctor', 'env']) {
    test(
      `a user without a home directory learns from ${name} that HOME or --base-dir must be set`,
      { skip },
      async (t) => {
        const { code, stdout, stderr } = await runAsUnknownUser(t, [name]).ended()
        assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
        assert.match(stderr, /home directory of this user is unknown\. Set HOME, or .*--base-dir/)
      },
    )
  }

  test(
    'a user without a home directory learns that ~ in --base-dir cannot be expanded',
    { skip },
    async (t) => {
      const { code, stderr } = await runAsUnknownUser(t, ['url', '--base-dir=~/x']).ended()
      assert.equal(code, 1)
      assert.match(
        stderr,
        /^The value of --base-dir begins with ~, but the home directory .* absolute path\.\n/,
      )
    },
  )

  test('a user without a home directory can run a fake', { skip }, async (t) => {
    const running = runAsUnknownUser(t, ['fake', '--json'])
    t.after(() => running.kill('SIGKILL'))
    await running.until(/Ctrl-C/, 'stderr')
    running.kill('SIGINT')
    assert.equal((await running.ended()).code, 130)
  })
})

describe('in a working directory that was deleted', () => {
  /** @param {import('node:test').TestContext} t @param {string[]} args */
  function runWithoutDirectory(t, args) {
    const directory = path.join(temporaryDirectory(t), 'deleted')
    fs.mkdirSync(directory)
    const call = [process.execPath, MAIN, ...args].map(quoted).join(' ')
    const script = `cd ${quoted(directory)} && rmdir ${quoted(directory)} && exec ${call}`
    return new Running('sh', ['-c', script], { env: environment() }).ended()
  }

  test('in a deleted working directory, a relative --base-dir is an error that says so', async (t) => {
    for (const name of ['url', 'doctor', 'watch', 'fake']) {
      const { code, stdout, stderr } = await runWithoutDirectory(t, [name, '--base-dir', 'runtime'])
      assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
      assert.match(
        stderr,
        /^The value of --base-dir is relative, but the working directory no longer exists\./,
      )
      assert.match(stderr, /absolute path: --base-dir got 'runtime'\.\n$/)
    }
  })

  test('in a deleted working directory, an absolute --base-dir is scanned', async (t) => {
    const fake = await fakeFor(t)
    const { code, stdout, stderr } = await runWithoutDirectory(t, ['url', '--base-dir', fake.baseDir])
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: `${fake.url}\n`, stderr: '' })
  })
})

describe('fake in a temporary directory that is unusable', () => {
  /** @type {[string, (root: string) => string][]} */
  const cases = [
    ['because it does not exist', (root) => path.join(root, 'missing')],
    [
      'because it is a file',
      (root) => {
        const file = path.join(root, 'file')
        fs.writeFileSync(file, '')
        return file
      },
    ],
  ]
  for (const [name, create] of cases) {
    test(`fake in an unusable temporary directory fails ${name}, and names TMPDIR, the directory and --base-dir`, async (t) => {
      const directory = create(temporaryDirectory(t))
      const env = { TMPDIR: directory, TEMP: directory }
      const { code, stdout, stderr } = await command(['fake'], { env })
      assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
      assert.ok(stderr.startsWith(`The fake Osaurus cannot create a directory in ${directory}: `), stderr)
      assert.match(stderr, /Set (TMPDIR|TEMP) to a directory .* --base-dir\.\n$/)
    })

    test(`fake in an unusable temporary directory runs with --base-dir ${name}`, async (t) => {
      const root = temporaryDirectory(t)
      const directory = create(root)
      const env = { TMPDIR: directory, TEMP: directory }
      const running = startCommand(['fake', '--base-dir', path.join(root, 'runtime')], { env })
      t.after(() => running.kill('SIGKILL'))
      await running.until(/Ctrl-C/, 'stderr')
      running.kill('SIGINT')
      assert.equal((await running.ended()).code, 130)
    })
  }
})

describe('OSAURUS_TEST_ROOT', () => {
  test('OSAURUS_TEST_ROOT moves the directory that every command scans', async (t) => {
    const root = temporaryDirectory(t)
    const fake = await fakeFor(t, { baseDir: path.join(root, 'runtime') })
    for (const name of ['url', 'list', 'wait', 'doctor', 'env']) {
      const { code, stdout } = await command([name], { env: { OSAURUS_TEST_ROOT: root } })
      assert.equal(code, 0)
      assert.ok(stdout.includes(fake.url), stdout)
    }
    const watch = startCommand(['watch'], { env: { OSAURUS_TEST_ROOT: root } })
    t.after(() => watch.kill('SIGKILL'))
    await watch.until(new RegExp(`running  ${fake.url}`))
  })

  test('OSAURUS_TEST_ROOT is resolved against the working directory', async (t) => {
    const root = temporaryDirectory(t)
    const fake = await fakeFor(t, { baseDir: path.join(root, 'runtime') })
    const options = { cwd: path.dirname(root), env: { OSAURUS_TEST_ROOT: path.basename(root) } }
    assert.equal((await command(['url'], options)).stdout, `${fake.url}\n`)
  })

  test('OSAURUS_TEST_ROOT is overridden by --base-dir', async (t) => {
    const fake = await fakeFor(t)
    const env = { OSAURUS_TEST_ROOT: temporaryDirectory(t) }
    assert.equal((await command(['url', '--base-dir', fake.baseDir], { env })).stdout, `${fake.url}\n`)
  })

  test('OSAURUS_TEST_ROOT is named by doctor if no server publishes there', async (t) => {
    const env = { OSAURUS_TEST_ROOT: temporaryDirectory(t) }
    const { code, stdout } = await command(['doctor'], { env })
    assert.equal(code, 1)
    assert.match(stdout, /Scanned 1 directory/)
    assert.match(stdout.replace(/\s+/g, ' '), /env -u OSAURUS_TEST_ROOT osaurus-discovery doctor/)
  })
})
