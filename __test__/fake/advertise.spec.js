// Tests that a fake advertises itself to programs of this machine, as Osaurus does to the network.
'use strict'

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { randomUUID } = require('node:crypto')
const { once } = require('node:events')
const path = require('node:path')
const { test } = require('node:test')

const { listNetworkInstances, watchNetworkInstances } = require('../../network.js')
const { startFakeOsaurus } = require('../../testing.js')
const { eventually } = require('../support/measure.js')
const { PROJECT } = require('../support/run-node.js')

/** Names of their own, because tests that run at the same time hear one another. */
const uniqueName = () => `Studio ${randomUUID()}`

/**
 * Watches this machine, and reads the URLs of the servers of one name.
 * @param {import('node:test').TestContext} t
 * @param {string} name
 */
function watchFor(t, name) {
  const watcher = watchNetworkInstances({ includeSelf: true })
  t.after(() => watcher.close())
  const urls = () => watcher.instances.filter((each) => each.name === name).map(({ url }) => url)
  return (/** @type {string[]} */ expected) =>
    eventually(() => assert.deepEqual(urls().sort(), expected.sort()))
}

/**
 * @param {import('node:test').TestContext} t
 * @param {import('osaurus-discovery/testing').FakeOsaurusOptions} options
 */
async function start(t, options) {
  const fake = await startFakeOsaurus(options)
  t.after(() => fake.stop())
  return fake
}

test('an advertised fake is found on this machine, with its name, agents and URL', async (t) => {
  const name = uniqueName()
  const fake = await start(t, { advertise: { name } })
  const found = (await listNetworkInstances({ includeSelf: true })).filter((each) => each.name === name)
  assert.equal(found.length, 1)
  const [{ host, ...instance }] = found
  assert.match(host, /^osaurus-fake-[0-9a-f]{8}\.local$/)
  assert.deepEqual(instance, {
    name,
    addresses: ['127.0.0.1'],
    port: Number(new URL(fake.url).port),
    url: fake.url,
    agents: [
      { id: '00000000-0000-0000-0000-000000000002', name: 'Notes', description: 'Keeps notes' },
      { id: '00000000-0000-0000-0000-000000000001', name: 'Osaurus', description: 'The default agent' },
    ],
    self: true,
  })
})

test('an advertised fake is not found without includeSelf', async (t) => {
  const name = uniqueName()
  await start(t, { advertise: { name } })
  const found = await listNetworkInstances({ timeoutMs: 500 }).catch((error) => {
    // A machine without a network has nothing else to search.
    assert.equal(error.code, 'OSAURUS_NETWORK_UNAVAILABLE')
    return []
  })
  assert.ok(!found.some((each) => each.name === name))
})

test('an advertised fake is exposed, so a client needs an access key', async (t) => {
  const fake = await start(t, { advertise: true })
  assert.equal(fake.instance.exposeToNetwork, true)
  assert.equal((await fetch(`${fake.url}/v1/models`)).status, 401)
})

test('a fake is advertised while it runs and is exposed', async (t) => {
  const name = uniqueName()
  const until = watchFor(t, name)
  const fake = await start(t, { advertise: { name }, health: 'starting' })
  await fake.setHealth('running')
  await until([fake.url])
  await fake.setExposed(false)
  await until([])
  await fake.setExposed(true)
  await until([fake.url])
  await fake.crash()
  await until([])
  await fake.relaunch({ port: 0 })
  await until([fake.url])
  await fake.restart({ port: Number(new URL(fake.url).port) + 1 })
  await until([fake.url])
  await fake.stop()
  await until([])
})

test('fakes of one name are servers of their own', async (t) => {
  const name = uniqueName()
  const until = watchFor(t, name)
  const fakes = [await start(t, { advertise: { name } }), await start(t, { advertise: { name } })]
  await until(fakes.map(({ url }) => url))
  for (const fake of fakes) await fake.stop()
  await until([])
})

test('a process that ends without stop() says goodbye', async (t) => {
  const name = uniqueName()
  const until = watchFor(t, name)
  const script = path.join(PROJECT, '__test__/fixtures/fake/advertise-and-exit.js')
  const child = spawn(process.execPath, [script, name], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [url] = await once(child.stdout.setEncoding('utf8'), 'data')
  await until([url.trim()])
  child.stdin.end()
  const [code] = await once(child, 'close')
  assert.equal(code, 0)
  await until([])
})

test('wrong options of advertise are refused', async () => {
  const wrong = /** @type {const} */ ([
    [{ advertise: 'yes' }, 'ERR_INVALID_ARG_TYPE', /"options\.advertise" property must be of type object/],
    [{ advertise: { name: '' } }, 'ERR_INVALID_ARG_VALUE', /'options\.advertise\.name' must have from 1/],
    [
      { advertise: { name: 'é'.repeat(32) } },
      'ERR_INVALID_ARG_VALUE',
      /'options\.advertise\.name' must have/,
    ],
    [
      { advertise: { where: 'world' } },
      'ERR_INVALID_ARG_VALUE',
      /'options\.advertise\.where' must be one of/,
    ],
    [{ advertise: { host: 'x' } }, 'ERR_INVALID_ARG_VALUE', /'options\.advertise\.host'/],
    [
      { advertise: true, exposeToNetwork: false },
      'ERR_INVALID_ARG_VALUE',
      /'options\.exposeToNetwork' cannot/,
    ],
  ])
  for (const [options, code, message] of wrong) {
    await assert.rejects(startFakeOsaurus(/** @type {any} */ (options)), { code, message })
  }
})
