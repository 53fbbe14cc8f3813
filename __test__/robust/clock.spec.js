// What if the clock jumps while the package is at work: set by hand, by the network's time, after a flat battery?
'use strict'

const assert = require('node:assert/strict')
const { describe } = require('node:test')
const { testOnLinux: test } = require('../support/on-linux.js')
const { withFaketime } = require('../support/requirements.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const { evaluateWithClock } = require('../support/wall-clock.js')

/** Where to, in days from now: each is a day from the one before. @type {[name: string, to: number[], moves: number[]][]} */
const JUMPS = [
  ['back', [-1, -2], [-1, -1]],
  ['ahead', [1, 2], [1, 1]],
]

/** A deadline by the date would have passed a day ago, or come in a day. @param {number} ms @param {number} limit */
function assertTook(ms, limit) {
  assert.ok(ms > 0.9 * limit && ms < 10 * limit, `${ms} ms instead of ${limit}`)
}

for (const [name, to, moves] of JUMPS) {
  describe(`a clock that jumps ${name} by a day`, () => {
    test('between two calls changes no answer', withFaketime(), async (t) => {
      const runtime = runtimeDirectory(t)
      const { baseDir } = runtime
      runtime.publish({ instanceId: 'PAST', updatedAt: '1999-01-01T00:00:00Z' })
      runtime.publish({ instanceId: 'NOW', updatedAt: new Date().toISOString() })
      runtime.publish({ instanceId: 'FUTURE', updatedAt: '2099-01-01T00:00:00Z' })
      runtime.publish({ instanceId: 'BY THE FOLDER', updatedAt: undefined })
      const script = `
        const { baseDir, to } = data
        const fake = await startFakeOsaurus({ baseDir })
        const answers = async () => [
          discovery.listInstancesSync({ baseDir }),
          discovery.discoverLatestRunningInstanceSync({ baseDir }),
          await discovery.listInstances({ baseDir }),
          await discovery.listInstances({ baseDir, verify: true, probeTimeoutMs: 20000 }),
          await discovery.discoverLatestRunningInstance({ baseDir }),
        ]
        const given = [await answers()]
        const moves = []
        for (const days of to) {
          moves.push(jump(days))
          given.push(await answers())
        }
        await fake.stop()
        return { moves, given }`
      const seen = await evaluateWithClock(t, script, { baseDir, to })
      assert.deepEqual(seen.moves, moves)
      const [before, ...after] = seen.given
      assert.deepEqual([before[0].length, before[3].length], [5, 1])
      for (const answers of after) assert.deepEqual(answers, before)
    })

    test('in the midst of a probe neither shortens nor lengthens it', withFaketime(), async (t) => {
      const script = `
        const hung = await startFakeOsaurus()
        const { baseDir } = hung
        const slow = await startFakeOsaurus({ baseDir })
        for (const fake of [hung, slow]) fake.suspend()
        const began = performance.now()
        let settled = 0
        const calls = ['listInstances', 'inspectRuntime'].map(async (name) => {
          const value = await discovery[name]({ baseDir, verify: true, probeTimeoutMs: data.probeTimeoutMs })
          settled++
          return { value, ms: performance.now() - began }
        })
        while (hung.connections + slow.connections < 2 * calls.length) await delay(1)
        const inFlight = calls.length - settled
        const moves = data.to.map(jump)
        // Its answer has the deadline of the other looked at again.
        slow.resume()
        const [list, report] = await Promise.all(calls)
        const ids = [hung, slow].map(({ instance }) => instance.instanceId)
        await slow.stop()
        await hung.stop()
        return { inFlight, moves, list, report, ids }`
      const probeTimeoutMs = 3000
      const seen = await evaluateWithClock(t, script, { probeTimeoutMs, to })
      assert.deepEqual([seen.moves, seen.inFlight], [moves, 2])
      const [hung, slow] = seen.ids
      const ids = seen.list.value.map((/** @type {{ instanceId: string }} */ { instanceId }) => instanceId)
      assert.deepEqual(ids, [slow])
      const { entries } = seen.report.value
      const [asked] = entries.filter((/** @type {{ path: string }} */ entry) => entry.path.endsWith(hung))
      assert.deepEqual([asked.reason, asked.probe.outcome], ['not-responding', 'timed-out'])
      for (const ms of [seen.list.ms, seen.report.ms, asked.probe.durationMs]) assertTook(ms, probeTimeoutMs)
    })

    test('under a wait neither ends it nor keeps it', withFaketime(), async (t) => {
      const script = `
        const fake = await startFakeOsaurus({ health: 'starting' })
        const nobody = await startFakeOsaurus({ health: 'starting' })
        const patient = { baseDir: fake.baseDir, probeTimeoutMs: 20000, timeoutMs: 50000 }
        const waiting = [{}, { verify: false }, { timeoutMs: Infinity }].map((options) =>
          discovery.waitForRunningInstance({ ...patient, verify: true, ...options }))
        const began = performance.now()
        const inVain = discovery.waitForRunningInstance({ baseDir: nobody.baseDir, timeoutMs: data.timeoutMs }).then(
          ({ url }) => ({ code: 'found ' + url }),
          ({ code }) => ({ code, ms: performance.now() - began }),
        )
        const moves = [jump(data.to[0])]
        const first = await Promise.race([...waiting, inVain])
        moves.push(jump(data.to[1]))
        await fake.setHealth('running')
        const found = await Promise.all(waiting)
        const { instance } = fake
        await Promise.all([fake.stop(), nobody.stop()])
        return { moves, first, found, instance }`
      const timeoutMs = 1500
      const { first, found, instance, ...seen } = await evaluateWithClock(t, script, { timeoutMs, to })
      assert.deepEqual(seen.moves, moves)
      assert.equal(first.code, 'OSAURUS_TIMEOUT')
      assertTook(first.ms, timeoutMs)
      assert.deepEqual(found, [instance, instance, instance])
    })

    test('under watchers hides nothing from them that comes later', withFaketime(), async (t) => {
      const script = `
        const { baseDir, to } = data
        const fake = await startFakeOsaurus({ baseDir })
        const warnings = []
        const watchers = [{}, { verify: true, probeTimeoutMs: 20000 }].map((options) =>
          discovery.watchInstances({ baseDir, ...options }).on('warning', ({ message }) => warnings.push(message)))
        const told = []
        /** Whether each comes to have just these. */
        const comeToHave = async (...wanted) => {
          const have = ({ instances }, ids) => instances.map(({ instanceId }) => instanceId).sort().join() === ids.sort().join()
          const all = () => watchers.map((watcher, at) => have(watcher, wanted[at]))
          for (const until = performance.now() + 20000; all().includes(false) && performance.now() < until;) await delay(5)
          told.push(...all())
        }
        const first = fake.instance.instanceId
        await comeToHave([first], [first])
        const moves = [jump(to[0])]
        const other = await startFakeOsaurus({ baseDir })
        const second = other.instance.instanceId
        await comeToHave([first, second], [first, second])
        moves.push(jump(to[1]))
        await other.crash()
        await comeToHave([first, second], [first])
        await fake.stop()
        await comeToHave([second], [])
        for (const watcher of watchers) watcher.close()
        await other.stop()
        return { told, moves, warnings }`
      const { baseDir } = runtimeDirectory(t)
      const seen = await evaluateWithClock(t, script, { baseDir, to })
      assert.deepEqual(seen, { told: Array(8).fill(true), moves, warnings: [] })
    })
  })
}
