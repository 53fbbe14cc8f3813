// How does a test get a runtime folder with whatever it wants in it?
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')

const FILE = 'configuration.json'

/** What an Osaurus on its default port publishes. */
const RUNNING = Object.freeze({
  instanceId: 'F26F8B59-2B64-4C57-8C5A-5A1CE9F9B4A8',
  updatedAt: '2025-09-08T12:35:12Z',
  health: 'running',
  port: 1337,
  address: '127.0.0.1',
  url: 'http://127.0.0.1:1337',
  exposeToNetwork: false,
})

/** What discovery makes of it. */
const RUNNING_INSTANCE = Object.freeze({
  instanceId: RUNNING.instanceId,
  updatedAt: Date.parse(RUNNING.updatedAt),
  address: '127.0.0.1',
  port: 1337,
  url: 'http://127.0.0.1:1337',
  exposeToNetwork: false,
})

/**
 * The text of a file as Osaurus prints it: sorted keys, two spaces, a space on both sides of the colon, escaped
 * slashes, no line break at the end. A field that is undefined is left out.
 * @param {Record<string, unknown>} fields
 */
function osaurusText(fields) {
  const lines = Object.keys(fields)
    .filter((key) => fields[key] !== undefined)
    .sort()
    .map((key) => `  ${JSON.stringify(key)} : ${JSON.stringify(fields[key]).replaceAll('/', '\\/')}`)
  return `{\n${lines.join(',\n')}\n}`
}

/** A runtime folder of a test's own; everything in it goes when the test ends. */
class RuntimeFolder {
  /**
   * @param {string} root a folder that is removed as a whole
   * @param {string} place where the runtime folder stands below it
   */
  constructor(root, place) {
    this.root = root
    this.baseDir = path.join(root, place)
    /** @type {import('node:net').Server[]} */
    this.servers = []
    /** @type {string[]} */
    this.restricted = []
  }

  /** @param {string} name */
  dir(name) {
    return path.join(this.baseDir, name)
  }

  /** @param {string} name */
  file(name) {
    return path.join(this.baseDir, name, FILE)
  }

  /**
   * The folder of an instance, without a file.
   * @param {string} name
   */
  folder(name) {
    fs.mkdirSync(this.dir(name), { recursive: true })
    return this.dir(name)
  }

  /**
   * The folder of an instance with any content in its file.
   * @param {string} name
   * @param {string | Uint8Array} content
   */
  write(name, content) {
    this.folder(name)
    fs.writeFileSync(this.file(name), content)
  }

  /**
   * A running instance, but for what the test says otherwise; in the folder of its id, but for what it says.
   * @param {Record<string, unknown>} [fields]
   * @param {string} [name]
   */
  publish(
    fields = {},
    name = typeof fields.instanceId === 'string' ? fields.instanceId : RUNNING.instanceId,
  ) {
    this.write(name, osaurusText({ ...RUNNING, ...fields }))
  }

  /**
   * An instance that starts: only the three fields that Osaurus writes then.
   * @param {string} [health]
   * @param {string} [instanceId]
   */
  publishStarting(health = 'starting', instanceId = RUNNING.instanceId) {
    this.write(instanceId, osaurusText({ instanceId, updatedAt: RUNNING.updatedAt, health }))
  }

  /**
   * Sets modification times, of the folder and of its file.
   * @param {string} name
   * @param {{ folder?: Date | number, file?: Date | number }} times in seconds where a number
   */
  touch(name, times) {
    if (times.file !== undefined) fs.utimesSync(this.file(name), times.file, times.file)
    if (times.folder !== undefined) fs.utimesSync(this.dir(name), times.folder, times.folder)
  }

  /**
   * A named pipe that nobody writes to, as configuration.json.
   * @param {string} name
   */
  fifo(name) {
    this.folder(name)
    execFileSync('mkfifo', [this.file(name)])
  }

  /**
   * A socket with a listener behind it, as configuration.json.
   * @param {string} name
   */
  async socket(name) {
    this.folder(name)
    const server = net.createServer()
    this.servers.push(server)
    await new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.file(name), () => resolve(undefined))
    })
  }

  /**
   * A device that never ends (/dev/zero), as configuration.json. Needs root.
   * @param {string} name
   */
  device(name) {
    this.folder(name)
    execFileSync('mknod', [this.file(name), 'c', '1', '5'])
  }

  /**
   * A symbolic link, as configuration.json.
   * @param {string} name
   * @param {string} target
   */
  linkedFile(name, target) {
    this.folder(name)
    fs.symlinkSync(target, this.file(name))
  }

  /**
   * Changes a file's mode until the end of the test, when what it holds must be removed.
   * @param {string} target
   * @param {number} mode
   */
  restrict(target, mode) {
    this.restricted.push(target)
    fs.chmodSync(target, mode)
  }

  /** Removes everything. */
  async remove() {
    for (const target of this.restricted.reverse()) fs.chmodSync(target, 0o700)
    await Promise.all(this.servers.map((server) => new Promise((resolve) => server.close(resolve))))
    fs.rmSync(this.root, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Where thousands of files cost no disk: in memory, where the system has a folder for that. */
const IN_MEMORY = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir()

/** @param {string} parent */
function makeRoot(parent) {
  // Resolved, because the temporary folder of macOS is itself reached through a link.
  return fs.realpathSync(fs.mkdtempSync(path.join(parent, 'osaurus-test-')))
}

/**
 * An empty folder that goes when the test ends.
 * @param {{ after(fn: () => unknown): void }} t the test, or an object with its `after`
 * @param {{ parent?: string }} [options]
 */
function temporaryFolder(t, { parent = os.tmpdir() } = {}) {
  const root = makeRoot(parent)
  t.after(() => fs.rmSync(root, { recursive: true, force: true, maxRetries: 3 }))
  return root
}

/**
 * An empty runtime folder that goes when the test ends.
 * @param {{ after(fn: () => unknown): void }} t the test, or an object with its `after`
 * @param {{ parent?: string, place?: string }} [options] place: where it stands below its root
 */
function runtimeFolder(t, { parent = os.tmpdir(), place = 'runtime' } = {}) {
  const runtime = new RuntimeFolder(makeRoot(parent), place)
  fs.mkdirSync(runtime.baseDir, { recursive: true })
  t.after(() => runtime.remove())
  return runtime
}

/**
 * A home folder whose .osaurus/runtime is the runtime folder.
 * @param {{ after(fn: () => unknown): void }} t the test, or an object with its `after`
 */
function homeFolder(t) {
  const runtime = runtimeFolder(t, { place: path.join('.osaurus', 'runtime') })
  return { home: runtime.root, runtime }
}

module.exports = {
  FILE,
  IN_MEMORY,
  RUNNING,
  RUNNING_INSTANCE,
  RuntimeFolder,
  homeFolder,
  osaurusText,
  runtimeFolder,
  temporaryFolder,
}
