// Tests requests to one server that is named by its URL.
'use strict'

const assert = require('node:assert/strict')
const { once } = require('node:events')
const http = require('node:http')
const net = require('node:net')
const os = require('node:os')
const { describe, test } = require('node:test')
const { createOsaurusFetch } = require('../../fetch.js')
const { OsaurusClient } = require('../../lib/client/client.js')
const { parseServerUrl } = require('../../lib/client/server-url.js')
const { startFakeOsaurus } = require('../../testing.js')
const { json } = require('../support/fetch/fetching.js')
const { KEY, assertTakenPortReceivesNothing, sendSecret } = require('../support/fetch/secret.js')
const { startServer } = require('../support/fetch/server-process.js')
const { eventually } = require('../support/measure.js')
const stubs = require('../support/stub-servers.js')

const { anotherServer, osaurus, silent } = stubs

const HOSTILE = {
  'an error with the banner': stubs.failing,
  'bytes that are not HTTP': stubs.garbage,
  'an endless body': stubs.endless,
  'an endless head': stubs.endlessHead,
  'a redirect': () => stubs.redirect({ location: 'http://127.0.0.1:9/' }),
  'the end of each connection': stubs.closing,
  'half a head': stubs.halfHead,
  'one byte at a time': stubs.trickle,
}

/**
 * @param {import('node:test').TestContext} t
 * @param {number | string} where a port of this machine, or a URL
 * @param {import('osaurus-discovery/fetch').OsaurusFetchOptions} [options]
 */
function createFetch(t, where, options) {
  const url = typeof where === 'string' ? where : `http://127.0.0.1:${where}`
  const osaurusFetch = createOsaurusFetch({ url, probeTimeoutMs: 10_000, ...options })
  t.after(() => osaurusFetch.close())
  return osaurusFetch
}

describe('a fetch with the URL of a server', () => {
  test('a fetch with the URL of a server touches nothing before its first request, and verifies the server once', async (t) => {
    const server = await startServer(t)
    server.withdraw()
    const before = server.connections
    const osaurusFetch = createFetch(t, server.port, { accessKey: KEY })
    assert.equal(server.connections, before)
    const answers = await Promise.all(Array.from({ length: 50 }, () => json(osaurusFetch('/echo'))))
    assert.equal(answers[0].headers.authorization, `Bearer ${KEY}`)
    assert.equal(answers[0].headers.host, `127.0.0.1:${server.port}`)
    assert.equal(server.probes(), 2)
  })

  test('a fetch with the URL of a server goes to that server alone, although a newer one is published', async (t) => {
    const other = await startFakeOsaurus()
    t.after(() => other.stop())
    const server = await startServer(t)
    await json(createFetch(t, server.port)('/one'))
    await server.kill()
    await assert.rejects(createFetch(t, server.port)('/two'), { code: 'OSAURUS_NOT_RESPONDING' })
    assert.deepEqual(server.requests(), ['GET /one'])
    assert.equal(other.connections, 0)
  })

  test('a fetch with the URL of a server verifies the server again after a restart', async (t) => {
    const server = await startServer(t)
    const osaurusFetch = createFetch(t, server.port)
    await json(osaurusFetch('/one'))
    await server.kill()
    await server.start(server.port)
    await json(osaurusFetch('/two'))
    assert.equal(server.probes(), 4)
    assert.deepEqual(server.requests(), ['GET /one', 'GET /two'])
  })

  test('a fetch with the URL of a server passes on 426 for the run of an agent', async (t) => {
    const fake = await startFakeOsaurus({ exposeToNetwork: true })
    t.after(() => fake.stop())
    const osaurusFetch = createFetch(t, `http://127.0.0.1:${new URL(fake.url).port}`, {
      accessKey: 'osk-v1-test',
    })
    const { agents } = await json(osaurusFetch('/agents'))
    const response = await osaurusFetch(`/agents/${agents[0].id}/run`, { method: 'POST', body: '{}' })
    assert.equal(response.status, 426, await response.text())
  })

  test('a fetch with the URL of a server follows a redirect within the server, and none to another origin', async (t) => {
    const server = await startServer(t)
    const other = await anotherServer()
    t.after(() => other.stop())
    const osaurusFetch = createFetch(t, server.port, { accessKey: KEY })
    const redirect = (/** @type {string} */ to) =>
      osaurusFetch(`/redirect?code=307&to=${encodeURIComponent(to)}`)
    assert.equal((await json(redirect(`http://127.0.0.1:${server.port}/echo`))).url, '/echo')
    for (const to of [`http://127.0.0.1:${other.port}/`, 'http://example.com/'])
      await assert.rejects(redirect(to), /redirect to another origin/)
    assert.equal(other.received, '')
  })

  test('a fetch with the URL of a server reaches the server by a name', async (t) => {
    const server = await startServer(t)
    const { headers } = await json(createFetch(t, `http://localhost:${server.port}`)('/echo'))
    assert.equal(headers.host, `localhost:${server.port}`)
  })
})

