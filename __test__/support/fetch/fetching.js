// Creates a fetch for a test and closes it afterwards.
'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, before } = require('node:test')
const { createOsaurusFetch } = require('../../../fetch.js')
const { ServerProcess } = require('./server-process.js')

/**
 * @param {import('node:test').TestContext} t
 * @param {{ baseDir: string }} server
 * @param {import('osaurus-discovery/fetch').OsaurusFetchOptions} [options]
 */
function createFetch(t, { baseDir }, options) {
  // A busy machine must not make a running server look dead.
  const osaurusFetch = createOsaurusFetch({ baseDir, probeTimeoutMs: 10_000, ...options })
  t.after(() => osaurusFetch.close())
  return osaurusFetch
}

/** Runs one server, and one fetch that goes to it, for all tests of a file. */
function shareServer() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-test-'))
  const server = new ServerProcess(directory)
  const osaurusFetch = createOsaurusFetch({ baseDir: server.baseDir, probeTimeoutMs: 10_000 })
  before(() => server.start())
  after(async () => {
    osaurusFetch.close()
    await server.kill()
    fs.rmSync(directory, { recursive: true })
  })
  return { server, osaurusFetch }
}

/**
 * The JSON body of a response.
 * @param {Response | Promise<Response>} response
 * @returns {Promise<any>}
 */
async function json(response) {
  return (await response).json()
}

module.exports = { createFetch, json, shareServer }
