// Advertises a fake on the local network while it runs and is exposed.
'use strict'

const { randomBytes } = require('node:crypto')

const { advertise } = require('../advertise.js')
const { AGENTS } = require('./api/agents.js')

/** @typedef {{ name: string, where: 'loopback' | 'network' }} Place */

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
  /** @type {{ port: number, withdraw(): void } | undefined} */
  #current

  /** @param {Place | undefined} place undefined for a fake that is never advertised */
  constructor(place) {
    this.#place = place
  }

  /** Advertises the server on this port, or no longer. @param {number | undefined} port */
  update(port) {
    if (!this.#place || this.#current?.port === port) return
    this.withdraw()
    if (port === undefined) return
    this.#current = { port, ...announce(this.#host, this.#place, port) }
    if (advertised.size === 0) process.on('exit', withdrawAtExit)
    advertised.add(this)
  }

  /** Says goodbye. Synchronous, because a process that exits runs no asynchronous work. */
  withdraw() {
    this.#current?.withdraw()
    this.#current = undefined
    advertised.delete(this)
    if (advertised.size === 0) process.off('exit', withdrawAtExit)
  }
}

/** @param {string} host @param {Place} place @param {number} port */
function announce(host, { name, where }, port) {
  const agents = AGENTS.map(({ id, name, description }) => ({ id, name, description }))
  const advertisement = advertise({ host, machine: name, port, agents, loopbackOnly: where === 'loopback' })
  return { withdraw: () => advertisement.withdraw() }
}

module.exports = { Advertiser }
