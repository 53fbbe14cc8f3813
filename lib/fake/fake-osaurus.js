// Runs the life of a fake Osaurus: start, change, crash, relaunch and stop.
'use strict'

const { randomUUID } = require('node:crypto')
const { setTimeout: delay } = require('node:timers/promises')
const { invalidValue } = require('../errors.js')
const { AccessKeys, createFakeAccessKey } = require('./access-keys.js')
const { Advertiser } = require('./advertiser.js')
const { describe, toInstance } = require('./configuration.js')
const { Gate } = require('./gate.js')
const { Life } = require('./life.js')
const options = require('./options.js')
const { Publisher } = require('./publisher.js')
const { createRoutes } = require('./routes.js')
const { ALL_ADDRESSES, HOST, Server } = require('./server.js')
const { Turns } = require('./turns.js')

/**
 * @typedef {import('./configuration.js').Configuration} Configuration
 * @typedef {import('./configuration.js').Health} Health
 */

// File systems take times from a clock that ticks every 4 to 16 ms. Osaurus takes seconds to come back; were both files
// of one time, a reader could not tell which of the two is the leftover.
const FILE_CLOCK_TICK_MS = 20

class FakeOsaurus {
  #publisher
  #advertiser
  #server
  #gate
  #keys
  #lanAddress
  #instanceId = ''
  /** @type {Health} */
  #health
  /** What the user saved: published at once, and used by the next listen(). @type {{ port: number, expose: boolean }} */
  #settings
  #life = new Life()
  /** What was published last. @type {Configuration | undefined} */
  #published
  /** crash() and stop() interrupt a long start. */
  #turns = new Turns()

