// Tests that a connection carries a request only if the verified server must have accepted it.
'use strict'

const assert = require('node:assert/strict')
const { EventEmitter, once } = require('node:events')
const net = require('node:net')
const { test } = require('node:test')
const { OsaurusClient } = require('../../lib/client/client.js')
const { OpenGuard } = require('../../lib/client/guard.js')
const { HELD_CONNECTION } = require('../../lib/symbols.js')
const { startHandOver } = require('../support/hand-over.js')
const { eventually } = require('../support/measure.js')
const { anotherServer, osaurus } = require('../support/stub-servers.js')

/** @param {number} port @returns {any} */
const instanceAt = (port) => ({ instanceId: 'LAUNCH', url: `http://127.0.0.1:${port}` })

/** @param {number} port */
const targetAt = (port) => ({ host: '127.0.0.1', port, authority: `127.0.0.1:${port}` })

/**
 * A client whose watcher lists what the test says, and knows of its connections what the test says.
 * @param {import('node:test').TestContext} t
 * @param {object} world
 * @param {any[]} world.instances
 * @param {(host: string) => number} world.held
 * @param {number} [world.waitMs]
 */
function createClient(t, { instances, held, waitMs }) {
  const watch = () => {
    const watcher = Object.assign(new EventEmitter(), {
      close() {},
      ref() {},
      unref() {},
      [HELD_CONNECTION]: held,
    })
    setImmediate(() => watcher.emit('change', { instances }))
    return /** @type {any} */ (watcher)
  }
  const client = new OsaurusClient({
    watch,
    discover: async () => instances[0],
    waitMs,
    probeTimeoutMs: 5000,
  })
  t.after(() => client.close())
  return client
}

/** @param {InstanceType<typeof OsaurusClient>} client @returns {Promise<number>} the status */
function askSecretly(client) {
  const body = { bytes: Buffer.from('secret'), length: 6 }
  return new Promise((resolve, reject) => {
    client.send(
      { method: 'POST', path: '/secret', headers: [], body },
      {
        onResponse: (message) => {
          message.resume()
          resolve(Number(message.statusCode))
        },
        onError: reject,
      },
    )
  })
}

/**
 * A program that gives up its port as soon as it has a connection, which it keeps, and Osaurus starts there.
 * @param {import('node:test').TestContext} t
 */
async function startHandover(t) {
  const handover = {
    port: 0,
    received: '',
    genuine: /** @type {Awaited<ReturnType<typeof osaurus>> | undefined} */ (undefined),
  }
  const other = net.createServer((socket) => {
    socket.on('error', () => {})
    t.after(() => socket.destroy())
    socket.on('data', (data) => {
      handover.received += data
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi')
    })
    other.close()
    osaurus({ port: handover.port }).then((server) => {
      handover.genuine = server
      t.after(() => server.stop())
    })
  })
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  handover.port = /** @type {net.AddressInfo} */ (other.address()).port
  return handover
}

test('a program that accepts a connection and leaves its port to Osaurus receives nothing', async (t) => {
  const handover = await startHandover(t)
  const client = createClient(t, {
    instances: [instanceAt(handover.port)],
    held: () => -1,
    waitMs: 10_000,
  })
  assert.equal(await askSecretly(client), 200)
  assert.doesNotMatch(handover.received, /secret/)
  assert.match(handover.genuine?.received ?? '', /secret/)
})

test('one verification is enough for many requests where the watcher holds no connection', async (t) => {
  const server = await osaurus()
  t.after(() => server.stop())
  const client = createClient(t, { instances: [instanceAt(server.port)], held: () => -1 })
  await Promise.all(Array.from({ length: 50 }, () => askSecretly(client)))
  assert.equal(server.received.split('GET / ').length - 1, 2)
})

