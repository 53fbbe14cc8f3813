// Implements the guide's algorithm in JavaScript: list the directory, then read one file after another.
'use strict'

const { readFile, readdir, stat } = require('node:fs/promises')
const path = require('node:path')

/**
 * @param {string} baseDir
 * @returns {Promise<import('osaurus-discovery').OsaurusInstance[]>} newest first
 */
async function listByGuide(baseDir) {
  const running = []
  for (const entry of await listed(baseDir)) {
    if (!entry.isDirectory()) continue
    const directory = path.join(baseDir, entry.name)
    const published = await readJson(path.join(directory, 'configuration.json'))
    if (published?.health !== 'running' || !published.port || !published.address) continue
    const { instanceId, address, port, url, exposeToNetwork } = published
    const time = Date.parse(published.updatedAt)
    running.push({
      instanceId,
      updatedAt: Number.isNaN(time) ? (await stat(directory)).mtimeMs : time,
      address,
      port,
      url: url || `http://${address}:${port}`,
      exposeToNetwork: Boolean(exposeToNetwork),
    })
  }
  return running.sort((a, b) => b.updatedAt - a.updatedAt)
}

/** @param {string} baseDir */
async function latestByGuide(baseDir) {
  const [newest] = await listByGuide(baseDir)
  if (newest === undefined) throw new Error('Osaurus not found')
  return newest
}

/** @param {string} baseDir */
async function listed(baseDir) {
  try {
    return await readdir(baseDir, { withFileTypes: true })
  } catch {
    return []
  }
}

/** @param {string} file */
async function readJson(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return undefined
  }
}

module.exports = { latestByGuide, listByGuide }
