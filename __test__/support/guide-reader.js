// Which servers run, by the five steps that Osaurus' guide recommends and by nothing else?
//
// A reader as a careful app developer would write it from the steps: look into the folder, take its subfolders, read
// the file of each, keep what is running, newest first. Where the steps leave open what is right, it says so instead
// of having an opinion: that is where our contract goes on by itself.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

/**
 * @typedef {import('osaurus-discovery').OsaurusInstance} OsaurusInstance
 * @typedef {{ folder: string, verdict: 'instance', instance: OsaurusInstance }
 *   | { folder: string, verdict: 'none' }
 *   | { folder: string, verdict: 'undefined', because: string }} GuideEntry
 */

const ISO_8601 = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/
const UUID = /^[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}$/i
const DOTTED_QUAD = /^(?:[1-9][0-9]{0,2})(?:\.(?:0|[1-9][0-9]{0,2})){3}$/

/**
 * Steps 1 and 2, then 3 and 4 for each folder.
 * @param {string} baseDir
 * @returns {GuideEntry[]}
 */
function readByGuide(baseDir) {
  return fs
    .readdirSync(baseDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => readFolder(baseDir, entry.name))
}

/**
 * @param {string} baseDir
 * @param {string} folder
 * @returns {GuideEntry}
 */
function readFolder(baseDir, folder) {
  /** @param {string} because @returns {GuideEntry} */
  const open = (because) => ({ folder, verdict: 'undefined', because })
  const file = path.join(baseDir, folder, 'configuration.json')

  if (folder.startsWith('.')) return open('a hidden folder')
  if (folder.includes('\ufffd')) return open('a name that is no text')
  const stat = fs.lstatSync(file, { throwIfNoEntry: false })
  if (stat === undefined) return { folder, verdict: 'none' }
  if (!stat.isFile()) return open('not a regular file')
  if (stat.size > 65536) return open('a file of any size')

  const text = fs.readFileSync(file, 'utf8')
  if (text.startsWith('\ufeff') || text.includes('\ufffd')) return open('not plain UTF-8')
  if (text.split(/[[{]/).length > 100) return open('JSON of any depth')
  let published
  try {
    published = JSON.parse(text)
  } catch {
    return { folder, verdict: 'none' }
  }
  if (published === null || typeof published !== 'object' || Array.isArray(published)) {
    return { folder, verdict: 'none' }
  }
  if (published.health !== 'running') return { folder, verdict: 'none' }

  const because = whatIsOpen(published)
  if (because !== undefined) return open(because)
  return { folder, verdict: 'instance', instance: instanceOf(baseDir, folder, published) }
}

/**
 * What a running server's fields say that the guide's schema does not foresee.
 * @param {Record<string, any>} published
 * @returns {string | undefined}
 */
function whatIsOpen(published) {
  const { instanceId, updatedAt, port, address, url, exposeToNetwork } = published
  // "Unique per app run": what two folders may claim at once is no case of the guide's.
  if (typeof instanceId !== 'string' || !UUID.test(instanceId)) return 'instanceId'
  if (!Number.isInteger(port) || port < 1 || port > 65535) return 'port'
  if (typeof address !== 'string') return 'address'
  const octets = address.split('.')
  if (!DOTTED_QUAD.test(address) || octets.some((octet) => Number(octet) > 255)) return 'no IPv4 address'
  if (url !== undefined && url !== `http://${address}:${port}`) return 'url'
  if (exposeToNetwork !== undefined && typeof exposeToNetwork !== 'boolean') return 'exposeToNetwork'
  if (updatedAt === undefined) return undefined
  if (typeof updatedAt !== 'string') return 'updatedAt'
  // A text that is no date falls back to the mtime; one that only some parsers take for a date is open.
  const date = new Date(updatedAt)
  if (Number.isNaN(date.getTime())) return /[0-9]/.test(updatedAt) ? 'updatedAt' : undefined
  const sameDay = ISO_8601.test(updatedAt) && date.toISOString().slice(0, 19) === updatedAt.slice(0, 19)
  return sameDay ? undefined : 'updatedAt'
}

/**
 * Step 5's key, and the rest of the fields.
 * @param {string} baseDir
 * @param {string} folder
 * @param {Record<string, any>} published
 * @returns {OsaurusInstance}
 */
function instanceOf(baseDir, folder, published) {
  const { instanceId, updatedAt, port, address, url, exposeToNetwork } = published
  const time = Date.parse(updatedAt)
  return {
    instanceId,
    updatedAt: Number.isNaN(time) ? fs.statSync(path.join(baseDir, folder)).mtimeMs : time,
    address,
    port,
    url: url ?? `http://${address}:${port}`,
    exposeToNetwork: exposeToNetwork ?? false,
  }
}

/**
 * Step 5: whether a list is in the guide's order, newest first. Equal times may stand in any order.
 * @param {OsaurusInstance[]} instances
 */
function isNewestFirst(instances) {
  return instances.every((instance, i) => i === 0 || instances[i - 1].updatedAt >= instance.updatedAt)
}

module.exports = { isNewestFirst, readByGuide }
