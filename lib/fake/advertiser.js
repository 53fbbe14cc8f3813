// Advertises a fake on the local network while it runs and is exposed.
'use strict'

const { randomBytes } = require('node:crypto')

const { errorOf } = require('../errors.js')
const { AGENTS } = require('./api/agents.js')

/**
 * @typedef {{ name: string, where: 'loopback' | 'network' }} AdvertiseOptions
 * @typedef {typeof import('../addon/addon.js').Advertisement} Advertisement
 * @typedef {() => Advertisement} LoadAdvertisement
 */

/** @type {Set<Advertiser>} */
const advertised = new Set()

// For a process that ends without stop(). All fakes share one listener, because Node warns of more than ten.
function withdrawAtExit() {
  for (const advertiser of advertised) advertiser.withdraw()
}

class Advertiser {
  #place
  /** Fakes of tests that run at the same time must not meet: the name of a Mac need not be unique, but its host name must. */
  #host = `osaurus-fake-${randomBytes(4).toString('hex')}`
  #loadAdvertisement
  /** The port that is advertised. @type {number | undefined} */
  #port
  /** @type {InstanceType<Advertisement> | undefined} */
  #advertisement

  /**
   * @param {AdvertiseOptions | undefined} place undefined for a fake that is never advertised
   * @param {LoadAdvertisement} loadAdvertisement loads the addon
   */
  constructor(place, loadAdvertisement) {
    this.#place = place
    this.#loadAdvertisement = loadAdvertisement
  }

  /** Advertises the server on this port, or no longer. @param {number | undefined} port */
  update(port) {
    if (!this.#place || this.#port === port) return
    this.withdraw()
    if (port === undefined) return
    this.#advertisement = this.#announce(this.#place, port)
    this.#port = port
    if (advertised.size === 0) process.on('exit', withdrawAtExit)
    advertised.add(this)
  }

  /** @param {AdvertiseOptions} place @param {number} port */
  #announce({ name, where }, port) {
    const Advertisement = this.#loadAdvertisement()
    const agents = AGENTS.map(({ id, name, description }) => ({ id, name, description }))
    const advertisement = new Advertisement(this.#host, name, port, agents, where === 'loopback')
    const failure = advertisement.start()
    if (failure) throw errorOf(failure)
    return advertisement
  }

  /** Says goodbye. Synchronous, because a process that exits runs no asynchronous work. */
  withdraw() {
    this.#advertisement?.withdraw()
    this.#advertisement = undefined
    this.#port = undefined
    advertised.delete(this)
    if (advertised.size === 0) process.off('exit', withdrawAtExit)
  }
}

module.exports = { Advertiser }
