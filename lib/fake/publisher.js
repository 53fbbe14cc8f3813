// Publishes the files of a fake, and removes all that it made.
'use strict'

const { randomBytes } = require('node:crypto')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { print } = require('./configuration.js')

/** @typedef {import('./configuration.js').Configuration} Configuration */

/** @type {Set<Publisher>} */
const published = new Set()

// For a process that ends without stop(), by process.exit() or an uncaught error. All fakes share one listener, because
// Node warns of more than ten.
function removeAtExit() {
  for (const publisher of published) {
    try {
      publisher.remove()
    } catch {
      // An error here would be reported as the program's own, and change its exit code.
    }
  }
}

class Publisher {
  /** @type {string} */
  baseDir
  /** @type {boolean} */
  #temporary
  /** The ids of this fake's instances: the current one, and those that its crashes left behind. @type {Set<string>} */
  #directories = new Set()
  /** The uppermost directory that had to be created for them. @type {string | undefined} */
  #made

  /** @param {string | undefined} baseDir */
  constructor(baseDir) {
    const named = baseDir ?? testRuntime()
    this.#temporary = named === undefined
    this.baseDir = path.resolve(named ?? makeTemporaryDirectory())
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
    const directory = path.join(this.baseDir, configuration.instanceId)
    this.#directories.add(directory)
    const made = await makeDirectory(directory)
    if (made && made !== directory && made.length < (this.#made?.length ?? Infinity)) this.#made = made
    // Hidden, and in the instance's own directory, as Apple's atomic write does it: a reader that lists the base directory
    // or opens configuration.json never meets it, and the rename stays on one file system.
    const temporary = path.join(directory, `.dat.nosync${randomBytes(6).toString('hex')}`)
    await fs.promises.writeFile(temporary, print(configuration))
    await fs.promises.rename(temporary, path.join(directory, 'configuration.json'))
    if (configuration.health === 'running') {
      const now = new Date()
      await fs.promises.utimes(directory, now, now)
    }
  }

  /** Removes one instance. @param {string} instanceId */
  withdraw(instanceId) {
    const directory = path.join(this.baseDir, instanceId)
    removeDirectory(directory)
    this.#directories.delete(directory)
  }

  /**
   * Removes everything: instances, leftovers, and the directories created for them. Synchronous, because a process that
   * exits runs no asynchronous work.
   */
  remove() {
    for (const directory of this.#temporary ? [this.baseDir] : this.#directories) removeDirectory(directory)
    this.#directories.clear()
    for (let at = this.baseDir; at.length >= (this.#made?.length ?? Infinity); at = path.dirname(at)) {
      if (!removeEmpty(at)) break // Another program uses it, and so all above it.
    }
    published.delete(this)
    if (published.size === 0) process.off('exit', removeAtExit)
  }
}

/**
 * The runtime directory of a root for tests: the variable moves the fake as it moves Osaurus itself.
 * @returns {string | undefined}
 */
function testRuntime() {
  const root = process.env.OSAURUS_TEST_ROOT
  return root ? path.join(root, 'runtime') : undefined
}

function makeTemporaryDirectory() {
  const parent = os.tmpdir()
  try {
    return fs.mkdtempSync(path.join(parent, 'osaurus-fake-'))
  } catch (cause) {
    const { message, code } = /** @type {NodeJS.ErrnoException} */ (cause)
    const next = 'Set TMPDIR (on Windows TEMP) to a directory that can be written, or pass `baseDir`.'
    throw Object.assign(
      new Error(`The fake Osaurus cannot create a directory in ${parent}: ${message}. ${next}`, { cause }),
      { code },
    )
  }
}

/**
 * Does what mkdir() does with `recursive`, which never returns where a name does not exist and cannot be created, as in /proc.
 * @param {string} directory
 * @returns {Promise<string | undefined>} the uppermost that was created
 */
async function makeDirectory(directory) {
  /** @type {string[]} */
  const missing = []
  for (let at = directory; !fs.existsSync(at); at = path.dirname(at)) missing.unshift(at)
  /** @type {string | undefined} */
  let uppermost
  for (const each of missing) {
    try {
      await fs.promises.mkdir(each)
      uppermost ??= each
    } catch (error) {
      // Another fake was faster. Where it is not a directory, the next name below it fails.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    }
  }
  return uppermost
}

/** @param {string} directory */
function removeDirectory(directory) {
  try {
    fs.rmSync(directory, { recursive: true, force: true })
  } catch (error) {
    // A file has replaced a directory above it, so that it no longer exists.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOTDIR') throw error
  }
}

/** @param {string} directory @returns {boolean} whether it no longer exists */
function removeEmpty(directory) {
  try {
    fs.rmdirSync(directory)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT'
  }
}

module.exports = { Publisher }
