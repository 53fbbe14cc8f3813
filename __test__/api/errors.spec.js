// Tests that an error says what happened, where, and what to do, and carries a code.
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
const { runFixture, runNode } = require('../support/run-node.js')
const { RUNNING, runtimeDirectory } = require('../support/runtime-directory.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')

/**
 * The base directories that fail, and the code of each.
 * @type {{ name: string, make: (t: import('node:test').TestContext) => string, code: string, beginning: string }[]}
 */
const FAILING = [
  {
    name: 'a missing directory',
    make: (t) => path.join(temporaryDirectory(t), 'runtime'),
    code: 'OSAURUS_NOT_FOUND',
    beginning: 'Osaurus not found',
  },
  {
    name: 'an empty directory',
    make: (t) => runtimeDirectory(t).baseDir,
    code: 'OSAURUS_NOT_FOUND',
    beginning: 'Osaurus not found',
  },
  {
    name: 'a directory without a valid entry',
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
    name: 'a directory with a starting instance',
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
  test(`${name} gives ${code} and a message that says what, where, and what to do`, async (t) => {
    const baseDir = make(t)
    const rejected = await rejection(discoverLatestRunningInstance({ baseDir }))
    const wasThrown = thrown(() => discoverLatestRunningInstanceSync({ baseDir }))
    for (const error of [rejected, wasThrown]) {
      assert.equal(error.code, code)
      assert.equal(error.name, 'Error')
      assert.equal(Object.getPrototypeOf(error), Error.prototype)
      assert.ok(error.message.startsWith(beginning), error.message)
      assert.ok(error.message.includes(baseDir), `where: ${error.message}`)
      assert.match(error.message.slice(beginning.length), /[.,] \w.* \w/, `what to do: ${error.message}`)
      assert.doesNotMatch(error.message, /undefined|null|\[object|Os \{|Error\(/)
      assert.deepEqual(Object.keys(error), ['code'], 'the error has no enumerable property but the code')
      assert.ok(error.stack?.startsWith(`Error: ${beginning}`))
    }
    assert.equal(rejected.message, wasThrown.message)
    assert.ok(wasThrown.stack?.includes('errors.spec.js'), 'the stack includes the caller')

    if (code === 'OSAURUS_IO') {
      assert.equal((await rejection(listInstances({ baseDir }))).message, rejected.message)
      assert.equal(thrown(() => listInstancesSync({ baseDir })).message, rejected.message)
    } else {
      assert.deepEqual(await listInstances({ baseDir }), [])
      assert.deepEqual(listInstancesSync({ baseDir }), [])
    }
  })
}

test('the stack of a rejection includes the line that awaited it', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  async function findOsaurus() {
    return await discoverLatestRunningInstance({ baseDir })
  }
  const error = await rejection(findOsaurus())
  assert.match(error.stack ?? '', /at async findOsaurus/)
})

test('every rejection has its own error object', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const first = await rejection(discoverLatestRunningInstance({ baseDir }))
  const second = await rejection(discoverLatestRunningInstance({ baseDir }))
  assert.notEqual(first, second)
})

test('the message counts the ignored entries by reason', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.write('BROKEN', '{')
  runtime.write('CUT', '')
  runtime.publish({ instanceId: 'PORT', port: 0 })
  fs.mkdirSync(runtime.dir('.hidden'))
  const { message } = await rejection(discoverLatestRunningInstance({ baseDir: runtime.baseDir }))
  for (const words of ['2 not-json', '1 bad-port', '1 hidden']) assert.ok(message.includes(words), message)
})

test('a process without file descriptors gets an error, not an empty result', async (t) => {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  const rounds = await runFixture('api/no-descriptors.js', { data: { baseDir: runtime.baseDir } })
  // With no descriptor the directory cannot be opened, with one its files cannot; two are enough.
  for (const outcomes of rounds.slice(0, 2)) {
    for (const { code, message } of outcomes) {
      assert.equal(code, 'OSAURUS_IO')
      assert.ok(message.startsWith('Osaurus folder cannot be read'), message)
    }
  }
  const [latest, latestSync, list, listSync] = rounds[2].map((/** @type {any} */ { value }) => value)
  assert.equal(latest.instanceId, RUNNING.instanceId)
  assert.deepEqual(latestSync, latest)
  assert.deepEqual(list, [latest])
  assert.deepEqual(listSync, [latest])
})

test('an unhandled rejection prints the code', async (t) => {
  const { baseDir } = runtimeDirectory(t)
  const { code, stderr } = await runNode([
    '-e',
    `require('.').discoverLatestRunningInstance({ baseDir: ${JSON.stringify(baseDir)} })`,
  ])
  assert.equal(code, 1)
  assert.match(stderr, /Error: Osaurus not found/)
  assert.match(stderr, /code: 'OSAURUS_NOT_FOUND'/)
})
