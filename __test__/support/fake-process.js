// Starts a fake in a separate process, which a test can kill and stop by signals.
'use strict'

require('./no-fallback.js')
const { execFile, fork } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { setTimeout: delay } = require('node:timers/promises')
const { promisify } = require('node:util')

/**
 * @typedef {import('osaurus-discovery/testing').FakeOsaurus} FakeOsaurus
 * @typedef {import('osaurus-discovery/testing').FakeOsaurusOptions} FakeOsaurusOptions
 * @typedef {Pick<FakeOsaurus, 'instance' | 'url' | 'requests' | 'connections'>} State
 * @typedef {{ id?: number, state?: State, error?: { message: string, code?: string } }} Reply
 */

class FakeProcess {
  #child
  #ownsBaseDir
  #calls = 0
  /** @type {Map<number, { resolve: (state: State) => void, reject: (error: Error) => void }>} */
  #pending = new Map()
  /** @type {State | undefined} */
  #state
  /** @type {Set<string>} */
  #instanceIds = new Set()
  /** @type {Promise<unknown>} */
  #exited

  /** @param {FakeOsaurusOptions} options */
  constructor(options) {
    this.#ownsBaseDir = options.baseDir === undefined
    this.baseDir = options.baseDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-fake-process-'))
    this.#child = fork(path.join(__dirname, 'fake', 'child.js'))
    this.#child.on('message', (message) => this.#settle(/** @type {Reply} */ (message)))
    this.#exited = once(this.#child, 'exit').then(() => {
      for (const { reject } of this.#pending.values()) reject(new Error('The fake process has ended'))
      this.#pending.clear()
    })
  }

  /** Process id. */
  get pid() {
    return /** @type {number} */ (this.#child.pid)
  }

  /** As of the last call that the child answered. */
  get instance() {
    return /** @type {State} */ (this.#state).instance
  }

  get url() {
    return /** @type {State} */ (this.#state).url
  }

  /** @param {FakeOsaurusOptions} options */
  async start(options) {
    try {
      await this.#call('start', { ...options, baseDir: this.baseDir })
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** @param {'starting' | 'restarting' | 'running'} health */
  async setHealth(health) {
    await this.#call('setHealth', health)
  }

  /** @param {boolean} expose */
  async setExposed(expose) {
    await this.#call('setExposed', expose)
  }

  async crash() {
    await this.#call('crash')
  }

  async relaunch() {
    await this.#call('relaunch')
  }

  async suspend() {
    await this.#call('suspend')
  }

  async resume() {
    await this.#call('resume')
  }

  /** The requests that reached it so far. */
  async requests() {
    return (await this.#call('read')).requests
  }

  async connections() {
    return (await this.#call('read')).connections
  }

  /**
   * Resolves once the signal has taken effect: the process has ended, is stopped, or continues.
   * @param {NodeJS.Signals} [signal]
   */
  async kill(signal = 'SIGKILL') {
    this.#child.kill(signal)
    if (signal === 'SIGSTOP') await this.#isStopped(true)
    else if (signal === 'SIGCONT') await this.#isStopped(false)
    else await this.#exited
  }

  /** Ends it in any state, and removes everything that it published. */
  async stop() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGCONT')
      if (this.#child.connected) this.#child.disconnect()
      await this.#exited
    }
    for (const instanceId of this.#instanceIds) {
      fs.rmSync(path.join(this.baseDir, instanceId), { recursive: true, force: true })
    }
    if (this.#ownsBaseDir) fs.rmSync(this.baseDir, { recursive: true, force: true })
  }

  /**
   * @param {string} method
   * @param {unknown} [argument]
   * @returns {Promise<State>}
   */
  #call(method, argument) {
    const id = ++this.#calls
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#child.send({ id, method, argument }, (error) => {
        if (error && this.#pending.delete(id)) reject(error)
      })
    })
  }

  /** @param {Reply} reply */
  #settle({ id = 0, state, error }) {
    const call = this.#pending.get(id)
    this.#pending.delete(id)
    if (state) {
      this.#state = state
      this.#instanceIds.add(state.instance.instanceId)
      call?.resolve(state)
    } else {
      call?.reject(Object.assign(new Error(error?.message), { code: error?.code }))
    }
  }

  /** A signal is delivered a moment after kill() returns. @param {boolean} wanted */
  async #isStopped(wanted) {
    for (;;) {
      if (((await stateOf(Number(this.pid))) === 'T') === wanted) return
      await delay(1)
    }
  }
}

/**
 * Gives the state of a process as one letter. Small Linux containers have no ps, and macOS no /proc.
 * @param {number} pid
 */
async function stateOf(pid) {
  if (process.platform === 'linux')
    return /^State:\t(.)/m.exec(await fs.promises.readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
  const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=', '-p', String(pid)])
  return stdout.trim()[0]
}

/** @param {FakeOsaurusOptions} [options] */
async function startFakeProcess(options = {}) {
  const fake = new FakeProcess(options)
  await fake.start(options)
  return fake
}

module.exports = { startFakeProcess }
