// Tests that a watcher survives a panic and reports it, with an addon that panics on demand.
'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { panickingPackage } = require('../support/panicking-package.js')
const { evaluate } = require('../support/run-node.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const { stopAfter } = require('../support/verify-servers.js')

const packageDir = panickingPackage()

/** `watched` is a watcher with what it has told; `panic` has the core panic at a place, or nowhere. */
const TOOLS = `
  const { publish, withdraw } = require('./__test__/support/watch-publisher')
  const { baseDir } = data
  const panic = (place) => place ? (process.env.OSAURUS_DISCOVERY_PANIC = place) : delete process.env.OSAURUS_DISCOVERY_PANIC
  const watched = (options) => {
    const watcher = discovery.watchInstances({ baseDir, ...options })
    const told = { states: [], warnings: [], watcher }
    watcher.on('change', ({ instances }) => told.states.push(instances.map(({ instanceId }) => instanceId).join()))
    watcher.on('warning', ({ code, message }) => told.warnings.push({ code, message }))
    return told
  }
  const until = async (check) => { while (!check()) await new Promise((resolve) => setTimeout(resolve, 5)) }
  const state = ({ states }) => states[states.length - 1]`

test('a panic in the watching thread is a warning, and the directory is polled once a second', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const { one, two, late } = await evaluate(
    `${TOOLS}
     const [one, two] = [watched(), watched()]
     await until(() => state(one) === '' && state(two) === '')
     panic('watch')
     publish(baseDir, 'A')
     await until(() => state(one) === 'A' && state(two) === 'A')
     publish(baseDir, 'B', { updatedAt: '2030-01-01T00:00:00Z' })
     await until(() => state(one) === 'B,A')
     const late = watched()
     await until(() => late.warnings.length > 0 && state(late) === 'B,A')
     withdraw(baseDir, 'B')
     await until(() => [one, two, late].every((each) => state(each) === 'A'))
     for (const each of [one, two, late]) each.watcher.close()
     panic()
     // With the last one closed all that has gone wrong is over.
     const fresh = watched()
     await until(() => state(fresh) === 'A')
     publish(baseDir, 'A', { instanceId: 'C' })
     await until(() => state(fresh) === 'C')
     fresh.watcher.close()
     return { one, two, late: late.warnings, fresh: fresh.warnings }`,
    { packageDir, data: { baseDir } },
  )
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
  const { warnings } = await evaluate(
    `${TOOLS}
     const one = watched()
     await until(() => state(one) === '')
     panic('watch-event')
     publish(baseDir, 'A')
     await until(() => state(one) === 'A' && one.warnings.length > 0)
     panic()
     publish(baseDir, 'A', { instanceId: 'B' })
     await until(() => state(one) === 'B')
     one.watcher.close()
     return one`,
    { packageDir, data: { baseDir } },
  )
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
    const { warnings, states } = await evaluate(
      `${TOOLS}
       panic('${place}')
       const one = watched({ verify: true, probeTimeoutMs: 20000 })
       await until(() => one.warnings.length > 0)
       panic()
       await until(() => state(one) !== '')
       one.watcher.close()
       return one`,
      { packageDir, data: { baseDir } },
    )
    assert.equal(warnings.length, 1)
    assert.equal(warnings[0].code, 'OSAURUS_INTERNAL')
    assert.match(warnings[0].message, new RegExp(`deliberate panic in ${place}\\.`))
    assert.equal(states.length, 2, 'empty at the start, and with the server')
  }
})

test('a panic during a scan is a warning for its own watchers, and the files are read again', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const other = runtimeDirectory(t)
  const { one, two } = await evaluate(
    `${TOOLS}
     const [one, two] = [watched(), watched({ baseDir: data.other })]
     await until(() => state(one) === '' && state(two) === '')
     panic('scan')
     publish(baseDir, 'A')
     await until(() => one.warnings.length > 0)
     panic()
     await until(() => state(one) === 'A')
     publish(data.other, 'B')
     await until(() => state(two) === 'B')
     one.watcher.close()
     two.watcher.close()
     return { one: one.warnings, two: two.warnings }`,
    { packageDir, data: { baseDir, other: other.baseDir } },
  )
  assert.equal(one[0].code, 'OSAURUS_INTERNAL')
  assert.deepEqual([one.length, two.length], [1, 0])
})