for (const [after, words] of /** @type {const} */ ([
  [0, 'has ended'],
  [2, 'is another one'],
]))
  test(`a connection is not used if the one to the verified server ${words} after it was made`, async (t) => {
    const server = await osaurus()
    t.after(() => server.stop())
    let asked = 0
    // Twice before the connect: when the server is found, and when it is dialed.
    const held = () => (++asked <= 2 ? 1 : after)
    const client = createClient(t, { instances: [instanceAt(server.port)], held })
    assert.equal(await askSecretly(client), 200)
    // Nothing was sent on the first one.
    assert.ok(server.connections > server.received.split('HTTP/1.1').length - 1)
  })

test('a connection that the watcher holds to one address says nothing about the same port of another', async (t) => {
  const other = await anotherServer()
  t.after(() => other.stop())
  const held = (/** @type {string} */ host) => (host === '::1' ? 1 : -1)
  const client = createClient(t, { instances: [instanceAt(other.port)], held })
  await assert.rejects(askSecretly(client), { code: 'OSAURUS_NOT_RESPONDING' })
  assert.doesNotMatch(other.received, /secret/)
})

for (const request of [1, 2])
  test(`a program that takes the port during question ${request} of a verification receives nothing`, async (t) => {
    const handOver = await startHandOver(t, { request })
    const client = createClient(t, { instances: [instanceAt(handOver.port)], held: () => -1 })
    await assert.rejects(askSecretly(client), { code: 'OSAURUS_NOT_RESPONDING' })
    assert.ok(handOver.handedOver)
    assert.doesNotMatch(handOver.received, /secret/)
  })

test('a guard stands until the program that was verified closes it', async (t) => {
  const server = await osaurus()
  t.after(() => server.stop())
  const guard = new OpenGuard(targetAt(server.port))
  await guard.open(5000)
  const confirmed = () => new Promise((resolve) => guard.confirm(resolve))
  assert.equal(await confirmed(), true)
  await server.stop()
  // The program that has the port now accepts a connection, and the guard tells.
  const other = await anotherServer({ port: server.port })
  t.after(() => other.stop())
  const socket = net.connect(server.port, '127.0.0.1')
  await once(socket, 'connect')
  assert.equal(await confirmed(), false)
  socket.destroy()
})

test('a guard is not given to a program that is not Osaurus', async (t) => {
  const answers = {
    'answered, but not as Osaurus': 'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\nJan is running.',
    'does not speak HTTP': 'SSH-2.0-OpenSSH_9.2\r\n\r\n',
  }
  for (const [message, answer] of Object.entries(answers)) {
    const program = net.createServer((socket) =>
      socket.on('error', () => {}).on('data', () => socket.end(answer)),
    )
    program.listen(0, '127.0.0.1')
    await once(program, 'listening')
    const { port } = /** @type {net.AddressInfo} */ (program.address())
    const guard = new OpenGuard(targetAt(port))
    await assert.rejects(guard.open(5000), { message, code: 'NOT_OSAURUS' })
    assert.equal(guard.stands, false)
    assert.equal(guard.sockets.size, 0)
    program.close()
  }
})

for (const end of /** @type {const} */ (['aborted', 'closed']))
  test(`a request that is ${end} while servers are probed leaves no timer and no connection`, async (t) => {
    const server = await osaurus()
    t.after(() => server.stop())
    /** @type {(instance: any) => void} */
    let answer = () => {}
    const client = createClient(t, { instances: [], held: () => -1 })
    const discovered = new Promise((resolve) => (answer = resolve))
    const discover = t.mock.method(/** @type {any} */ (client.servers), 'discover', () => discovered)
    const timers = () => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length
    const before = timers()
    const failed = new Promise((resolve) => {
      const call = client.send(
        { method: 'GET', path: '/', headers: [] },
        { onResponse() {}, onError: resolve },
      )
      eventually(() => discover.mock.callCount() === 1, 'the probe').then(() => {
        if (end === 'closed') client.close()
        else call.abort(new Error('aborted'))
        answer(instanceAt(server.port))
      })
    })
    await failed
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(timers(), before)
    assert.equal(server.connections, 0)
  })
