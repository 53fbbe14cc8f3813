// Tests modification times from a wrong clock, and a home directory that is removed and created.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')

const discovery = require('../..')
const { runFixture } = require('../support/run-node.js')
const { RUNNING, osaurusText, runtimeDirectory } = require('../support/runtime-directory.js')

test('the modification time of the directory orders entries without updatedAt, however wrong it is', async (t) => {
  const runtime = runtimeDirectory(t)
  // Times of a clock that was reset, never set, or set wrongly; ext4 ends in 2446.
  const times = {
    epoch: 0,
    before: -86400.5,
    past: 946684800,
    now: Math.floor(Date.now() / 1000),
    future: 4102444800,
    last: 15032385535,
  }
  for (const [instanceId, time] of Object.entries(times)) {
    runtime.publish({ instanceId, updatedAt: undefined })
    runtime.touch(instanceId, { directory: time })
  }
  const { baseDir } = runtime
  const expected = Object.keys(times)
    .map((instanceId) => ({ instanceId, updatedAt: fs.statSync(runtime.dir(instanceId)).mtimeMs }))
    .sort((a, b) => b.updatedAt - a.updatedAt)
  const found = discovery.listInstancesSync({ baseDir })
  assert.deepEqual(
    found.map(({ instanceId, updatedAt }) => ({ instanceId, updatedAt })),
    expected,
  )
  assert.deepEqual(await discovery.listInstances({ baseDir }), found)
  assert.equal(discovery.discoverLatestRunningInstanceSync({ baseDir }).instanceId, expected[0].instanceId)
})

test('a home directory that is removed and created during calls gives the instance or OSAURUS_NOT_FOUND', async (t) => {
  const runtime = runtimeDirectory(t, { subpath: path.join('home', '.osaurus', 'runtime') })
  runtime.publish()
  const home = path.join(runtime.root, 'home')
  const file = runtime.file(RUNNING.instanceId)
  const data = { home, away: `${home}-away`, file, text: osaurusText(RUNNING) }
  const seen = await runFixture('robust/vanishing-home.js', {
    data,
    env: { ...process.env, HOME: home, USERPROFILE: home },
  })
  const known = ['1337', 'OSAURUS_NOT_FOUND', 'came back 1', 'list of 0', 'list of 1']
  assert.deepEqual(
    Object.keys(seen).filter((key) => !known.includes(key)),
    [],
    JSON.stringify(seen),
  )
  assert.equal(seen['came back 1'], 133)
  for (const key of known) assert.ok(seen[key] > 0, `${key}: ${JSON.stringify(seen)}`)
})
