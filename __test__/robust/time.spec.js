// What if the clock is wrong: times of the future, of before 1970, of the end of time?
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')

const discovery = require('../..')
const { evaluate } = require('../support/run-node.js')
const { RUNNING, osaurusText, runtimeDirectory } = require('../support/runtime-directory.js')

test('where nothing is published of the time, the folder’s own decides, however far it is off', async (t) => {
  const runtime = runtimeDirectory(t)
  // What a clock gives that was reset, never set, set wrongly, and set by an optimist; ext4 ends in 2446.
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

test('a home folder that vanishes and comes back under every call: the instance, or not found', async (t) => {
  const runtime = runtimeDirectory(t, { subpath: path.join('home', '.osaurus', 'runtime') })
  runtime.publish()
  const home = path.join(runtime.root, 'home')
  const script = `
    const fs = require('fs')
    const [home, away, file, text] = data
    const seen = {}
    const note = (key) => { seen[key] = (seen[key] ?? 0) + 1 }
    for (let round = 0; round < 400; round++) {
      const calls = [0, 1, 2, 3].flatMap(() => [
        discovery.discoverLatestRunningInstance().then(({ port }) => note(port), ({ code }) => note(code)),
        discovery.listInstances().then(({ length }) => note('list of ' + length), ({ code }) => note(code)),
      ])
      if (round % 3 === 0) { fs.renameSync(home, away) }
      else if (round % 3 === 1) { fs.rmSync(away, { recursive: true }) }
      else { fs.mkdirSync(require('path').dirname(file), { recursive: true }); fs.writeFileSync(file, text) }
      try { note(discovery.discoverLatestRunningInstanceSync().port) } catch ({ code }) { note(code) }
      await Promise.all(calls)
      if (round % 3 === 2) note('came back ' + (await discovery.listInstances()).length)
    }
    return seen`
  const data = [home, `${home}-away`, runtime.file(RUNNING.instanceId), osaurusText(RUNNING)]
  const seen = await evaluate(script, { data, env: { ...process.env, HOME: home, USERPROFILE: home } })
  const known = ['1337', 'OSAURUS_NOT_FOUND', 'came back 1', 'list of 0', 'list of 1']
  assert.deepEqual(
    Object.keys(seen).filter((key) => !known.includes(key)),
    [],
    JSON.stringify(seen),
  )
  assert.equal(seen['came back 1'], 133)
  for (const key of known) assert.ok(seen[key] > 0, `${key}: ${JSON.stringify(seen)}`)
})
