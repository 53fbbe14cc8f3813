// Creates the runtime directories that the benchmarks read.
'use strict'

const { randomUUID } = require('node:crypto')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

/**
 * Creates one running instance for each port, each a second older than the one before.
 * @param {readonly number[]} ports
 * @returns {string} the directory, which the caller removes
 */
function makeRuntime(ports) {
  const baseDir = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-bench-'))
  const now = Date.parse('2025-09-08T12:35:12Z')
  for (const [index, port] of ports.entries()) {
    const instanceId = randomUUID().toUpperCase()
    const updatedAt = new Date(now - index * 1000).toISOString().replace('.000', '')
    const text = `{
  "address" : "127.0.0.1",
  "exposeToNetwork" : false,
  "health" : "running",
  "instanceId" : "${instanceId}",
  "port" : ${port},
  "updatedAt" : "${updatedAt}",
  "url" : "http:\\/\\/127.0.0.1:${port}"
}`
    fs.mkdirSync(path.join(baseDir, instanceId))
    fs.writeFileSync(path.join(baseDir, instanceId, 'configuration.json'), text)
  }
  return baseDir
}

module.exports = { makeRuntime }