  /**
   * @param {ReturnType<typeof options.startOptions>} started
   * @param {import('./advertiser.js').LoadAdvertisement} loadAdvertisement
   */
  constructor(started, loadAdvertisement) {
    const { baseDir, port, exposeToNetwork, lanAddress, accessKeys, corsOrigins, health, ...others } = started
    const { models, answer, slow, wordDelayMs, advertise } = others
    this.#lanAddress = lanAddress
    this.#settings = { port, expose: exposeToNetwork }
    this.#health = health
    this.#keys = new AccessKeys(accessKeys)
    this.#gate = new Gate(this.#keys, { exposeToNetwork, corsOrigins })
    const routes = createRoutes(this.#gate, { models, answer })
    const hosts = advertise?.where === 'network' ? ALL_ADDRESSES : HOST
    this.#server = new Server(routes, this.#gate, { slow, wordDelayMs }, hosts)
    this.#advertiser = new Advertiser(advertise, loadAdvertisement)
    this.#publisher = new Publisher(baseDir)
  }

  get baseDir() {
    return this.#publisher.baseDir
  }

  get url() {
    return `http://${HOST}:${this.#server.port}`
  }

  get instance() {
    return toInstance(/** @type {Configuration} */ (this.#published))
  }

  get requests() {
    return this.#server.recorder.requests
  }

  get connections() {
    return this.#server.connections
  }

  async start() {
    try {
      // A starting fake does not listen yet, but a port that is in use fails here, and not in setHealth().
      await this.#listen()
      if (this.#health !== 'running') await this.#server.close()
      this.#instanceId = randomUUID().toUpperCase()
      await this.#publish()
    } catch (error) {
      await this.stop().catch(() => {}) // The caller gets the first error.
      throw error
    }
  }

  /** @param {Health} health */
  async setHealth(health) {
    options.validateOneOf(health, ['starting', 'restarting', 'running'], 'health')
    await this.#turns.run(async () => {
      this.#life.assertAlive('setHealth')
      if (health === 'running') await this.#listen()
      this.#health = health
      await this.#publish()
      if (health !== 'running') await this.#server.close()
    })
  }

  /** @param {boolean} expose */
  async setExposed(expose) {
    options.validateBoolean(expose, 'expose')
    await this.#turns.run(async () => {
      this.#life.assertAlive('setExposed')
      this.#settings.expose = expose
      this.#gate.isExposed = expose
      if (this.#health === 'running') await this.#publish()
    })
  }

  /** @param {import('osaurus-discovery/testing').FakeServeOptions} [given] */
  async serve(given) {
    const { port, expose = false } = options.serveOptions(given)
    await this.#turns.run(() => this.#save('serve', { port, expose }))
  }

  /** @param {import('osaurus-discovery/testing').FakeRestartOptions} [given] */
  async restart(given) {
    const { port, expose, delayMs = 0, startingMs = 0 } = options.restartOptions(given)
    await this.#turns.run(async () => {
      await this.#save('restart', { port, expose })
      await this.#turns.wait(delayMs, 'restart')
      for (const health of /** @type {const} */ (['restarting', 'starting'])) {
        this.#health = health
        await this.#publish()
        await this.#server.close()
      }
      await this.#turns.wait(startingMs, 'restart')
      await this.#run()
    })
  }

  async crash() {
    await this.#turns.interrupt(async () => {
      if (this.#life.state === 'crashed') return
      this.#life.assertAlive('crash')
      this.#life.state = 'crashed'
      // The system withdraws what a process has advertised, however the process ends.
      this.#advertise()
      await this.#server.close()
    })
  }

  /** @param {import('osaurus-discovery/testing').FakeRelaunchOptions} [given] */
  async relaunch(given) {
    const { port, startingMs = 0 } = options.relaunchOptions(given)
    await this.#turns.run(async () => {
      if (this.#life.state === 'stopped') this.#life.assertAlive('relaunch')
      if (this.#life.state === 'alive') {
        this.#publisher.withdraw(this.#instanceId)
        this.#advertiser.withdraw()
        await this.#server.close()
        this.#life.state = 'crashed' // A launch that fails leaves it down, as a crash does, and it may be tried again.
      }
      await delay(FILE_CLOCK_TICK_MS)
      if (port !== undefined) this.#settings.port = port
      this.#instanceId = randomUUID().toUpperCase()
      if (startingMs > 0) {
        this.#life.state = 'alive'
        this.#health = 'starting'
        await this.#publish()
        await this.#turns.wait(startingMs, 'relaunch')
      }
      await this.#run()
    })
  }

  suspend() {
    this.#life.assertAlive('suspend')
    this.#server.suspend()
  }

  resume() {
    this.#server.resume()
  }

  /**
   * @param {number} status
   * @param {{ path?: string }} [given]
   */
  failNext(status, given) {
    options.validateStatus(status, 'status')
    this.#server.failures.push({ status, path: options.failureOptions(given).path })
  }

  /** @param {number} ms */
  setSlow(ms) {
    options.validateDelay(ms, 'ms')
    this.#server.pace.slow = ms
  }

  /** @param {string} [key] */
  addAccessKey(key = createFakeAccessKey()) {
    options.validateAccessKey(key, 'key')
    this.#keys.add(key)
    return key
  }

  /** @param {string} key */
  revokeAccessKey(key) {
    options.validateAccessKey(key, 'key')
    if (!this.#keys.revoke(key)) throw invalidValue('key', 'must be an access key of this fake', '(hidden)')
  }

  async stop() {
    await this.#turns.interrupt(async () => {
      this.#life.state = 'stopped'
      this.#advertise()
      try {
        this.#publisher.remove()
      } finally {
        await this.#server.close()
      }
    })
  }

  /**
   * Saves settings and publishes them. The listener stays where it is.
   * @param {string} method
   * @param {import('osaurus-discovery/testing').FakeServeOptions} settings
   */
  async #save(method, { port = this.#settings.port, expose = this.#settings.expose }) {
    this.#life.assertAlive(method)
    this.#settings = { port, expose }
    if (this.#health === 'running') await this.#publish()
  }

  /** Listens and publishes. Where it cannot listen, it withdraws the instance, as Osaurus does. */
  async #run() {
    try {
      await this.#listen()
    } catch (error) {
      this.#publisher.withdraw(this.#instanceId)
      this.#life.state = 'crashed'
      throw error
    }
    this.#life.state = 'alive'
    this.#health = 'running'
    await this.#publish()
  }

  /** Applies the saved settings, unless the server listens already. */
  async #listen() {
    if (this.#server.listening) return
    await this.#server.listen(this.#settings.port)
    this.#gate.isExposed = this.#settings.expose
    this.#settings.port ||= this.#server.port
  }

  async #publish() {
    const configuration = describe({
      instanceId: this.#instanceId,
      health: this.#health,
      // Osaurus looks the address up when it starts to listen, and not when settings change.
      address: this.#gate.isExposed ? this.#lanAddress : HOST,
      port: this.#settings.port,
      exposeToNetwork: this.#settings.expose,
    })
    await this.#publisher.publish(configuration)
    this.#published = configuration
    this.#advertise()
  }

  /** Osaurus advertises a server while it runs and is exposed. */
  #advertise() {
    const isRunning = this.#life.state === 'alive' && this.#health === 'running'
    this.#advertiser.update(isRunning && this.#gate.isExposed ? this.#server.port : undefined)
  }
}

// Where the symbol is missing, stop() is called by hand.
if (Symbol.asyncDispose) {
  Object.defineProperty(FakeOsaurus.prototype, Symbol.asyncDispose, {
    value: FakeOsaurus.prototype.stop,
    configurable: true,
    writable: true,
  })
}

/**
 * @param {import('osaurus-discovery/testing').FakeOsaurusOptions | undefined} given
 * @param {import('./advertiser.js').LoadAdvertisement} loadAdvertisement
 */
async function startFakeOsaurus(given, loadAdvertisement) {
  const fake = new FakeOsaurus(options.startOptions(given), loadAdvertisement)
  await fake.start()
  return /** @type {import('osaurus-discovery/testing').FakeOsaurus} */ (/** @type {unknown} */ (fake))
}

module.exports = { startFakeOsaurus }
