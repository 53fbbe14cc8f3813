// Starts a fake for one test, and reads what it published and where it listens.
'use strict'

const fs = require('node:fs')
const net = require('node:net')
const path = require('node:path')
const { startFakeOsaurus } = require('../../../testing.js')

/** @typedef {import('osaurus-discovery/testing').FakeOsaurus} FakeOsaurus */

/**
 * Starts a fake that is stopped after the test.
 * @param {import('node:test').TestContext} t
 * @param {import('osaurus-discovery/testing').FakeOsaurusOptions} [options]
 */
async function start(t, options) {
  const fake = await startFakeOsaurus(options)
  t.after(() => fake.stop())
  return fake
}

/** @param {FakeOsaurus} fake */
const directoryOf = (fake) => path.join(fake.baseDir, fake.instance.instanceId)

/** @param {FakeOsaurus} fake */
const pathOf = (fake) => path.join(directoryOf(fake), 'configuration.json')

/** @param {FakeOsaurus} fake */
const fileOf = (fake) => fs.readFileSync(pathOf(fake), 'utf8')

/**
 * Opens a new connection; `fetch` could use an earlier one.
 * @param {number} port
 * @param {string} [host]
 * @returns {Promise<string | undefined>} `connected`, or the error's code
 */
function connect(port, host = '127.0.0.1') {
  return new Promise((resolve) => {
    const socket = net.connect(port, host)
    socket.once('error', (/** @type {NodeJS.ErrnoException} */ error) => resolve(error.code))
    socket.once('connect', () => {
      socket.destroy()
      resolve('connected')
    })
  })
}

/** @param {FakeOsaurus} fake */
const reach = (fake) => connect(Number(new URL(fake.url).port))

module.exports = { start, directoryOf, pathOf, fileOf, connect, reach }
