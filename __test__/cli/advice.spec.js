// Tests the advice of `doctor`.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { inspectRuntime } = require('../../index.js')
const { advise } = require('../../lib/cli/advice.js')
const { fakeFor } = require('../support/cli/fake.js')

describe('advice', () => {
  /** @param {import('osaurus-discovery').DirectoryReport['status']} status */
  const reportOf = (status) => ({ directories: [{ path: '/a b', legacy: false, status }], entries: [] })
  const context = { platform: /** @type {const} */ ('darwin'), env: {} }

  test('advice for a directory without read access shows its permissions, with the path quoted', () => {
    const [{ text, commands }] = advise(reportOf('access-denied'), context)
    assert.match(text, /Give your user read access to \/a b/)
    assert.deepEqual(commands, ["ls -ld '/a b'"])
  })

  test('advice for a directory below one without access shows the permissions of the latter', () => {
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

  test('advice for directories below one without access is given once', () => {
    const directories = ['/a/b', '/a/c'].map((path) => ({
      path,
      legacy: false,
      status: /** @type {const} */ ('access-denied'),
      blockedBy: '/a',
    }))
    assert.equal(advise({ directories, entries: [] }, context).length, 1)
  })

  test('advice for a directory that cannot be read names it', () => {
    assert.match(advise(reportOf('error'), context)[0].text, /\/a b/)
  })

  test('advice for a running server names the proxy that clients would use', async (t) => {
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

  test('advice for a machine without entries depends on the system', () => {
    assert.deepEqual(advise(reportOf('missing'), context)[0].commands, ['osaurus serve'])
    assert.deepEqual(advise(reportOf('missing'), { platform: 'linux', env: {} })[0].commands, [
      'osaurus-discovery fake',
    ])
  })
})
