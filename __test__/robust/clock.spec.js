// Tests that a jump of the wall clock changes no result and no deadline.
'use strict'

const assert = require('node:assert/strict')
const { describe } = require('node:test')
const { testOnLinux: test } = require('../support/on-linux.js')
const { withFaketime } = require('../support/requirements.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const { runFixtureWithClock } = require('../support/wall-clock.js')

/** The positions of the clock in days from now, and by how much it moves each time. @type {[name: string, to: number[], moves: number[]][]} */
const JUMPS = [
  ['back', [-1, -2], [-1, -1]],
  ['ahead', [1, 2], [1, 1]],
]

/** Measured by the wall clock, a deadline would have passed a day ago or would be a day ahead. @param {number} ms @param {number} limit */
function assertTook(ms, limit) {
  assert.ok(ms > 0.9 * limit && ms < 10 * limit, `${ms} ms instead of ${limit}`)
}

for (const [name, to, moves] of JUMPS) {
  describe(`a clock that jumps ${name} by a day`, () => {
    test(
      `a clock that jumps ${name} does not change the results of later calls`,
      withFaketime(),
      async (t) => {
        const runtime = runtimeDirectory(t)
        const { baseDir } = runtime
        runtime.publish({ instanceId: 'PAST', updatedAt: '1999-01-01T00:00:00Z' })
        runtime.publish({ instanceId: 'NOW', updatedAt: new Date().toISOString() })
        runtime.publish({ instanceId: 'FUTURE', updatedAt: '2099-01-01T00:00:00Z' })
        runtime.publish({ instanceId: 'NO TIME', updatedAt: undefined })
        const seen = await runFixtureWithClock(t, 'robust/clock-between-calls.js', { baseDir, to })
        assert.deepEqual(seen.moves, moves)
        const [before, ...after] = seen.given
        assert.deepEqual([before[0].length, before[3].length], [5, 1])
        for (const results of after) assert.deepEqual(results, before)
      },
    )

    test(
      `a clock that jumps ${name} during a probe does not change its deadline`,
      withFaketime(),
      async (t) => {
        const probeTimeoutMs = 3000
        const seen = await runFixtureWithClock(t, 'robust/clock-during-probe.js', { probeTimeoutMs, to })
        assert.deepEqual([seen.moves, seen.inFlight], [moves, 2])
        const [hung, slow] = seen.ids
        const ids = seen.list.value.map((/** @type {{ instanceId: string }} */ { instanceId }) => instanceId)
        assert.deepEqual(ids, [slow])
        const { entries } = seen.report.value
        const [probed] = entries.filter((/** @type {{ path: string }} */ entry) => entry.path.endsWith(hung))
        assert.deepEqual([probed.reason, probed.probe.outcome], ['not-responding', 'timed-out'])
        for (const ms of [seen.list.ms, seen.report.ms, probed.probe.durationMs])
          assertTook(ms, probeTimeoutMs)
      },
    )

    test(
      `a clock that jumps ${name} during a wait does not change its deadline`,
      withFaketime(),
      async (t) => {
        const timeoutMs = 1500
        const { first, found, instance, ...seen } = await runFixtureWithClock(
          t,
          'robust/clock-during-wait.js',
          { timeoutMs, to },
        )
        assert.deepEqual(seen.moves, moves)
        assert.equal(first.code, 'OSAURUS_TIMEOUT')
        assertTook(first.ms, timeoutMs)
        assert.deepEqual(found, [instance, instance, instance])
      },
    )

    test(
      `a clock that jumps ${name} under watchers does not hide later changes`,
      withFaketime(),
      async (t) => {
        const { baseDir } = runtimeDirectory(t)
        const seen = await runFixtureWithClock(t, 'robust/clock-during-watch.js', { baseDir, to })
        assert.deepEqual(seen, { reached: Array(8).fill(true), moves, warnings: [] })
      },
    )
  })
}
