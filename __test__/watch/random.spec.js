// Tests watchers with random actions: every change follows from the one before, and the last state is the truth.
'use strict'

const assert = require('node:assert/strict')
const { fork } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { setTimeout: delay } = require('node:timers/promises')
const { listInstances } = require('../..')
const { eventually } = require('../support/measure.js')
const { Random } = require('../support/random.js')
const { runtimeDirectory } = require('../support/runtime-directory.js')
const { VERIFY } = require('../support/verify-servers.js')
const { recordChanges } = require('../support/change-recorder.js')

const ACTS = 1200
const ACTS_A_ROUND = 25

/** Between the ports of other tests and those that the system hands out. */
const FIRST_PORT = 2000
const END_OF_PORTS = 9000

/** A family of Osaurus in a process of its own, which may be killed in the midst of what it does. */
class Publisher {
  /**
   * @param {string} baseDir
   * @param {InstanceType<typeof Random>} random
   */
  constructor(baseDir, random) {
    const seed = random.below(2 ** 31)
    // Ports are never used twice: that a server comes back behind an old file may take half a minute to be noticed.
    const port = FIRST_PORT + random.below(END_OF_PORTS - FIRST_PORT)
    this.child = fork(path.join(__dirname, '..', 'support', 'watch-random-publisher.js'), [
      baseDir,
      `${seed}`,
      `${port}`,
    ])
    this.ready = once(this.child, 'message')
    this.exited = once(this.child, 'exit')
  }

  /** @param {number} count */
  async act(count) {
    await this.ready
    this.child.send(count)
    await Promise.race([once(this.child, 'message'), this.exited])
  }

  async kill() {
    this.child.kill('SIGKILL')
    await this.exited
  }
}

/** The state is that of the disk and the servers, for every watcher. @param {Watched[]} watched @param {string} baseDir */
async function assertRight(watched, baseDir) {
  for (const kind of new Set(watched.map(({ kind }) => kind))) {
    const of = watched.filter((each) => each.kind === kind)
    await eventually(async () => {
      const listed = await listInstances({ baseDir, ...kind })
      for (const { record } of of) assert.deepEqual(record.watcher.instances, listed)
    })
  }
  for (const { record } of watched) record.check()
}

/**
 * @typedef {Pick<import('../..').WatchOptions, 'verify' | 'probeTimeoutMs'>} Kind
 * @typedef {{ record: ReturnType<typeof recordChanges>, kind: Kind }} Watched
 */

/**
 * @param {string} name
 * @param {Kind[]} kinds what the watchers ask for
 */
function testAtRandom(name, kinds) {
  test(name, async (t) => {
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
    t.diagnostic(`SEED=${seed}`)
    const random = new Random(seed)
    const { baseDir } = runtimeDirectory(t)
    const away = `${baseDir}-away`
    /** @type {Watched[]} */
    const watched = kinds.map((kind) => ({ record: recordChanges(t, { baseDir, ...kind }), kind }))
    let publisher = new Publisher(baseDir, random)
    t.after(() => publisher.kill())
    let [kills, reported] = [0, 0]

    for (let acts = 0; acts < ACTS; acts += ACTS_A_ROUND) {
      const acting = publisher.act(ACTS_A_ROUND)
      if (random.chance(0.1)) {
        await publisher.ready
        await delay(random.below(40))
        await publisher.kill()
        kills++
        // It may have ended while the directory was away.
        if (fs.existsSync(away)) {
          fs.rmSync(baseDir, { recursive: true, force: true })
          fs.renameSync(away, baseDir)
        }
        publisher = new Publisher(baseDir, random)
      }
      await acting
      if (random.chance(0.2)) {
        const each = random.pick(watched)
        each.record.watcher.close()
        reported += each.record.changes.length
        each.record = recordChanges(t, { baseDir, ...each.kind })
      }
      await assertRight(watched, baseDir)
      if (random.chance(0.1)) {
        await Promise.all(watched.map(({ record }) => record.quiet()))
        await assertRight(watched, baseDir)
      }
    }
    reported += watched.reduce((sum, { record }) => sum + record.changes.length, 0)
    t.diagnostic(
      `${ACTS} acts and ${kills} kills, reported in ${reported} changes to ${watched.length} watchers`,
    )
    assert.deepEqual(
      watched.flatMap(({ record }) => record.warnings),
      [],
    )
  })
}

const FILES = {}

testAtRandom('by the files alone', [FILES, FILES, FILES])
testAtRandom('by the files and the servers', [FILES, VERIFY, VERIFY])
