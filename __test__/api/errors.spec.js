// Can an app tell from an error what is wrong, and its user what to do next?
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const {
  discoverLatestRunningInstance,
  discoverLatestRunningInstanceSync,
  listInstances,
  listInstancesSync,
} = require('../..')
const { rejection, thrown } = require('../support/failure.js')
const { evaluate, runNode } = require('../support/run-node.js')
const { RUNNING, runtimeDirectory } = require('../support/runtime-directory.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')

/**
 * Folders that fail, each by its own code.
 * @type {{ name: string, make: (t: import('node:test').TestContext) => string, code: string, beginning: string }[]}
 */
const FAILING = [
  {
    name: 'a missing folder',
    make: (t) => path.join(temporaryDirectory(t), 'runtime'),
    code: 'OSAURUS_NOT_FOUND',
    beginning: 'Osaurus not found',
  },
  {
    name: 'an empty folder',
    make: (t) => runtimeDirectory(t).baseDir,
    code: 'OSAURUS_NOT_FOUND',
    beginning: 'Osaurus not found',
  },
  {
    name: 'a folder with nothing valid in it',
    make: (t) => {
      const runtime = runtimeDirectory(t)
      runtime.write('BROKEN', '{')
      runtime.makeDirectory('EMPTY')
      runtime.publish({ health: 'stopped' })
      return runtime.baseDir
    },
    code: 'OSAURUS_NOT_FOUND',
    beginning: 'Osaurus not found',
  },
  {
    name: 'a folder where one starts',
    make: (t) => {
      const runtime = runtimeDirectory(t)
      runtime.publishStarting()
      runtime.write('BROKEN', '{')
      return runtime.baseDir
    },
    code: 'OSAURUS_STARTING',
    beginning: 'Osaurus is starting',
  },
  {
    name: 'a file',
    make: (t) => {
      const file = path.join(temporaryDirectory(t), 'file')
      fs.writeFileSync(file, '')
      return file
    },
    code: 'OSAURUS_IO',
    beginning: 'Osaurus folder cannot be read',
  },
]

for (const { name, make, code, beginning } of FAILING) {
  test(`${name}: ${code}, with words that say what, where, and what next`, async (t) => {
    const baseDir = make(t)
    const rejected = await rejection(discoverLatestRunningInstance({ baseDir }))
    const wasThrown = thrown(() => discoverLatestRunningInstanceSync({ baseDir }))
    for (const error of [rejected, wasThrown]) {
      assert.equal(error.code, code)
      assert.equal(error.name, 'Error')
      assert.equal(Object.getPrototypeOf(error), Error.prototype)
      assert.ok(error.message.startsWith(beginning), error.message)
      assert.ok(error.message.includes(baseDir), `where: ${error.message}`)
      assert.match(error.message.slice(beginning.length), /[.,] \w.* \w/, `what next: ${error.message}`)
      assert.doesNotMatch(error.message, /undefined|null|\[object|Os \{|Error\(/)
      assert.deepEqual(Object.keys(error), ['code'], 'nothing but the code stands on it')
      assert.ok(error.stack?.startsWith(`Error: ${beginning}`))
    }
    assert.equal(rejected.message, wasThrown.message)
    assert.ok(wasThrown.stack?.includes('errors.spec.js'), 'the stack leads to the caller')

    if (code === 'OSAURUS_IO') {
      assert.equal((await rejection(listInstances({ baseDir }))).message, rejected.message)
      assert.equal(thrown(() => listInstancesSync({ baseDir })).message, rejected.message)
    } else {
      assert.deepEqual(await listInstances({ baseDir }), [])
      assert.deepEqual(listInstancesSync({ baseDir }), [])
    }
  })
}

test('the error of a rejection leads to the line that awaited it', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  async function findOsaurus() {
    return await discoverLatestRunningInstance({ baseDir })
  }
  const error = await rejection(findOsaurus())
  assert.match(error.stack ?? '', /at async findOsaurus/)
})

test('every error is one of its own', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const first = await rejection(discoverLatestRunningInstance({ baseDir }))
  const second = await rejection(discoverLatestRunningInstance({ baseDir }))
  assert.notEqual(first, second)
})

test('where nothing runs the message says how many entries were left out, and why', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.write('BROKEN', '{')
  runtime.write('CUT', '')
  runtime.publish({ instanceId: 'PORT', port: 0 })
  fs.mkdirSync(runtime.dir('.hidden'))
  const { message } = await rejection(discoverLatestRunningInstance({ baseDir: runtime.baseDir }))
  for (const words of ['2 not-json', '1 bad-port', '1 hidden']) assert.ok(message.includes(words), message)
})

test('a process that has run out of file descriptors is not told that nothing runs', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const said = await evaluate(
    `const fs = require('fs')
    const said = async (ask) => {
      try {
        return { value: await ask() }
      } catch ({ code, message }) {
        return { code, message }
      }
    }
    const options = { baseDir: data }
    const open = []
    try {
      for (;;) open.push(fs.openSync('/dev/null'))
    } catch ({ code }) {
      if (code !== 'EMFILE') throw new Error(code)
    }
    const answers = []
    for (let free = 0; free < 3; free++) {
      if (free > 0) fs.closeSync(open.pop())
      answers.push([
        await said(() => discovery.discoverLatestRunningInstance(options)),
        await said(() => discovery.discoverLatestRunningInstanceSync(options)),
        await said(() => discovery.listInstances(options)),
        await said(() => discovery.listInstancesSync(options)),
      ])
    }
    for (const fd of open) fs.closeSync(fd)
    return answers`,
    { data: runtime.baseDir },
  )
  // None for the folder; one, for the folder but not for the file; two, enough for both.
  for (const answers of said.slice(0, 2)) {
    for (const { code, message } of answers) {
      assert.equal(code, 'OSAURUS_IO')
      assert.ok(message.startsWith('Osaurus folder cannot be read'), message)
    }
  }
  const [latest, latestSync, list, listSync] = said[2].map((/** @type {any} */ { value }) => value)
  assert.equal(latest.instanceId, RUNNING.instanceId)
  assert.deepEqual(latestSync, latest)
  assert.deepEqual(list, [latest])
  assert.deepEqual(listSync, [latest])
})

test('an unhandled rejection prints the code, so that a search finds it', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const { code, stderr } = await runNode([
    '-e',
    `require('.').discoverLatestRunningInstance({ baseDir: ${JSON.stringify(baseDir)} })`,
  ])
  assert.equal(code, 1)
  assert.match(stderr, /Error: Osaurus not found/)
  assert.match(stderr, /code: 'OSAURUS_NOT_FOUND'/)
})
