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

// A process that ends without stop(), by process.exit() or an uncaught error, has no time for anything asynchronous.
// One listener for all fakes, and only while there is one, keeps clear of Node's limit of ten.
function removeAtExit() {
  for (const publisher of published) publisher.removeSync()
}

class Publisher {
  /** @type {string} */
  baseDir
  /** @type {boolean} */
  #temporary
  /** Folders of this fake: the one of now, and those its crashes left behind. @type {Set<string>} */
  #folders = new Set()
  /** The uppermost directories that had to be made above them. @type {Set<string>} */
  #made = new Set()

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
    const made = await fs.promises.mkdir(folder, { recursive: true })
    if (made && made !== folder) this.#made.add(made)
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
  async withdraw(instanceId) {
    const folder = path.join(this.baseDir, instanceId)
    await fs.promises.rm(folder, { recursive: true, force: true })
    this.#folders.delete(folder)
  }

  /** Takes back everything: instances, leftovers, and what had to be made for them. */
  async remove() {
    for (const target of this.#targets()) await fs.promises.rm(target, { recursive: true, force: true })
    for (const directory of this.#emptied()) {
      if (
        !(await fs.promises.rmdir(directory).then(
          () => true,
          () => false,
        ))
      )
        break
    }
    this.#forget()
  }

  /** The same for a process that is ending: what cannot be removed stays, its exit code is not ours to change. */
  removeSync() {
    try {
      for (const target of this.#targets()) fs.rmSync(target, { recursive: true, force: true })
      for (const directory of this.#emptied()) fs.rmdirSync(directory)
    } catch {
      // An error here would be reported as the program's own.
    }
    this.#forget()
  }

  #targets() {
    return this.#temporary ? [this.baseDir] : [...this.#folders]
  }

  /** Innermost first; removing them ends at the first that somebody else uses. */
  #emptied() {
    const directories = []
    if (!this.#temporary && this.#made.size > 0) {
      const inMade = (/** @type {string} */ directory) =>
        [...this.#made].some((made) => directory === made || directory.startsWith(made + path.sep))
      for (let at = this.baseDir; inMade(at); at = path.dirname(at)) directories.push(at)
    }
    return directories
  }

  #forget() {
    published.delete(this)
    if (published.size === 0) process.off('exit', removeAtExit)
  }
}

module.exports = { Publisher }
