// Tests that a watcher survives a panic and reports it, with an addon that panics on demand.
'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { panickingPackage } = require('../support/panicking-package.js')
const { runFixture } = require('../support/run-node.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const { stopAfter } = require('../support/verify-servers.js')

const packageDir = panickingPackage()

test('a panic in the watching thread is a warning, and the directory is polled once a second', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const { one, two, late } = await runFixture('watch/panic-in-thread.js', { packageDir, data: { baseDir } })
  const warning = {
    code: 'OSAURUS_INTERNAL',
    message:
      'Internal error in osaurus-discovery: deliberate panic in watch. Please report this bug. Polling once a second from now on',
  }
  for (const { warnings } of [one, two]) assert.deepEqual(warnings, [warning])
  assert.deepEqual(late, [warning])
})

test('a panic in the reception of events is a warning, and later events are received', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const { warnings } = await runFixture('watch/panic-in-events.js', { packageDir, data: { baseDir } })
  assert.deepEqual(
    warnings.map((/** @type {Error & { code: string }} */ { code, message }) => [code, message]),
    [
      [
        'OSAURUS_WATCH_DEGRADED',
        'File events are unavailable: their receiver failed and was restarted. Polling once a second instead',
      ],
    ],
  )
})

test('a panic during a probe is a warning, and the server is probed again later', async (t) => {
  const { baseDir } = await stopAfter(t, startFakeOsaurus())
  for (const place of ['watch-probe', 'probe']) {
    const { warnings, states } = await runFixture('watch/panic-in-probe.js', {
      packageDir,
      data: { baseDir, place },
    })
    assert.equal(warnings.length, 1)
    assert.equal(warnings[0].code, 'OSAURUS_INTERNAL')
    assert.match(warnings[0].message, new RegExp(`deliberate panic in ${place}\\.`))
    assert.equal(states.length, 2, 'empty at the start, and with the server')
  }
})

test('a panic during a scan is a warning for its own watchers, and the files are read again', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const other = runtimeDirectory(t)
  const { one, two } = await runFixture('watch/panic-in-scan.js', {
    packageDir,
    data: { baseDir, other: other.baseDir },
  })
  assert.equal(one[0].code, 'OSAURUS_INTERNAL')
  assert.deepEqual([one.length, two.length], [1, 0])
})
