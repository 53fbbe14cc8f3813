// Where and how does the fake publish, and how does it take everything back?
'use strict'

const { randomBytes } = require('node:crypto')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { print } = require('./configuration.js')

/** @typedef {import('./configuration.js').Configuration} Configuration */

/** @type {Set<Publisher>} */
const published = new Set()

// For a process that ends without stop(), by process.exit() or an uncaught error. One listener for all fakes, and only
// while there is one, keeps clear of Node's limit of ten.
function removeAtExit() {
  for (const publisher of published) {
    try {
      publisher.remove()
    } catch {
      // Would be reported as the program's own error, and change its exit code.
    }
  }
}

class Publisher {
  /** @type {string} */
  baseDir
  /** @type {boolean} */
  #temporary
  /** Folders of this fake: the one of now, and those its crashes left behind. @type {Set<string>} */
  #folders = new Set()
  /** The uppermost directory that had to be made for them. @type {string | undefined} */
  #made

  /** @param {string | undefined} baseDir default: a fresh temporary one */
  constructor(baseDir) {
    this.#temporary = baseDir === undefined
    this.baseDir = path.resolve(baseDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-fake-')))
    if (published.size === 0) process.on('exit', removeAtExit)
    published.add(this)
  }

  /** @param {Configuration} configuration */
  async publish(configuration) {
    try {
      await this.#write(configuration)
    } catch (cause) {
      const { message, code } = /** @type {NodeJS.ErrnoException} */ (cause)
      const where = `The fake Osaurus cannot publish in ${this.baseDir}: ${message}`
      const next = 'Choose another `baseDir`, or leave it out for a temporary one.'
      throw Object.assign(new Error(`${where}. ${next}`, { cause }), { code })
    }
  }

  /** @param {Configuration} configuration */
  async #write(configuration) {
    const folder = path.join(this.baseDir, configuration.instanceId)
    this.#folders.add(folder)
    const made = await makeFolder(folder)
    if (made && made !== folder && made.length < (this.#made?.length ?? Infinity)) this.#made = made
    // Hidden, and in the instance's own folder, as Apple's atomic write does it: whoever lists the base directory or
    // opens configuration.json never meets it, and the rename stays on one file system.
    const temporary = path.join(folder, `.dat.nosync${randomBytes(6).toString('hex')}`)
    await fs.promises.writeFile(temporary, print(configuration))
    await fs.promises.rename(temporary, path.join(folder, 'configuration.json'))
    if (configuration.health === 'running') {
      const now = new Date()
      await fs.promises.utimes(folder, now, now)
    }
  }

  /** Takes one instance back. @param {string} instanceId */
  withdraw(instanceId) {
    const folder = path.join(this.baseDir, instanceId)
    removeFolder(folder)
    this.#folders.delete(folder)
  }

  /**
   * Takes back everything: instances, leftovers, and what had to be made for them. Synchronous, since a process that ends
   * has no time for anything else.
   */
  remove() {
    for (const folder of this.#temporary ? [this.baseDir] : this.#folders) removeFolder(folder)
    this.#folders.clear()
    for (let at = this.baseDir; at.length >= (this.#made?.length ?? Infinity); at = path.dirname(at)) {
      if (!removeEmpty(at)) break // Somebody else uses it, and so all above it.
    }
    published.delete(this)
    if (published.size === 0) process.off('exit', removeAtExit)
  }
}

/**
 * As mkdir() with `recursive`, which never ends where the kernel says that a name is not there and cannot be made, as in /proc.
 * @param {string} folder
 * @returns {Promise<string | undefined>} the uppermost that was made
 */
async function makeFolder(folder) {
  /** @type {string[]} */
  const missing = []
  for (let at = folder; !fs.existsSync(at); at = path.dirname(at)) missing.unshift(at)
  /** @type {string | undefined} */
  let uppermost
  for (const each of missing) {
    try {
      await fs.promises.mkdir(each)
      uppermost ??= each
    } catch (error) {
      // Another fake was quicker; what else stands there is found out by the next name below it.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    }
  }
  return uppermost
}

/** @param {string} folder */
function removeFolder(folder) {
  try {
    fs.rmSync(folder, { recursive: true, force: true })
  } catch (error) {
    // Somewhere above it a file took a directory's place, and so it is gone.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOTDIR') throw error
  }
}

/** Whether it is gone now. @param {string} directory */
function removeEmpty(directory) {
  try {
    fs.rmdirSync(directory)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT'
  }
}

module.exports = { Publisher }
