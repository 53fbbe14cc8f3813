// Implements the five steps of Osaurus' guide, and nothing else, to compare with.
//
// It does what a careful app developer would do: list the subdirectories, read the file of each, keep the running ones,
// newest first. Where the steps do not define a result, it returns `undefined` as the verdict: there our contract decides.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

/**
 * @typedef {import('osaurus-discovery').OsaurusInstance} OsaurusInstance
 * @typedef {{ directory: string, verdict: 'instance', instance: OsaurusInstance }
 *   | { directory: string, verdict: 'none' }
 *   | { directory: string, verdict: 'undefined', because: string }} GuideEntry
 */

const ISO_8601 = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/
const UUID = /^[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}$/i
const DOTTED_QUAD = /^(?:[1-9][0-9]{0,2})(?:\.(?:0|[1-9][0-9]{0,2})){3}$/

/**
 * Performs steps 1 and 2, then 3 and 4 for each directory.
 * @param {string} baseDir
 * @returns {GuideEntry[]}
 */
function readByGuide(baseDir) {
  return fs
    .readdirSync(baseDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => readDirectory(baseDir, entry.name))
}

/**
 * @param {string} baseDir
 * @param {string} directory
 * @returns {GuideEntry}
 */
function readDirectory(baseDir, directory) {
  /** @param {string} because @returns {GuideEntry} */
  const open = (because) => ({ directory, verdict: 'undefined', because })
  const file = path.join(baseDir, directory, 'configuration.json')

  if (directory.startsWith('.')) return open('a hidden directory')
  if (directory.includes('\ufffd')) return open('a name that is not text')
  const stat = fs.lstatSync(file, { throwIfNoEntry: false })
  if (stat === undefined) return { directory, verdict: 'none' }
  if (!stat.isFile()) return open('not a regular file')
  if (stat.size > 65536) return open('a file of any size')

  const text = fs.readFileSync(file, 'utf8')
  if (text.startsWith('\ufeff') || text.includes('\ufffd')) return open('not plain UTF-8')
  if (text.split(/[[{]/).length > 100) return open('JSON of any depth')
  let published
  try {
    published = JSON.parse(text)
  } catch {
    return { directory, verdict: 'none' }
  }
  if (published === null || typeof published !== 'object' || Array.isArray(published)) {
    return { directory, verdict: 'none' }
  }
  if (published.health !== 'running') return { directory, verdict: 'none' }

  const because = undefinedField(published)
  if (because !== undefined) return open(because)
  return { directory, verdict: 'instance', instance: instanceOf(baseDir, directory, published) }
}

/**
 * Returns the field of a running server that the guide's schema does not cover.
 * @param {Record<string, any>} published
 * @returns {string | undefined}
 */
function undefinedField(published) {
  const { instanceId, updatedAt, port, address, url, exposeToNetwork } = published
  // "Unique per app run": the guide does not cover two directories with one id.
  if (typeof instanceId !== 'string' || !UUID.test(instanceId)) return 'instanceId'
  if (!Number.isInteger(port) || port < 1 || port > 65535) return 'port'
  if (typeof address !== 'string') return 'address'
  const octets = address.split('.')
  if (!DOTTED_QUAD.test(address) || octets.some((octet) => Number(octet) > 255)) return 'not an IPv4 address'
  if (url !== undefined && url !== `http://${address}:${port}`) return 'url'
  if (exposeToNetwork !== undefined && typeof exposeToNetwork !== 'boolean') return 'exposeToNetwork'
  if (updatedAt === undefined) return undefined
  if (typeof updatedAt !== 'string') return 'updatedAt'
  // A text that is not a date falls back to the mtime; one that only some parsers accept is undefined.
  const date = new Date(updatedAt)
  if (Number.isNaN(date.getTime())) return /[0-9]/.test(updatedAt) ? 'updatedAt' : undefined
  const sameDay = ISO_8601.test(updatedAt) && date.toISOString().slice(0, 19) === updatedAt.slice(0, 19)
  return sameDay ? undefined : 'updatedAt'
}

/**
 * Returns the instance, with the key of step 5.
 * @param {string} baseDir
 * @param {string} directory
 * @param {Record<string, any>} published
 * @returns {OsaurusInstance}
 */
function instanceOf(baseDir, directory, published) {
  const { instanceId, updatedAt, port, address, url, exposeToNetwork } = published
  const time = Date.parse(updatedAt)
  return {
    instanceId,
    updatedAt: Number.isNaN(time) ? fs.statSync(path.join(baseDir, directory)).mtimeMs : time,
    address,
    port,
    url: url ?? `http://${address}:${port}`,
    exposeToNetwork: exposeToNetwork ?? false,
  }
}

/**
 * Step 5: returns whether a list is in the guide's order, newest first. Equal times may be in any order.
 * @param {OsaurusInstance[]} instances
 */
function isNewestFirst(instances) {
  return instances.every((instance, i) => i === 0 || instances[i - 1].updatedAt >= instance.updatedAt)
}

module.exports = { isNewestFirst, readByGuide }
