// What does Osaurus do to a runtime folder, call by call?
'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { FILE, RUNNING, osaurusText } = require('./runtime-directory.js')

/**
 * Publishes as Osaurus does, at once: the folder where it is missing, a temporary file beside the old one, a rename.
 * @param {string} baseDir
 * @param {string} instanceId
 * @param {Record<string, unknown>} [fields]
 */
function publish(baseDir, instanceId, fields = {}) {
  const dir = path.join(baseDir, instanceId)
  fs.mkdirSync(dir, { recursive: true })
  const temporary = path.join(dir, '.dat.nosync1f2e3d')
  fs.writeFileSync(temporary, osaurusText({ ...RUNNING, instanceId, ...fields }))
  fs.renameSync(temporary, path.join(dir, FILE))
  const now = new Date()
  fs.utimesSync(dir, now, now)
}

/**
 * @param {string} baseDir
 * @param {string} instanceId
 */
function withdraw(baseDir, instanceId) {
  fs.rmSync(path.join(baseDir, instanceId), { recursive: true })
}

module.exports = { publish, withdraw }
