// Runs the example scripts.
'use strict'

const assert = require('node:assert/strict')
const path = require('node:path')
const { describe, test } = require('node:test')
const { homeDirectory } = require('../support/runtime-directory.js')
const { PROJECT, Running, environment } = require('../support/cli/command.js')
const { fakeFor } = require('../support/cli/fake.js')

/** @param {string} home @param {string} name @param {string[]} [args] */
function start(home, name, args = []) {
  const script = path.join(PROJECT, 'examples', name)
  const env = environment({ HOME: home, USERPROFILE: home })
  return new Running(process.execPath, [script, ...args], { env })
}

describe('examples/node-script.js', () => {
  test('examples/node-script.js prints the models of the local Osaurus', async (t) => {
    const { home, runtime } = homeDirectory(t)
    await fakeFor(t, { baseDir: runtime.baseDir, models: ['one', 'two'] })
    const { code, stdout, stderr } = await start(home, 'node-script.js').ended()
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'one\ntwo\n', stderr: '' })
  })

  test('examples/node-script.js prints the reason if no Osaurus is running', async (t) => {
    const { code, stdout, stderr } = await start(homeDirectory(t).home, 'node-script.js').ended()
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
    assert.match(stderr, /^Osaurus not found/)
  })

  test('examples/node-script.js reports that an exposed server requires a key', async (t) => {
    const { home, runtime } = homeDirectory(t)
    await fakeFor(t, { baseDir: runtime.baseDir, exposeToNetwork: true })
    assert.match((await start(home, 'node-script.js').ended()).stderr, /^401: .*access key/)
  })
})

describe('examples/chat.js', () => {
  test('examples/chat.js streams the answer to a question', async (t) => {
    const { home, runtime } = homeDirectory(t)
    const fake = await fakeFor(t, { baseDir: runtime.baseDir })
    const { code, stdout, stderr } = await start(home, 'chat.js', ['Hello']).ended()
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.equal(stdout, 'Hello from the fake Osaurus. This answer is canned.\n')
    assert.ok(fake.requests.some(({ url }) => url === '/v1/chat/completions'))
  })

  test('examples/chat.js says what to do if there is no model yet', async (t) => {
    const { home, runtime } = homeDirectory(t)
    await fakeFor(t, { baseDir: runtime.baseDir, models: [] })
    const { code, stderr } = await start(home, 'chat.js').ended()
    assert.equal(code, 1)
    assert.match(stderr, /has no model yet/)
  })
})