describe('another program at the URL', () => {
  test('another program at the URL receives neither a request nor the key', async (t) => {
    const other = await anotherServer()
    t.after(() => other.stop())
    await assert.rejects(sendSecret(createFetch(t, other.port, { accessKey: KEY })), {
      code: 'OSAURUS_NOT_RESPONDING',
      message:
        `Osaurus is not responding: http://127.0.0.1:${other.port} answered, but not as Osaurus. ` +
        "Another program has this port: check the option 'url'.",
    })
    assert.doesNotMatch(other.received, /secret/)
  })

  for (const [name, start] of Object.entries(HOSTILE))
    test(`another program at the URL receives neither, and no more than the probes: ${name}`, async (t) => {
      const other = await start()
      t.after(() => other.stop())
      const osaurusFetch = createFetch(t, other.port, { accessKey: KEY, probeTimeoutMs: 300 })
      await assert.rejects(sendSecret(osaurusFetch), { code: 'OSAURUS_NOT_RESPONDING' })
      assert.doesNotMatch(other.received, /secret/)
      assert.ok(other.connections <= 4, `${other.connections}`)
    })

  test('another program at the URL that took the port of the verified server receives neither', async (t) => {
    const server = await startServer(t)
    const osaurusFetch = createFetch(t, server.port, { accessKey: KEY })
    await assertTakenPortReceivesNothing(t, server, osaurusFetch)
  })

  test('another program at the URL that has the port for one connection before Osaurus does receives neither', async (t) => {
    let received = ''
    /** @type {Awaited<ReturnType<typeof osaurus>> | undefined} */
    let genuine
    const other = net.createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (data) => {
        received += data
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi')
      })
      // It gives up its port and keeps the connection.
      other.close()
      setImmediate(async () => (genuine = await osaurus({ port })))
    })
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = /** @type {net.AddressInfo} */ (other.address())
    t.after(() => genuine?.stop())
    await sendSecret(createFetch(t, port, { accessKey: KEY, waitMs: 10_000 }))
    assert.match(genuine?.received ?? '', /secret/)
    assert.match(received, /^(GET \/ [^]*)?$/)
    assert.doesNotMatch(received, /secret/)
  })
})

