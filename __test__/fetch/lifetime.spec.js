// Tests what keeps a process, a connection or a descriptor, and for how long.
'use strict'

const assert = require('node:assert/strict')
const { fork } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')
const { test } = require('node:test')
const { Worker } = require('node:worker_threads')
const { createOsaurusFetch } = require('../../fetch.js')
const { createFetch, json } = require('../support/fetch/fetching.js')
const { startServer } = require('../support/fetch/server-process.js')
const { eventually, openHandlesAtRest, timed } = require('../support/measure.js')
const { testOnLinux } = require('../support/on-linux.js')
const { runNode } = require('../support/run-node.js')
const { silent } = require('../support/stub-servers.js')

const FIXTURES = path.join(__dirname, '..', 'fixtures', 'fetch')
const IN_A_PROCESS = path.join(FIXTURES, 'in-a-process.js')

for (const how of ['unused', 'done', 'cancelled'])
  test(`a process ends by itself although its fetch was not closed: ${how}`, async (t) => {
    const { baseDir } = await startServer(t)
    const { code, stdout, stderr } = await runNode([IN_A_PROCESS, how, baseDir])
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'done', stderr: '' })
  })

for (const how of ['unused', 'done', 'cancelled'])
  test(`a process ends by itself although its fetch to a URL was not closed: ${how}`, async (t) => {
    const { port } = await startServer(t)
    const { code, stdout, stderr } = await runNode([IN_A_PROCESS, how, `http://127.0.0.1:${port}`])
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'done', stderr: '' })
  })

test('a process ends at once when its last request to a silent server was aborted', async (t) => {
  const hung = await silent()
  t.after(() => hung.stop())
  const run = () => runNode([IN_A_PROCESS, 'aborted', `http://127.0.0.1:${hung.port}`])
  const { value, ms } = await timed(run)
  assert.deepEqual({ code: value.code, stdout: value.stdout }, { code: 0, stdout: 'done' })
  assert.ok(ms < 8000, `${ms}: the probe would take 10000`)
})

test('a request that waits for a server keeps the process open', async (t) => {
  const server = await startServer(t, { running: false })
  const run = runNode([IN_A_PROCESS, 'waiting', server.baseDir])
  await server.start()
  const { code, stdout } = await run
  assert.deepEqual({ code, stdout }, { code: 0, stdout: 'done' })
})

test('a worker that is terminated in the middle of a stream closes its connection', async (t) => {
  const server = await startServer(t)
  const worker = new Worker(path.join(FIXTURES, 'worker.js'), { workerData: server.baseDir })
  assert.deepEqual(await once(worker, 'message'), ['first'])
  await worker.terminate()
  await server.abortion('/pause')
})

test('a response or stream that is garbage-collected closes its connection', async (t) => {
  const server = await startServer(t)
  const child = fork(path.join(FIXTURES, 'collect.js'), [server.baseDir], { execArgv: ['--expose-gc'] })
  t.after(() => child.kill())
  const exited = once(child, 'exit')
  for (let dropped = 1; ; dropped++) {
    const [message] = await once(child, 'message')
    if (message.dropped === 'nothing') {
      assert.equal(message.text, '0123456789')
      break
    }
    await eventually(
      () => server.closed.filter(({ url }) => url === '/pause').length === dropped,
      `the end of ${message.dropped}`,
    )
    child.send('ended')
  }
  await exited
})

testOnLinux('five thousand requests in a row leave no descriptor, and close() leaves nothing', async (t) => {
  const server = await startServer(t)
  const before = await openHandlesAtRest()
  const osaurusFetch = createFetch(t, server)
  for (let i = 0; i < 5000; i++) await json(osaurusFetch('/echo'))
  assert.equal(server.requests().length, 5000)
  t.diagnostic(`${server.connections} connections, the watcher's among them`)
  assert.ok(server.connections < 20)
  osaurusFetch.close()
  await eventually(() => openHandlesAtRest().then((after) => assert.deepEqual(after, before)))
})

testOnLinux('a fetch to a URL leaves no descriptor after close()', async (t) => {
  const server = await startServer(t)
  const before = await openHandlesAtRest()
  const osaurusFetch = createOsaurusFetch({ url: `http://127.0.0.1:${server.port}` })
  for (let i = 0; i < 500; i++) await json(osaurusFetch('/echo'))
  await Promise.all(Array.from({ length: 300 }, () => json(osaurusFetch('/echo'))))
  osaurusFetch.close()
  await eventually(() => openHandlesAtRest().then((after) => assert.deepEqual(after, before)))
})

testOnLinux(
  'a thousand requests at a time all arrive, over fewer connections than Osaurus allows',
  async (t) => {
    const server = await startServer(t)
    const before = await openHandlesAtRest()
    const osaurusFetch = createFetch(t, server)
    const bodies = await Promise.all(
      Array.from({ length: 1000 }, async (_, i) => (await json(osaurusFetch(`/echo?${i}`))).url),
    )
    assert.deepEqual(
      bodies,
      bodies.map((_, i) => `/echo?${i}`),
    )
    assert.equal(new Set(server.requests()).size, 1000)
    assert.equal(server.requests().length, 1000)
    t.diagnostic(`${server.connections} connections`)
    assert.ok(server.connections < 512)
    osaurusFetch.close()
    await eventually(() => openHandlesAtRest().then((after) => assert.deepEqual(after, before)))
  },
)

test('requests that wait for a free connection can be aborted, and the others proceed', async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server)
  const hanging = new AbortController()
  const all = Array.from({ length: 300 }, () =>
    osaurusFetch('/hang', { signal: hanging.signal }).catch(() => 'aborted'),
  )
  const controller = new AbortController()
  const queued = osaurusFetch('/queued', { signal: controller.signal })
  const patient = json(osaurusFetch('/patient'))
  await eventually(() => server.requests().length >= 256)
  controller.abort()
  await assert.rejects(queued, { name: 'AbortError' })
  hanging.abort()
  assert.deepEqual(new Set(await Promise.all(all)), new Set(['aborted']))
  assert.equal((await patient).url, '/patient')
  assert.ok(!server.requests().includes('GET /queued'))
})

test('an ES module imports the fetch by its name and as a member of the default', async (t) => {
  const { baseDir } = await startServer(t)
  const { stdout, stderr } = await runNode([path.join(FIXTURES, 'module-app.mjs'), baseDir])
  assert.equal(stderr, '')
  assert.deepEqual(JSON.parse(stdout), ['from a module', 'from a module'])
})

test('a fetch goes through no proxy, whatever the environment says', async (t) => {
  const { baseDir } = await startServer(t)
  const proxies = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'all_proxy', 'ALL_PROXY']
  const env = {
    ...process.env,
    ...Object.fromEntries(proxies.map((name) => [name, 'http://127.0.0.1:9'])),
    NODE_USE_ENV_PROXY: '1',
    NO_PROXY: '',
  }
  const { code, stdout } = await runNode([IN_A_PROCESS, 'done', baseDir], { env })
  assert.deepEqual({ code, stdout }, { code: 0, stdout: 'done' })
})
