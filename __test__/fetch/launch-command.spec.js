// Tests `launch`, `url --launch` and `wait --launch` with the opener of the app replaced.
'use strict'

const assert = require('node:assert/strict')
const path = require('node:path')
const { test } = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { PROJECT, runNode } = require('../support/run-node.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')

const OPENER = path.join(PROJECT, '__test__', 'fixtures', 'fetch', 'replace-opener.js')
const MAIN = path.join(PROJECT, 'lib', 'cli', 'main.js')

/** @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
const run = (args, env) => runNode(['-r', OPENER, MAIN, ...args], { env: { ...process.env, ...env } })

for (const args of [['launch'], ['url', '--launch'], ['wait', '--launch']]) {
  test(`${args.join(' ')} starts Osaurus and prints its URL`, async (t) => {
    const baseDir = path.join(temporaryDirectory(t), 'runtime')
    const { code, stdout } = await run([...args, '--base-dir', baseDir], { OSAURUS_TEST_FAKE_DIR: baseDir })
    assert.equal(code, 0)
    assert.match(stdout, /^http:\/\/127\.0\.0\.1:\d+\n$/)
  })

  test(`${args.join(' ')} prints the URL of a running Osaurus`, async (t) => {
    const fake = await startFakeOsaurus()
    t.after(() => fake.stop())
    const { code, stdout, stderr } = await run([...args, '--json', '--base-dir', fake.baseDir])
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: `"${fake.url}"\n`, stderr: '' })
  })

  test(`${args.join(' ')} reports that Osaurus is not installed`, async (t) => {
    const { code, stdout, stderr } = await run([...args, '--base-dir', temporaryDirectory(t)])
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
    assert.match(stderr, /Osaurus is not installed/)
  })
}

test('url --launch does not take --no-verify', async () => {
  const { code, stderr } = await run(['url', '--launch', '--no-verify'])
  assert.equal(code, 2)
  assert.match(stderr, /--launch cannot be combined with --no-verify/)
})