describe('a server that cannot be reached', () => {
  test('a server that cannot be reached rejects with its URL and the next step', async (t) => {
    const gone = await osaurus()
    await gone.stop()
    await assert.rejects(createFetch(t, gone.port)('/one'), {
      code: 'OSAURUS_NOT_RESPONDING',
      message: `Osaurus is not responding: http://127.0.0.1:${gone.port} refused the connection. Start Osaurus and try again.`,
    })
    const hung = await silent()
    t.after(() => hung.stop())
    await assert.rejects(createFetch(t, hung.port, { probeTimeoutMs: 50 })('/one'), {
      code: 'OSAURUS_NOT_RESPONDING',
      message: /did not answer in time\. Start Osaurus/,
    })
    await assert.rejects(createFetch(t, 'http://nowhere.invalid:1337')('/one'), {
      code: 'OSAURUS_NOT_RESPONDING',
      message: /http:\/\/nowhere\.invalid:1337 has no address \(E\w+\)\. Check the option 'url'/,
    })
  })

  test('a server that cannot be reached is waited for up to waitMs', async (t) => {
    const server = await startServer(t)
    const { port } = server
    await server.kill()
    const began = Date.now()
    await assert.rejects(createFetch(t, port, { waitMs: 300 })('/one'), { code: 'OSAURUS_NOT_RESPONDING' })
    assert.ok(Date.now() - began >= 300)
    const osaurusFetch = createFetch(t, port, { waitMs: 60_000 })
    const waiting = Array.from({ length: 20 }, (_, i) => json(osaurusFetch(`/${i}`)))
    await server.start(port)
    await Promise.all(waiting)
    assert.equal(server.requests().length, 20)
    assert.equal(server.probes(), 2)
  })

  test('a server that cannot be reached keeps no request that was aborted, and none after close()', async (t) => {
    const hung = await silent()
    t.after(() => hung.stop())
    const osaurusFetch = createFetch(t, hung.port, { waitMs: Infinity })
    const controller = new AbortController()
    const aborted = osaurusFetch('/one', { signal: controller.signal })
    await eventually(() => hung.connections > 0)
    controller.abort()
    await assert.rejects(aborted, { name: 'AbortError' })
    const waiting = osaurusFetch('/two')
    osaurusFetch.close()
    await assert.rejects(waiting, { name: 'AbortError', code: 'ABORT_ERR' })
  })

  test('a server that accepts and closes every connection rejects', async (t) => {
    let connections = 0
    const closing = net.createServer((socket) => {
      connections++
      socket.on('error', () => {}).destroy()
    })
    closing.listen(0, '127.0.0.1')
    t.after(() => closing.close())
    await once(closing, 'listening')
    const { port } = /** @type {net.AddressInfo} */ (closing.address())
    await assert.rejects(createFetch(t, port)('/one'), { code: 'OSAURUS_NOT_RESPONDING' })
    assert.ok(connections < 10, `${connections}`)
  })
})

describe('the address of another machine', () => {
  const own = Object.entries(os.networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.filter(({ internal }) => !internal).map((each) => ({ ...each, name })),
  )
  const v4 = own.find(({ family }) => family === 'IPv4')
  const linkLocal = own.find(({ address }) => address.startsWith('fe80:'))

  test('another machine is verified again after 30 s', { skip: v4 ? false : 'no network' }, async (t) => {
    const { address = '' } = v4 ?? {}
    let probes = 0
    const server = http.createServer(({ url }, response) => {
      if (url === '/') probes++
      response.setHeader('Connection', 'close').end('Osaurus Server is running! 🦕')
    })
    server.listen(0, address)
    t.after(() => server.close())
    await once(server, 'listening')
    const { port } = /** @type {net.AddressInfo} */ (server.address())
    const osaurusFetch = createFetch(t, `http://${address}:${port}`)
    await (await osaurusFetch('/one')).text()
    await (await osaurusFetch('/two')).text()
    assert.equal(probes, 2)
    const { now } = Date
    t.after(() => (Date.now = now))
    Date.now = () => now() + 31_000
    await (await osaurusFetch('/three')).text()
    assert.equal(probes, 4)
  })

  test(
    'may be link-local, with the name or the index of its interface',
    { skip: linkLocal ? false : 'no link-local address' },
    async (t) => {
      const { address = '', name = '', scopeid = 0 } = /** @type {any} */ (linkLocal)
      const server = await osaurus({ host: '::' })
      t.after(() => server.stop())
      for (const zone of [`%25${name}`, `%${name}`, `%25${scopeid}`]) {
        const response = await createFetch(t, `http://[${address}${zone}]:${server.port}`)('/one')
        assert.equal(response.status, 200)
      }
      assert.match(server.received, new RegExp(`Host: \\[${address}\\]:${server.port}\r`))
    },
  )
})

test('the lower layer takes the URL as well', async (t) => {
  const server = await startServer(t)
  const never = () => assert.fail('called')
  const url = parseServerUrl(`http://127.0.0.1:${server.port}`, 'url')
  const client = new OsaurusClient({ url, watch: never, discover: never })
  t.after(() => client.close())
  const status = await new Promise((resolve, reject) => {
    const onResponse = (/** @type {any} */ message, /** @type {any} */ body) => {
      body.drain()
      resolve(message.statusCode)
    }
    client.send({ method: 'GET', path: '/echo', headers: [] }, { onResponse, onError: reject })
  })
  assert.equal(status, 200)
})
