// Publishes and withdraws runtime files as Osaurus does.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const FILE = 'configuration.json'

/** The fields that an Osaurus on its default port publishes. */
const RUNNING = Object.freeze({
  instanceId: 'F26F8B59-2B64-4C57-8C5A-5A1CE9F9B4A8',
  updatedAt: '2025-09-08T12:35:12Z',
  health: 'running',
  port: 1337,
  address: '127.0.0.1',
  url: 'http://127.0.0.1:1337',
  exposeToNetwork: false,
})

/**
 * Formats a file as Osaurus does: sorted keys, two spaces of indent, a space on both sides of the colon, escaped slashes, no
 * final newline. Undefined fields are omitted.
 * @param {Record<string, unknown>} fields
 */
function osaurusText(fields) {
  const lines = Object.keys(fields)
    .filter((key) => fields[key] !== undefined)
    .sort()
    .map((key) => `  ${JSON.stringify(key)} : ${JSON.stringify(fields[key]).replaceAll('/', '\\/')}`)
  return `{\n${lines.join(',\n')}\n}`
}

/**
 * Publishes an instance atomically: creates its directory if needed, writes a temporary file, renames it, and updates the
 * directory's modification time.
 * @param {string} baseDir
 * @param {string} name of the directory, and the instance id unless `fields` has another
 * @param {Record<string, unknown>} [fields] default: those of `RUNNING`
 */
function publish(baseDir, name, fields = {}) {
  const dir = path.join(baseDir, name)
  fs.mkdirSync(dir, { recursive: true })
  const temporary = path.join(dir, '.dat.nosync1f2e3d')
  fs.writeFileSync(temporary, osaurusText({ ...RUNNING, instanceId: name, ...fields }))
  fs.renameSync(temporary, path.join(dir, FILE))
  const now = new Date()
  fs.utimesSync(dir, now, now)
}

/**
 * Removes an instance's directory, as Osaurus does when it quits.
 * @param {string} baseDir
 * @param {string} name
 */
function withdraw(baseDir, name) {
  fs.rmSync(path.join(baseDir, name), { recursive: true })
}

module.exports = { FILE, RUNNING, osaurusText, publish, withdraw }
