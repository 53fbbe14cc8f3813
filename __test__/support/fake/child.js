// The child process of startFakeProcess(): keeps one fake and carries out its parent's calls.
'use strict'

const { startFakeOsaurus } = require('../../../testing.js')

/** @type {import('osaurus-discovery/testing').FakeOsaurus} */
let fake

/** @type {Record<string, (argument: any) => unknown>} */
const methods = {
  start: async (options) => (fake = await startFakeOsaurus(options)),
  setHealth: (health) => fake.setHealth(health),
  setExposed: (expose) => fake.setExposed(expose),
  crash: () => fake.crash(),
  relaunch: () => fake.relaunch(),
  suspend: () => fake.suspend(),
  resume: () => fake.resume(),
  read: () => {},
}

process.on('message', async (/** @type {{ id: number, method: string, argument: unknown }} */ call) => {
  const { id, method, argument } = call
  try {
    await methods[method](argument)
    const { instance, url, requests, connections } = fake
    process.send?.({ id, state: { instance, url, requests, connections } })
  } catch (error) {
    const { message, code } = /** @type {NodeJS.ErrnoException} */ (error)
    process.send?.({ id, error: { message, code } })
  }
})

// The parent called stop() or has ended, and no other process can stop the fake.
process.on('disconnect', async () => {
  await fake?.stop()
  process.exit()
})
