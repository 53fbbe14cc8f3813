// Tests watchers whose paths share directories.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { setTimeout: delay } = require('node:timers/promises')
const { listInstances, waitForRunningInstance } = require('../..')
const { eventually } = require('../support/measure.js')
const { Random } = require('../support/random.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { publish, withdraw } = require('../support/watch-publisher.js')
const { recordChanges } = require('../support/change-recorder.js')

const ROUNDS = 100

/** Two directories with a common parent. */
const DIRECTORIES = ['home/.osaurus/runtime', 'home/.osaurus/SharedConfiguration']

/** The watched directories in this order: the first one again, through a link. */
const WATCHED = ['link/runtime', ...DIRECTORIES]

/** @param {import('node:test').TestContext} t */
async function startWatching(t) {
  const root = temporaryDirectory(t)
  const at = (/** @type {string} */ part) => path.join(root, part)
  fs.mkdirSync(at('home'))
  fs.symlinkSync(at('home/.osaurus'), at('link'))
  const watched = WATCHED.map((directory) => ({
    baseDir: at(directory),
    record: recordChanges(t, { baseDir: at(directory) }),
  }))
  for (const { record } of watched) await record.started()
  return { at, watched }
}

/** @param {Awaited<ReturnType<typeof startWatching>>['watched']} watched @param {string} after */
async function assertRight(watched, after) {
  for (const { baseDir, record } of watched)
    await eventually(async () => {
      assert.deepEqual(
        record.watcher.instances,
        await listInstances({ baseDir }),
        `${baseDir} after ${after}`,
      )
    })
}

test('a publish soon after the common directory was created reaches all watchers', async (t) => {
  const { at, watched } = await startWatching(t)
  for (const directory of DIRECTORIES) {
    publish(at(directory), 'FIRST')
    await assertRight(watched, 'the first')
    // The first publish has settled, and no scan is due.
    await delay(300)
    publish(at(directory), 'SECOND')
    await assertRight(watched, 'the second')
  }
})

test('all watchers reach the final state whatever happens to their common directories', async (t) => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  t.diagnostic(`SEED=${seed}`)
  const random = new Random(seed)
  const { at, watched } = await startWatching(t)

  const directory = () => at(random.pick(DIRECTORIES))
  const part = () => at(random.pick(['home', 'home/.osaurus', ...DIRECTORIES]))
  let moves = 0
  /** @param {string} dir */
  const moveAway = (dir) => fs.renameSync(dir, at(`away-${moves++}`))
  const steps = {
    publish: () => publish(directory(), random.pick(['A', 'B', 'C'])),
    withdraw: () => {
      const dir = directory()
      for (const name of fs.existsSync(dir) ? fs.readdirSync(dir) : []) withdraw(dir, name)
    },
    remove: () => fs.rmSync(part(), { recursive: true, force: true }),
    'move away': () => {
      const dir = part()
      if (fs.existsSync(dir)) moveAway(dir)
    },
    replace: () => {
      const dir = part()
      if (!fs.existsSync(dir)) return
      moveAway(dir)
      const others = fs.readdirSync(at('.')).filter((name) => name.startsWith('away-'))
      fs.renameSync(at(random.pick(others)), dir)
    },
  }
  for (let round = 0; round < ROUNDS; round++) {
    const names = Array.from({ length: 1 + random.below(3) }, () =>
      random.pick(/** @type {Array<keyof typeof steps>} */ (Object.keys(steps))),
    )
    for (const name of names) steps[name]()
    if (random.chance(0.5)) await delay(random.below(100))
    else await assertRight(watched, `round ${round}: ${names.join(', ')}`)
  }
  await assertRight(watched, 'the end')
})

test('the end of a watcher with many directories delays no other watcher', async (t) => {
  const root = temporaryDirectory(t)
  const [large, small] = ['large', 'small'].map((name) => path.join(root, name))
  for (let i = 0; i < 300; i++) publish(large, `LEFTOVER-${i}`)
  publish(small, 'ID', { port: 1 })
  const record = recordChanges(t, { baseDir: small })
  await record.started()
  const delays = []
  for (let round = 0; round < 8; round++) {
    await waitForRunningInstance({ baseDir: large })
    await delay(50)
    const began = performance.now()
    publish(small, 'ID', { port: 1000 + round })
    await eventually(() => assert.equal(record.watcher.latest?.port, 1000 + round))
    delays.push(performance.now() - began)
    await delay(50)
  }
  // A busy machine may delay one, but not all of them.
  assert.ok(Math.min(...delays) < 250, `reported after ${delays.map(Math.round)} ms`)
})
