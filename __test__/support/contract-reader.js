// Implements the package's contract a second time, in plain JavaScript, to compare with.
//
// It shares nothing with the Rust core, and uses other means wherever there are two: JSON.parse and a scan of the text for
// its depth, Date.UTC, and Node's own parsers of addresses and URLs.
'use strict'

const fs = require('node:fs')
const net = require('node:net')
const path = require('node:path')

/**
 * @typedef {import('osaurus-discovery').OsaurusInstance} OsaurusInstance
 * @typedef {{ instance: OsaurusInstance, updatedNs: bigint, fileNs: bigint, directory: Buffer }} Candidate
 */

/**
 * @param {string} baseDir
 * @returns {{ instances: OsaurusInstance[], starting: boolean }}
 */
function readByContract(baseDir) {
  /** @type {Candidate[]} */
  const candidates = []
  let starting = false
  for (const entry of fs.readdirSync(baseDir, { withFileTypes: true, encoding: 'buffer' })) {
    const directory = /** @type {any} */ (entry).name
    if (directory[0] === 0x2e || !entry.isDirectory()) continue
    const found = readFolder(Buffer.concat([Buffer.from(baseDir + path.sep), directory]), directory)
    if (found === 'starting') starting = true
    else if (found !== null) candidates.push(found)
  }
  candidates.sort(newerFirst)
  const seen = new Set()
  const instances = []
  for (const { instance } of candidates) {
    if (!seen.has(instance.instanceId)) instances.push(instance)
    seen.add(instance.instanceId)
  }
  return { instances, starting }
}

/**
 * @param {Candidate} a
 * @param {Candidate} b
 */
function newerFirst(a, b) {
  if (a.updatedNs !== b.updatedNs) return a.updatedNs > b.updatedNs ? -1 : 1
  if (a.fileNs !== b.fileNs) return a.fileNs > b.fileNs ? -1 : 1
  const byId = Buffer.compare(Buffer.from(a.instance.instanceId), Buffer.from(b.instance.instanceId))
  return byId || Buffer.compare(a.directory, b.directory)
}

/**
 * @param {Buffer} dir
 * @param {Buffer} directory
 * @returns {Candidate | 'starting' | null}
 */
function readFolder(dir, directory) {
  const file = Buffer.concat([dir, Buffer.from(`${path.sep}configuration.json`)])
  const stat = fs.lstatSync(file, { throwIfNoEntry: false, bigint: true })
  if (!stat?.isFile() || stat.size > 65536n) return null

  const fields = parse(fs.readFileSync(file))
  if (fields === null || typeof fields.health !== 'string' || !isWellFormed(fields.health)) return null
  const isStarting = fields.health === 'starting' || fields.health === 'restarting'
  if (fields.health !== 'running' && !isStarting) return null

  const { port, address, exposeToNetwork = false, instanceId = directory.toString() } = fields
  if (!isStarting) {
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535) return null
    if (typeof address !== 'string' || kindOfAddress(address) === null) return null
  }
  if (typeof instanceId !== 'string' || !isWellFormed(instanceId)) return null
  if (isStarting) return 'starting'
  if (typeof exposeToNetwork !== 'boolean') return null

  const published = typeof fields.updatedAt === 'string' ? parseTime(fields.updatedAt) : null
  const mtime = fs.statSync(dir, { bigint: true }).mtimeNs
  const instance = {
    instanceId,
    updatedAt: published ?? fs.statSync(dir).mtimeMs,
    address,
    port: Number(port),
    url: urlOf(address, Number(port), fields.url),
    exposeToNetwork,
  }
  const updatedNs = published === null ? mtime : BigInt(published) * 1_000_000n
  return { instance, updatedNs, fileNs: stat.mtimeNs, directory }
}

/**
 * Returns the fields of an object without those that are null, or null if the bytes are not an object.
 * @param {Buffer} bytes
 * @returns {Record<string, any> | null}
 */
function parse(bytes) {
  let text
  let value
  try {
    // Removes one byte order mark and rejects invalid UTF-8.
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (depthOf(text) > 127 || value === null || typeof value !== 'object' || Array.isArray(value)) return null
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null))
}

/**
 * Returns the nesting depth of a JSON text.
 * @param {string} text
 */
function depthOf(text) {
  let depth = 0
  let deepest = 0
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '{' || token === '[') deepest = Math.max(deepest, ++depth)
    else if (token === '}' || token === ']') depth--
  }
  return deepest
}

/**
 * Returns whether a text has no unpaired surrogate.
 * @param {string} text
 */
function isWellFormed(text) {
  return !/\p{Surrogate}/u.test(text)
}

/**
 * @param {string} text
 * @returns {'v4' | 'v6' | 'name' | null}
 */
function kindOfAddress(text) {
  if (net.isIPv4(text)) return 'v4'
  if (net.isIPv6(text) && !text.includes('%')) return 'v6'
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  const labels = name.split('.')
  const isLabel = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i
  if (name.length > 253 || !labels.every((label) => isLabel.test(label))) return null
  return /^(?:[0-9]+|0x[0-9a-f]*)$/i.test(labels[labels.length - 1]) ? null : 'name'
}

/**
 * @param {string} address
 * @param {number} port
 * @param {unknown} published
 */
function urlOf(address, port, published) {
  const isV6 = kindOfAddress(address) === 'v6'
  if (address === '0.0.0.0') return `http://127.0.0.1:${port}`
  // The URL parser normalizes every spelling of an IPv6 address.
  if (isV6 && new URL(`http://[${address}]`).hostname === '[::]') return `http://[::1]:${port}`
  const built = isV6 ? `http://[${address}]:${port}` : `http://${address}:${port}`
  return published === `${built}/` ? published : built
}

const RFC_3339 =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)[T ](?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?:\.(?<fraction>\d+))?(?:Z|(?<sign>[+-])(?<offsetHour>\d\d):(?<offsetMinute>\d\d))$/i

/**
 * Returns milliseconds, or null if the text is not a time.
 * @param {string} text
 */
function parseTime(text) {
  const groups = RFC_3339.exec(text)?.groups
  if (!groups) return null
  const part = (/** @type {string} */ name) => Number(groups[name] ?? 0)
  const date = new Date(0)
  date.setUTCFullYear(part('year'), part('month') - 1, part('day'))
  // A day that the month does not have rolls over into the next.
  if (date.getUTCMonth() !== part('month') - 1 || date.getUTCDate() !== part('day')) return null
  if (part('hour') > 23 || part('minute') > 59 || part('second') > 60) return null
  if (part('offsetHour') > 23 || part('offsetMinute') > 59) return null
  const milliseconds = Number((groups.fraction ?? '').padEnd(3, '0').slice(0, 3))
  const offset = (part('offsetHour') * 60 + part('offsetMinute')) * (groups.sign === '-' ? -1 : 1)
  const minutes = part('hour') * 60 + part('minute') - offset
  return date.getTime() + minutes * 60_000 + part('second') * 1000 + milliseconds
}

module.exports = { readByContract }
