// What does a fake Osaurus do when it starts, changes, crashes, comes back and quits?
'use strict'

const { randomUUID } = require('node:crypto')
const { setTimeout: delay } = require('node:timers/promises')
const { describe } = require('./configuration.js')
const { checkBoolean, checkOneOf, checkOptions } = require('./options.js')
const { Publisher } = require('./publisher.js')
const { createRoutes } = require('./routes.js')
const { HOST, Server } = require('./server.js')

/**
 * @typedef {import('./configuration.js').Configuration} Configuration
 * @typedef {import('./configuration.js').Health} Health
 * @typedef {import('osaurus-discovery').OsaurusInstance} OsaurusInstance
 */

// The clock that files are stamped with ticks every 4 to 16 ms. The real one takes seconds to come back; had both files
// the same time, nobody could tell which of the two is the leftover.
const FILE_CLOCK_TICK_MS = 20

class FakeOsaurus {
  #publisher
  #server
  #lanAddress
  #instanceId = ''
  /** @type {Health} */
  #health
  #exposed
  /** @type {'alive' | 'crashed' | 'stopped'} */
  #life = 'alive'
  /** What it published last. @type {Configuration | undefined} */
  #published
  /** Calls are carried out one after the other. @type {Promise<unknown>} */
  #queue = Promise.resolve()

  /** @param {ReturnType<typeof checkOptions>} options */
  constructor({ baseDir, port, exposeToNetwork, lanAddress, accessKey, health, models }) {
    this.#lanAddress = lanAddress
    this.#exposed = exposeToNetwork
    this.#health = health
    this.#server = new Server(port, createRoutes({ models, accessKey, isExposed: () => this.#exposed }))
    this.#publisher = new Publisher(baseDir)
  }

  get baseDir() {
    return this.#publisher.baseDir
  }

  get url() {
    return `http://${HOST}:${this.#server.port}`
  }

  get instance() {
    const { instanceId, updatedAt, health, ...rest } = /** @type {Configuration} */ (this.#published)
    // Only a running one says where; the contract's type knows no other kind.
    return /** @type {OsaurusInstance} */ ({ instanceId, updatedAt: Date.parse(updatedAt), ...rest })
  }

  get requests() {
    return [...this.#server.requests]
  }

  get connections() {
    return this.#server.connections
  }

  /** The first launch. What it leaves when it fails is nothing. */
  async start() {
    try {
      // A starting one does not listen yet; but that its port is free is found out now, not by setHealth().
      await this.#server.listen()
      if (this.#health !== 'running') await this.#server.close()
      this.#instanceId = randomUUID().toUpperCase()
      await this.#publish()
    } catch (error) {
      await this.stop().catch(() => {}) // What went wrong first is what the caller must know.
      throw error
    }
  }

  /** @param {Health} health */
  async setHealth(health) {
    checkOneOf(health, ['starting', 'restarting', 'running'], 'health')
    await this.#inTurn(async () => {
      this.#mustLive('setHealth')
      if (health === 'running') await this.#server.listen()
      this.#health = health
      await this.#publish()
      if (health !== 'running') await this.#server.close()
    })
  }

  /** @param {boolean} expose */
  async setExposed(expose) {
    checkBoolean(expose, 'expose')
    await this.#inTurn(async () => {
      this.#mustLive('setExposed')
      this.#exposed = expose
      if (this.#health === 'running') await this.#publish()
    })
  }

  async crash() {
    await this.#inTurn(async () => {
      if (this.#life === 'crashed') return
      this.#mustLive('crash')
      this.#life = 'crashed'
      await this.#server.close()
    })
  }

  async relaunch() {
    await this.#inTurn(async () => {
      if (this.#life === 'alive') {
        this.#publisher.withdraw(this.#instanceId)
        await this.#server.close()
        this.#life = 'crashed' // Should the launch fail, it is as gone as after a crash, and can be tried again.
      } else if (this.#life === 'stopped') {
        this.#mustLive('relaunch')
      }
      await delay(FILE_CLOCK_TICK_MS)
      await this.#server.listen()
      this.#life = 'alive'
      this.#health = 'running'
      this.#instanceId = randomUUID().toUpperCase()
      await this.#publish()
    })
  }

  suspend() {
    this.#mustLive('suspend')
    this.#server.suspend()
  }

  resume() {
    this.#server.resume()
  }

  async stop() {
    await this.#inTurn(async () => {
      this.#life = 'stopped'
      try {
        this.#publisher.remove()
      } finally {
        await this.#server.close()
      }
    })
  }

  async #publish() {
    const configuration = describe({
      instanceId: this.#instanceId,
      health: this.#health,
      address: this.#exposed ? this.#lanAddress : HOST,
      port: this.#server.port,
      exposeToNetwork: this.#exposed,
    })
    await this.#publisher.publish(configuration)
    this.#published = configuration
  }

  /**
   * @param {() => Promise<void>} action
   * @returns {Promise<void>}
   */
  #inTurn(action) {
    const turn = this.#queue.then(action)
    this.#queue = turn.catch(() => {}) // Told to the caller; the next call is not to blame.
    return turn
  }

  /** @param {string} method */
  #mustLive(method) {
    if (this.#life === 'alive') return
    const next =
      this.#life === 'crashed' ? 'relaunch() starts it again' : 'startFakeOsaurus() starts another one'
    const message = `The fake Osaurus cannot ${method}(): it has ${this.#life}. ${next}.`
    throw Object.assign(new Error(message), { code: 'ERR_INVALID_STATE' })
  }
}

// Node 20 and later; elsewhere the method is left out, and stop() is called by hand.
if (Symbol.asyncDispose) {
  Object.defineProperty(FakeOsaurus.prototype, Symbol.asyncDispose, {
    value: FakeOsaurus.prototype.stop,
    configurable: true,
    writable: true,
  })
}

/** @type {typeof import('osaurus-discovery/testing').startFakeOsaurus} */
async function startFakeOsaurus(options) {
  const fake = new FakeOsaurus(checkOptions(options))
  await fake.start()
  return /** @type {import('osaurus-discovery/testing').FakeOsaurus} */ (/** @type {unknown} */ (fake))
}

module.exports = { startFakeOsaurus }
