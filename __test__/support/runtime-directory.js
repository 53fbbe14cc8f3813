// Creates runtime directories with any content a test needs.
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const net = require('node:net')
const path = require('node:path')
const { makeTemporaryDirectory } = require('./temporary-directory.js')
const { FILE, RUNNING, osaurusText, publish } = require('./watch-publisher.js')

/** The instance that discovery returns for `RUNNING`. */
const RUNNING_INSTANCE = Object.freeze({
  instanceId: RUNNING.instanceId,
  updatedAt: Date.parse(RUNNING.updatedAt),
  address: '127.0.0.1',
  port: 1337,
  url: 'http://127.0.0.1:1337',
  exposeToNetwork: false,
})

/** A runtime directory of one test. `remove()` deletes it with its content. */
class RuntimeDirectory {
  /**
   * @param {string} root a directory that is removed as a whole
   * @param {string} subpath of the runtime directory below the root
   */
  constructor(root, subpath) {
    this.root = root
    this.baseDir = path.join(root, subpath)
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
   * Creates an instance directory without a file.
   * @param {string} name
   */
  makeDirectory(name) {
    fs.mkdirSync(this.dir(name), { recursive: true })
    return this.dir(name)
  }

  /**
   * Creates an instance directory whose file has the given content.
   * @param {string} name
   * @param {string | Uint8Array} content
   */
  write(name, content) {
    this.makeDirectory(name)
    fs.writeFileSync(this.file(name), content)
  }

  /**
   * Publishes a running instance.
   * @param {Record<string, unknown>} [fields] default: those of `RUNNING`
   * @param {string} [name] of the directory; default: the instance id
   */
  publish(
    fields = {},
    name = typeof fields.instanceId === 'string' ? fields.instanceId : RUNNING.instanceId,
  ) {
    publish(this.baseDir, name, { instanceId: RUNNING.instanceId, ...fields })
  }

  /**
   * Publishes an instance that is starting, with the three fields that Osaurus writes in that state.
   * @param {string} [health]
   * @param {string} [instanceId]
   */
  publishStarting(health = 'starting', instanceId = RUNNING.instanceId) {
    this.write(instanceId, osaurusText({ instanceId, updatedAt: RUNNING.updatedAt, health }))
  }

  /**
   * Sets the modification times of an instance directory and of its file.
   * @param {string} name
   * @param {{ directory?: Date | number, file?: Date | number }} times numbers are seconds
   */
  touch(name, times) {
    if (times.file !== undefined) fs.utimesSync(this.file(name), times.file, times.file)
    if (times.directory !== undefined) fs.utimesSync(this.dir(name), times.directory, times.directory)
  }

  /**
   * Creates a named pipe without a writer as configuration.json.
   * @param {string} name
   */
  fifo(name) {
    this.makeDirectory(name)
    execFileSync('mkfifo', [this.file(name)])
  }

  /**
   * Creates a listening socket as configuration.json.
   * @param {string} name
   */
  async socket(name) {
    this.makeDirectory(name)
    const server = net.createServer()
    this.servers.push(server)
    await new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.file(name), () => resolve(undefined))
    })
  }

  /**
   * Creates an endless device (/dev/zero) as configuration.json. Needs root.
   * @param {string} name
   */
  device(name) {
    this.makeDirectory(name)
    execFileSync('mknod', [this.file(name), 'c', '1', '5'])
  }

  /**
   * Creates a symbolic link as configuration.json.
   * @param {string} name
   * @param {string} target
   */
  linkedFile(name, target) {
    this.makeDirectory(name)
    fs.symlinkSync(target, this.file(name))
  }

  /**
   * Changes the mode of a file or directory until the test ends.
   * @param {string} target
   * @param {number} mode
   */
  restrict(target, mode) {
    this.restricted.push(target)
    fs.chmodSync(target, mode)
  }

  /** Removes everything below the root. */
  async remove() {
    for (const target of this.restricted.reverse()) fs.chmodSync(target, 0o700)
    await Promise.all(this.servers.map((server) => new Promise((resolve) => server.close(resolve))))
    fs.rmSync(this.root, { recursive: true, force: true, maxRetries: 3 })
  }
}

/**
 * Creates an empty runtime directory that is removed when the test ends.
 * @param {{ after(fn: () => unknown): void }} t the test, or an object with its `after`
 * @param {{ parent?: string, subpath?: string }} [options] `subpath`: of the runtime directory below its root
 */
function runtimeDirectory(t, { parent, subpath = 'runtime' } = {}) {
  const runtime = new RuntimeDirectory(makeTemporaryDirectory(parent), subpath)
  fs.mkdirSync(runtime.baseDir, { recursive: true })
  t.after(() => runtime.remove())
  return runtime
}

/**
 * Creates a home directory with an empty .osaurus/runtime.
 * @param {{ after(fn: () => unknown): void }} t the test, or an object with its `after`
 */
function homeDirectory(t) {
  const runtime = runtimeDirectory(t, { subpath: path.join('.osaurus', 'runtime') })
  return { home: runtime.root, runtime }
}

module.exports = {
  FILE,
  RUNNING,
  RUNNING_INSTANCE,
  RuntimeDirectory,
  homeDirectory,
  osaurusText,
  runtimeDirectory,
}
