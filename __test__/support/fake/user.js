// A program that starts a fake and ends as its first argument says; the second is the directory to publish in, or empty.
'use strict'

const { startFakeOsaurus } = require('../../../testing.js')

const [how, baseDir] = process.argv.slice(2)

/** @type {Record<string, (fake: import('osaurus-discovery/testing').FakeOsaurus) => unknown>} */
const endings = {
  stop: (fake) => fake.stop(),
  async 'use and stop'(fake) {
    await Promise.all(Array.from({ length: 5 }, () => fetch(`${fake.url}/v1/models`)))
    await fake.crash()
    await fake.relaunch()
    await fake.setHealth('restarting')
    await fake.setHealth('running')
    fake.suspend()
    fetch(fake.url).catch(() => {})
    await fake.stop()
  },
  exit: () => process.exit(7),
  async 'exit after a crash'(fake) {
    await fake.crash()
    await fake.relaunch()
    process.exit(7)
  },
  throw: () => setImmediate(() => JSON.parse('not JSON')),
  kill: () => process.kill(process.pid, 'SIGKILL'),
  async fail({ instance: { port } }) {
    await startFakeOsaurus({ port }).catch(() => {})
    process.exit(7)
  },
}

startFakeOsaurus(baseDir ? { baseDir } : {}).then(async (fake) => {
  process.stdout.write(JSON.stringify({ baseDir: fake.baseDir, url: fake.url }))
  await endings[how](fake)
})
