// Tests createOsaurusFetch() in the processes and threads of a real Electron app.
'use strict'

const assert = require('node:assert/strict')
const { after, test } = require('node:test')

const { closeScreen } = require('../support/electron/start.js')
const { major } = require('../support/electron/version.js')
const { startWithOsaurus } = require('../support/electron/windows.js')

after(closeScreen)

/** The first Electron whose Node has a `fetch` of its own. */
const withFetch = { skip: major < 23 && 'createOsaurusFetch() needs Electron 23' }

const MODELS = ['llama-3.2-3b-instruct']

test('the main process fetches across a restart of the server on another port', withFetch, async (t) => {
  const { app, fake } = await startWithOsaurus(t)
  const models = () =>
    app.main(async ({ require }) => {
      const world = /** @type {any} */ (globalThis)
      world.osaurusFetch ??= require('osaurus-discovery/fetch').createOsaurusFetch({ waitMs: 20_000 })
      const { data } = await (await world.osaurusFetch('/v1/models')).json()
      return data.map((/** @type {{ id: string }} */ { id }) => id)
    })
  assert.deepEqual(await models(), MODELS)
  const before = fake.url
  await fake.crash()
  await fake.relaunch({ port: 0 })
  assert.notEqual(fake.url, before)
  assert.deepEqual(await models(), MODELS)
})

for (const place of /** @type {const} */ (['a utility process', 'a worker thread']))
  test(`${place} fetches, and ends after close()`, withFetch, async (t) => {
    const { app } = await startWithOsaurus(t)
    const outcome = await app.main(({ electron, require }, place) => {
      const file = require.resolve('./fetcher.js')
      const { Worker } = require('worker_threads')
      /** @type {import('node:events').EventEmitter} */
      const child = place === 'a worker thread' ? new Worker(file) : electron.utilityProcess.fork(file)
      return new Promise((resolve, reject) => {
        /** @type {unknown} */
        let message
        child.on('message', (/** @type {unknown} */ received) => (message = received))
        child.on('error', reject)
        child.on('exit', (/** @type {number} */ code) => resolve({ message, code }))
      })
    }, place)
    assert.deepEqual(outcome, { message: [MODELS, MODELS], code: 0 })
  })
