// Tests that a request has no limit of time or size, and that nothing is buffered beyond what is read.
'use strict'

const assert = require('node:assert/strict')
const path = require('node:path')
const { test } = require('node:test')
const { createFetch } = require('../support/fetch/fetching.js')
const { startServer } = require('../support/fetch/server-process.js')
const { eventually } = require('../support/measure.js')
const { testOnLinux } = require('../support/on-linux.js')
const { withFaketime } = require('../support/requirements.js')
const { runNode } = require('../support/run-node.js')
const { acceleratedClock } = require('../support/wall-clock.js')

const FIXTURES = path.join(__dirname, '..', 'fixtures', 'fetch')
const GIB = 2 ** 30

test('bodies of a gibibyte go up and down in bounded memory', async (t) => {
  const { baseDir } = await startServer(t)
  const { stdout, stderr } = await runNode([path.join(FIXTURES, 'large-bodies.js'), baseDir, String(GIB)])
  assert.equal(stderr, '')
  const { up, down, grownBy } = JSON.parse(stdout)
  t.diagnostic(`grown by ${Math.round(grownBy / 2 ** 20)} MiB`)
  assert.deepEqual([up, down], [GIB, GIB])
  assert.ok(grownBy < 150 * 2 ** 20, `${grownBy} bytes`)
})

test('a body that is not read holds the server back, and is complete when it is read', async (t) => {
  const server = await startServer(t)
  const osaurusFetch = createFetch(t, server)
  const count = 64 * 2 ** 20
  const response = await osaurusFetch(`/bytes?count=${count}`)
  // Other responses pass meanwhile, and the server has not sent the end.
  for (let i = 0; i < 100; i++) await (await osaurusFetch('/echo')).text()
  assert.ok(!server.closed.some(({ url }) => url?.startsWith('/bytes')))
  assert.equal((await response.arrayBuffer()).byteLength, count)
  await eventually(() => server.closed.some(({ url, complete }) => url?.startsWith('/bytes') && complete))
})

test('a request body is read no faster than the server takes it', async (t) => {
  const server = await startServer(t)
  let pulled = 0
  const body = new ReadableStream(
    {
      pull(controller) {
        pulled += 65536
        controller.enqueue(new Uint8Array(65536))
      },
    },
    { highWaterMark: 0 },
  )
  const controller = new AbortController()
  const init = { method: 'POST', body, duplex: /** @type {const} */ ('half'), signal: controller.signal }
  const sending = createFetch(t, server)('/stuck', init)
  await server.arrival('POST /stuck')
  let last = -1
  await eventually(() => {
    const settled = pulled === last
    last = pulled
    return settled
  })
  t.diagnostic(`${pulled / 2 ** 20} MiB were taken`)
  assert.ok(pulled < 32 * 2 ** 20)
  controller.abort()
  await assert.rejects(sending, { name: 'AbortError' })
})

testOnLinux(
  "headers and the next chunk may take longer than the five minutes of the runtime's own fetch",
  withFaketime(),
  async (t) => {
    const { baseDir, port } = await startServer(t)
    const run = await runNode([path.join(FIXTURES, 'long-wait.js'), baseDir, String(port)], {
      env: { ...process.env, ...acceleratedClock(100) },
    })
    assert.equal(run.code, 0, run.stderr)
    const { runtimes, ours, totalMs } = JSON.parse(run.stdout)
    const timeouts = ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']
    assert.deepEqual(runtimes, timeouts, 'the clock is fast enough to tell')
    assert.ok(totalMs >= 400_000, `${totalMs} ms`)
    assert.deepEqual(ours, ['pending', 'pending'])
  },
)
